//! The own name, and the language of mails.

use formhold_domain::{
    Language,
    access::{Action, Caller},
    accounts::{PersonName, User},
    audit::{AuditAction, AuditEntry},
};
use formhold_store::UserUpdate;
use serde_json::{Value, json};

use crate::{App, InputProblem, ServiceError, access::require_own};

/// Changes the caller's name and language.
///
/// # Errors
/// [`ServiceError::Invalid`] with all problems.
pub async fn change_profile(
    app: &App,
    caller: &Caller,
    name: &str,
    language: &str,
) -> Result<(), ServiceError> {
    patch_profile(app, caller, None, Some(name), Some(language)).await.map(|_| ())
}

/// Changes the caller's name, language, or both; what is none stays. `version` is the one that the
/// caller looked at; none takes whichever there is.
///
/// # Errors
/// [`ServiceError::Invalid`] with all problems, [`ServiceError::Stale`] when the account has another
/// version.
pub async fn patch_profile(
    app: &App,
    caller: &Caller,
    version: Option<u32>,
    name: Option<&str>,
    language: Option<&str>,
) -> Result<User, ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let name = name
        .map(PersonName::parse)
        .transpose()
        .map_err(|problem| InputProblem::new("name", "WRONG_NAME", problem.to_string()));
    let unknown = || InputProblem::new("language", "UNKNOWN_LANGUAGE", "is none that we write in");
    let language = language.map(|tag| Language::parse(tag).ok_or_else(unknown)).transpose();
    let (name, language) = match (name, language) {
        (Ok(name), Ok(language)) => (name, language),
        (name, language) => {
            let problems = name.err().into_iter().chain(language.err()).collect();
            return Err(ServiceError::Invalid(problems));
        }
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = change.user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if version.is_some_and(|version| version != before.version) {
        return Err(ServiceError::Stale("your account"));
    }
    let name = name.filter(|name| before.name != *name);
    let language = language.filter(|language| before.language != *language);
    if name.is_none() && language.is_none() {
        change.roll_back().await?;
        return Ok(before);
    }
    let update = UserUpdate { name, language, ..UserUpdate::default() };
    change.update_user(before.id, before.version, update).await?;
    let after = change.user(before.id).await?.ok_or(ServiceError::SignInRequired)?;
    let entry = AuditEntry::new(AuditAction::UserChange, caller).on("user", before.id);
    change.record(entry.with(json!({ "before": shown(&before), "after": shown(&after) })));
    change.commit().await?;
    Ok(after)
}

fn shown(user: &User) -> Value {
    json!({ "name": user.name.as_str(), "language": user.language.tag() })
}
