//! Changing forms: every change is a version.

use formhold_domain::{
    FormDefinition, FormId, FormState, Slug,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_store::FormRecord;
use serde_json::json;

use super::{FormDetails, compile, list::details, require_form};
use crate::{App, ServiceError};

/// What of a form is changed by itself; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct FormPatch {
    /// Its name.
    pub name: Option<String>,
    /// Its slug.
    pub slug: Option<String>,
    /// Whether it takes submissions.
    pub state: Option<FormState>,
}

/// Renames, opens or closes a form. `version` is the one that the caller looked at; none takes
/// whichever there is.
///
/// # Errors
/// As [`change_form`], and [`ServiceError::Invalid`] when the slug is none.
pub async fn patch_form(
    app: &App,
    caller: &Caller,
    id: FormId,
    version: Option<u32>,
    patch: FormPatch,
) -> Result<FormDetails, ServiceError> {
    let slug = patch.slug.as_deref().map(parse_slug).transpose()?;
    let edit = |form: FormDefinition| FormDefinition {
        name: patch.name.unwrap_or(form.name),
        slug: slug.unwrap_or(form.slug),
        state: patch.state.unwrap_or(form.state),
        ..form
    };
    change_form(app, caller, id, version, edit).await
}

/// Puts what `edit` makes of a form's definition in force as its next version; where that is the same,
/// nothing is changed. `version` is the one that the caller looked at; none takes whichever there is.
///
/// # Errors
/// [`ServiceError::Stale`] when it has another version, [`ServiceError::Definition`] with all problems
/// of the definition, [`ServiceError::Conflict`] when another form has the slug.
pub async fn change_form(
    app: &App,
    caller: &Caller,
    id: FormId,
    version: Option<u32>,
    edit: impl FnOnce(FormDefinition) -> FormDefinition,
) -> Result<FormDetails, ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id}"));
    let workspace_id = require_form(app, caller, Action::ChangeForms, id, gone).await?;
    let before = app.store.get_form(id).await?;
    let before = before.filter(|form| form.deleted_at_ms.is_none()).ok_or_else(gone)?;
    if version.is_some_and(|version| version != before.version) {
        return Err(ServiceError::Stale("the form"));
    }
    let definition = edit(before.definition.clone());
    if definition == before.definition {
        return one(app, before).await;
    }
    let now_ms = app.clock.now_ms();
    let version = before.version + 1;
    let after =
        FormRecord { version, definition, updated_at_ms: now_ms, deleted_at_ms: None, ..before };
    // Compiled before anything is written: a definition that makes no sense is never stored.
    compile(after.clone())?;
    let slug = after.definition.slug.to_string();
    let mut change = app.store.begin(now_ms).await?;
    let updated = change.update_form(id, version - 1, &after.definition).await;
    if !updated.map_err(|error| taken(error, &slug))? {
        return Err(ServiceError::Stale("the form"));
    }
    // The definition itself is kept with its version.
    let details = json!({ "slug": slug, "version": version });
    let entry = AuditEntry::new(AuditAction::FormChange, caller).on("form", id);
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    app.forms.drop_all().await;
    one(app, after).await
}

pub(super) async fn one(app: &App, record: FormRecord) -> Result<FormDetails, ServiceError> {
    let id = record.id;
    let found = details(app, vec![record]).await?;
    found.into_iter().next().ok_or_else(|| ServiceError::NotFound(format!("form {id}")))
}

pub(super) fn parse_slug(text: &str) -> Result<Slug, ServiceError> {
    Slug::parse(text).map_err(|_| {
        let message =
            "must be 1 to 64 lower-case letters, digits and single hyphens, as in `contact-us`";
        ServiceError::invalid("slug", "NOT_A_SLUG", message)
    })
}

/// A conflict in words that name the slug.
pub(super) fn taken(error: formhold_store::StoreError, slug: &str) -> ServiceError {
    match ServiceError::from(error) {
        ServiceError::Conflict(_) => ServiceError::Conflict(format!(
            "another form has the address `{slug}`, perhaps one in the trash or in another workspace"
        )),
        other => other,
    }
}
