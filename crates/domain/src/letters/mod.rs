//! What mails about an account say. A language is one file here and one line in `LANGUAGES`; a
//! text that is missing in it does not compile.

mod de;
mod en;

use serde::{Deserialize, Serialize};

use crate::{EmailAddress, Language};

const LANGUAGES: &[(&str, &LetterTexts)] = &[("en", &en::TEXTS), ("de", &de::TEXTS)];

/// A mail about an account, before it is written out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Where it goes.
    pub to: EmailAddress,
    /// What the person is called.
    pub name: String,
    /// The language to write it in.
    pub language: Language,
    /// What it is about.
    pub subject: LetterSubject,
}

/// What a mail is about. Links are whole addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are addresses and names")]
pub enum LetterSubject {
    /// Shows that mail arrives; sent after registration.
    ConfirmEmail { link: String },
    /// Somebody registered with an address that has an account.
    HasAccount { sign_in: String, forgot: String },
    /// Somebody registered again with another password, before the address was confirmed.
    RegisteredAgain { link: String },
    /// Sets a new password.
    ResetPassword { link: String },
    /// Asks the old address whether the account may move to a new one.
    LeaveEmail { new_email: String, link: String },
    /// Shows that mail to the new address arrives.
    ReachEmail { link: String },
    /// Somebody wants their account to move to an address that has one.
    AddressTaken { sign_in: String },
    /// The address was changed; to the old one.
    EmailChanged { new_email: String },
    /// The password was changed.
    PasswordChanged { forgot: String },
    /// The account was deleted by its owner.
    AccountDeleted,
    /// A factor was added or taken away.
    FactorsChanged { what: FactorsChange, account: String },
    /// Invites to a workspace.
    Invitation { workspace: String, invited_by: String, link: String },
}

/// How the ways to sign in changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the letters say what each is")]
pub enum FactorsChange {
    TotpOn,
    TotpOff,
    PasskeyAdded,
    PasskeyRemoved,
    RecoveryCodeUsed,
    RecoveryCodesNew,
    ProviderLinked,
    Reset,
}

/// The texts of one language. `{name}` and the like stand for values, which are never read again.
struct LetterTexts {
    greeting: &'static str,
    closing: &'static str,
    confirm_email: [&'static str; 2],
    has_account: [&'static str; 2],
    registered_again: [&'static str; 2],
    reset_password: [&'static str; 2],
    leave_email: [&'static str; 2],
    reach_email: [&'static str; 2],
    address_taken: [&'static str; 2],
    email_changed: [&'static str; 2],
    password_changed: [&'static str; 2],
    account_deleted: [&'static str; 2],
    factors_changed: [&'static str; 2],
    totp_on: &'static str,
    totp_off: &'static str,
    passkey_added: &'static str,
    passkey_removed: &'static str,
    recovery_code_used: &'static str,
    recovery_codes_new: &'static str,
    provider_linked: &'static str,
    factors_reset: &'static str,
    invitation: [&'static str; 2],
}

/// A mail, written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenLetter {
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl Letter {
    /// Writes the mail out.
    #[must_use]
    pub fn write(&self) -> WrittenLetter {
        let known = LANGUAGES.iter().find(|(tag, _)| *tag == self.language.tag());
        let texts = known.map_or(&en::TEXTS, |(_, texts)| texts);
        let ([subject, body], values): (_, Vec<(&str, &str)>) = match &self.subject {
            LetterSubject::ConfirmEmail { link } => (texts.confirm_email, vec![("{link}", link)]),
            LetterSubject::HasAccount { sign_in, forgot } => {
                (texts.has_account, vec![("{sign_in}", sign_in), ("{forgot}", forgot)])
            }
            LetterSubject::RegisteredAgain { link } => {
                (texts.registered_again, vec![("{link}", link)])
            }
            LetterSubject::ResetPassword { link } => (texts.reset_password, vec![("{link}", link)]),
            LetterSubject::LeaveEmail { new_email, link } => {
                (texts.leave_email, vec![("{new_email}", new_email), ("{link}", link)])
            }
            LetterSubject::ReachEmail { link } => (texts.reach_email, vec![("{link}", link)]),
            LetterSubject::AddressTaken { sign_in } => {
                (texts.address_taken, vec![("{sign_in}", sign_in)])
            }
            LetterSubject::EmailChanged { new_email } => {
                (texts.email_changed, vec![("{new_email}", new_email)])
            }
            LetterSubject::PasswordChanged { forgot } => {
                (texts.password_changed, vec![("{forgot}", forgot)])
            }
            LetterSubject::AccountDeleted => (texts.account_deleted, Vec::new()),
            LetterSubject::FactorsChanged { what, account } => {
                let what = match what {
                    FactorsChange::TotpOn => texts.totp_on,
                    FactorsChange::TotpOff => texts.totp_off,
                    FactorsChange::PasskeyAdded => texts.passkey_added,
                    FactorsChange::PasskeyRemoved => texts.passkey_removed,
                    FactorsChange::RecoveryCodeUsed => texts.recovery_code_used,
                    FactorsChange::RecoveryCodesNew => texts.recovery_codes_new,
                    FactorsChange::ProviderLinked => texts.provider_linked,
                    FactorsChange::Reset => texts.factors_reset,
                };
                (texts.factors_changed, vec![("{what}", what), ("{account}", account)])
            }
            LetterSubject::Invitation { workspace, invited_by, link } => {
                let values =
                    vec![("{workspace}", &**workspace), ("{by}", invited_by), ("{link}", link)];
                (texts.invitation, values)
            }
        };
        let greeting = fill(texts.greeting, &[("{name}", &self.name)]);
        let body = fill(body, &values);
        WrittenLetter {
            subject: fill(subject, &values).replace(char::is_control, " "),
            text: format!("{greeting}\n\n{body}\n\n{}\n", texts.closing),
        }
    }
}

/// Puts values in their places in one pass: what a value says is not looked at again.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 128);
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(place, _)| rest.starts_with(place)) {
            Some((place, value)) => {
                filled.push_str(value);
                rest = &rest[place.len()..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}
