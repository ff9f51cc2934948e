//! Forms: finding, making, changing.

use std::{sync::Arc, time::Duration};

use formhold_domain::{
    CompiledForm, FormDefinition, FormId, FormKey, Identity, WorkspaceId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_kv::CacheOptions;
use formhold_store::{FormRecord, FormSummary, NewForm};

use crate::{
    App, ServiceError,
    access::{nothing, require},
    workspaces,
};

/// Compiled forms by key and by slug; misses too, so that they cost no query either. A change made
/// by another process is seen after this time at the latest.
pub(crate) const CACHE: CacheOptions =
    CacheOptions { capacity: 2_000, time_limit: Duration::from_secs(5) };

/// What a public address leads to.
#[derive(Debug, Clone)]
pub enum Found {
    /// A form, ready to check answers.
    Form(Arc<CompiledForm>),
    /// A form that was deleted.
    Deleted,
    /// Nothing.
    Nothing,
}

/// The form that a key or slug names.
///
/// # Errors
/// When the database fails.
pub async fn find_form(app: &App, key_or_slug: &str) -> Result<Found, ServiceError> {
    // Nothing that cannot be a key or a slug gets to the database or into the cache.
    let plausible = (1..=64).contains(&key_or_slug.len())
        && key_or_slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !plausible {
        return Ok(Found::Nothing);
    }
    let load = async {
        match app.store.find_form(key_or_slug).await? {
            None => Ok(Found::Nothing),
            Some(record) if record.deleted_at_ms.is_some() => Ok(Found::Deleted),
            Some(record) => compile(record).map(Arc::new).map(Found::Form),
        }
    };
    app.forms.get_or_try_load(key_or_slug, load).await.map_err(|error: Arc<ServiceError>| {
        match &*error {
            ServiceError::Unavailable(message) => ServiceError::Unavailable(message.clone()),
            other => ServiceError::Internal(other.to_string()),
        }
    })
}

/// The form that a key or slug names, as it is in the database now.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or it was deleted.
pub async fn get_form(app: &App, key_or_slug: &str) -> Result<CompiledForm, ServiceError> {
    match app.store.find_form(key_or_slug).await? {
        Some(record) if record.deleted_at_ms.is_none() => compile(record),
        _ => Err(ServiceError::NotFound(format!("form `{key_or_slug}`"))),
    }
}

/// The form with this id, for a caller who may do that in its workspace.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or the caller may not know of it; else what
/// [`require`](crate::access::require) says.
pub async fn form_for(
    app: &App,
    caller: &Caller,
    action: Action,
    id: FormId,
) -> Result<(CompiledForm, WorkspaceId), ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id}"));
    let workspace_id = require_form(app, caller, action, id, gone).await?;
    let record = app.store.get_form(id).await?;
    let record = record.filter(|record| record.deleted_at_ms.is_none()).ok_or_else(gone)?;
    Ok((compile(record)?, workspace_id))
}

/// Lets the caller go on who may do this in the workspace of a form, and says which one that is. Who
/// may not even see it learns what `gone` says: the same as of a form that never was.
///
/// # Errors
/// As [`crate::access::require`], and when the database fails.
pub(crate) async fn require_form(
    app: &App,
    caller: &Caller,
    action: Action,
    id: FormId,
    gone: impl Fn() -> ServiceError,
) -> Result<WorkspaceId, ServiceError> {
    let Some(workspace_id) = app.store.workspace_of_form(id).await? else {
        return Err(nothing(caller, gone()));
    };
    match require(caller, action, Some(workspace_id)) {
        Ok(()) => Ok(workspace_id),
        Err(ServiceError::NotFound(_)) => Err(gone()),
        Err(refused) => Err(refused),
    }
}

/// As [`require_form`], for what is done with the submissions of a form that was not deleted, and
/// needs no look at its definition.
pub(crate) async fn require_live_form(
    app: &App,
    caller: &Caller,
    action: Action,
    id: FormId,
) -> Result<WorkspaceId, ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id}"));
    let workspace_id = require_form(app, caller, action, id, gone).await?;
    if app.store.has_form(id).await? { Ok(workspace_id) } else { Err(gone()) }
}

pub(crate) fn compile(record: FormRecord) -> Result<CompiledForm, ServiceError> {
    let slug = record.definition.slug.to_string();
    let identity = Identity { id: record.id, key: record.key, version: record.version };
    CompiledForm::compile(identity, record.definition)
        .map_err(|problems| ServiceError::Definition { slug, problems })
}

