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
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let name = PersonName::parse(name)
        .map_err(|problem| InputProblem::new("name", "WRONG_NAME", problem.to_string()));
    let unknown = || InputProblem::new("language", "UNKNOWN_LANGUAGE", "is none that we write in");
    let language = Language::parse(language).ok_or_else(unknown);
    let (name, language) = match (name, language) {
        (Ok(name), Ok(language)) => (name, language),
        (name, language) => {
            let problems = name.err().into_iter().chain(language.err()).collect();
            return Err(ServiceError::Invalid(problems));
        }
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = change.user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if before.name == name && before.language == language {
        return Ok(change.roll_back().await?);
    }
    let after = json!({ "name": name.as_str(), "language": language.tag() });
    let update = UserUpdate { name: Some(name), language: Some(language), ..UserUpdate::default() };
    change.update_user(before.id, before.version, update).await?;
    let entry = AuditEntry::new(AuditAction::UserChange, caller).on("user", before.id);
    change.record(entry.with(json!({ "before": shown(&before), "after": after })));
    change.commit().await?;
    Ok(())
}

fn shown(user: &User) -> Value {
    json!({ "name": user.name.as_str(), "language": user.language.tag() })
}
