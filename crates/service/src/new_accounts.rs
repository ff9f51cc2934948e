//! What somebody wants to be called and sign in with, checked before an account is made of it.

use formhold_domain::{EmailAddress, Language, UserId, access::InstanceRole, accounts::PersonName};
use formhold_identity::passwords::{Password, PasswordProblem};
use formhold_store::NewUser;

use crate::{App, InputProblem, ServiceError};

/// Name, address and password that passed all rules.
pub(crate) struct Checked {
    pub(crate) name: PersonName,
    pub(crate) email: EmailAddress,
    pub(crate) password: Option<Password>,
}

/// Checks what somebody wants to be called and sign in with; all problems at once.
pub(crate) fn checked(
    name: &str,
    email: &str,
    password: Option<&str>,
) -> Result<Checked, ServiceError> {
    let mut problems = Vec::new();
    let mut note = |problem| problems.push(problem);
    let parsed_name = PersonName::parse(name)
        .map_err(|problem| note(InputProblem::new("name", "WRONG_NAME", problem.to_string())));
    let parsed_email = EmailAddress::parse(email)
        .map_err(|message| note(InputProblem::new("email", "NOT_EMAIL", message)));
    let password = password.map(|text| new_password("password", text, &[email, name]));
    let password = password.transpose().map_err(note);
    match (parsed_name, parsed_email, password) {
        (Ok(name), Ok(email), Ok(password)) => Ok(Checked { name, email, password }),
        _ => Err(ServiceError::Invalid(problems)),
    }
}

/// Checks a new password against the rules. `known` is what others know of the person.
pub(crate) fn new_password(
    field: &'static str,
    text: &str,
    known: &[&str],
) -> Result<Password, InputProblem> {
    Password::parse(text, known).map_err(|problem| {
        let (code, message) = match problem {
            PasswordProblem::TooShort { min_bytes } => {
                ("TOO_SHORT", format!("must have at least {min_bytes} characters"))
            }
            PasswordProblem::TooLong { max_bytes } => {
                ("TOO_LONG", format!("must not have more than {max_bytes} bytes"))
            }
            PasswordProblem::Common => {
                ("TOO_COMMON", "is one that many people use; choose another".to_owned())
            }
            PasswordProblem::Personal => {
                ("TOO_PERSONAL", "must not be your name or address".to_owned())
            }
        };
        InputProblem::new(field, code, message)
    })
}

impl Checked {
    /// The account to be made; hashes the password.
    pub(crate) async fn into_new(
        self,
        app: &App,
        id: UserId,
        role: InstanceRole,
        email_confirmed: bool,
    ) -> Result<NewUser, ServiceError> {
        let password_hash = match &self.password {
            Some(password) => Some(app.passwords.hash(password).await?),
            None => None,
        };
        Ok(NewUser {
            id,
            email: self.email,
            email_confirmed,
            name: self.name,
            role,
            language: Language::default(),
            password_hash,
        })
    }
}