/// Up to `limit` forms after the slug `after`, by slug.
///
/// # Errors
/// When the database fails.
pub async fn list_forms(
    app: &App,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<FormSummary>, ServiceError> {
    Ok(app.store.list_forms(after, limit).await?)
}

/// What an import did with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It was made.
    Created,
    /// It got a new version.
    Updated,
    /// It had this very definition already.
    Unchanged,
}

/// Makes a form of this definition, or makes it the next version of the form with this key, or
/// else with this slug.
///
/// # Errors
/// [`ServiceError::Definition`] with all problems of the definition, [`ServiceError::Conflict`]
/// when another form has the slug or the form was changed at the same time.
pub async fn import_form(
    app: &App,
    caller: &Caller,
    key: Option<FormKey>,
    definition: FormDefinition,
) -> Result<(CompiledForm, Imported), ServiceError> {
    let slug = definition.slug.to_string();
    let name = key.as_ref().map_or(slug.as_str(), FormKey::as_str);
    let existing = app.store.find_form(name).await?;
    let conflict = |error: formhold_store::StoreError| match ServiceError::from(error) {
        ServiceError::Conflict(_) => {
            ServiceError::Conflict(format!("another form has the slug `{slug}` or the same key"))
        }
        other => other,
    };
    let now_ms = app.clock.now_ms();
    let (record, imported) = match existing {
        Some(record) if record.deleted_at_ms.is_some() => {
            return Err(ServiceError::Conflict(format!(
                "form `{name}` was deleted; its name stays taken"
            )));
        }
        Some(record) if record.definition == definition => (record, Imported::Unchanged),
        Some(record) => {
            (FormRecord { version: record.version + 1, definition, ..record }, Imported::Updated)
        }
        None => {
            let key = key.unwrap_or_else(|| app.ids.form_key());
            let record = FormRecord {
                id: FormId(app.ids.uuid()),
                workspace_id: app.store.oldest_workspace().await?.unwrap_or(WorkspaceId::FIRST),
                key,
                version: 1,
                definition,
                deleted_at_ms: None,
            };
            (record, Imported::Created)
        }
    };
    let workspace_id = record.workspace_id;
    // Compiled before anything is written: a definition that makes no sense is never stored.
    let form = compile(record)?;
    let (id, version) = (form.identity.id, form.identity.version);
    let mut change = app.store.begin(now_ms).await?;
    let action = match imported {
        Imported::Unchanged => return Ok((form, imported)),
        Imported::Created => {
            // Kept from being deleted meanwhile: its forms would go with it, and this one would not.
            workspaces::current(&change, workspace_id, None).await?;
            let (key, definition) = (form.identity.key.clone(), form.definition.clone());
            let new = NewForm { id, workspace_id, key, definition };
            change.insert_form(&new).await.map_err(conflict)?;
            AuditAction::FormCreate
        }
        Imported::Updated => {
            let before = version - 1;
            if !change.update_form(id, before, &form.definition).await.map_err(conflict)? {
                return Err(ServiceError::Conflict(format!(
                    "form `{slug}` was changed at the same time; try again"
                )));
            }
            AuditAction::FormChange
        }
    };
    // The definition itself is kept with its version.
    let details = serde_json::json!({ "slug": slug, "version": version });
    let entry = AuditEntry::new(action, caller).on("form", id).within(workspace_id).with(details);
    change.record(entry);
    change.commit().await?;
    app.forms.drop_all().await;
    Ok((form, imported))
}

/// Deletes a form; what was submitted to it stays in the database.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or it was deleted already.
pub async fn delete_form(
    app: &App,
    caller: &Caller,
    key_or_slug: &str,
) -> Result<(), ServiceError> {
    let form = get_form(app, key_or_slug).await?;
    let id = form.identity.id;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    if change.delete_form(id).await? {
        let workspace_id = app.store.workspace_of_form(id).await?.unwrap_or(WorkspaceId::FIRST);
        let details = serde_json::json!({ "slug": form.definition.slug.as_str() });
        let entry = AuditEntry::new(AuditAction::FormDelete, caller);
        change.record(entry.on("form", id).within(workspace_id).with(details));
        change.commit().await?;
    }
    app.forms.drop_all().await;
    Ok(())
}
