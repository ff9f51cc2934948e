//! The trash of forms. What lies there takes nothing, can come back, and is deleted after a pause.

use formhold_domain::{
    FormId, WorkspaceId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use serde_json::json;

use super::{FormDetails, get_form, require_form, see_form};
use crate::{App, ServiceError, workspaces};

/// For how many days a form can come back.
pub const TRASH_DAYS: u32 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How many forms are deleted for good in one go.
const MOST_FORMS: u64 = 50;

/// What was deleted for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// How many forms.
    pub forms: u64,
    /// How many submissions to them.
    pub submissions: u64,
}

/// Puts a form into the trash. `version` is the one that the caller looked at; none takes whichever
/// there is.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or it is there already, [`ServiceError::Stale`] when
/// it has another version.
pub async fn trash_form(
    app: &App,
    caller: &Caller,
    id: FormId,
    version: Option<u32>,
) -> Result<(), ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id}"));
    let workspace_id = require_form(app, caller, Action::ChangeForms, id, gone).await?;
    let form = app.store.get_form(id).await?;
    let form = form.filter(|form| form.deleted_at_ms.is_none()).ok_or_else(gone)?;
    if version.is_some_and(|version| version != form.version) {
        return Err(ServiceError::Stale("the form"));
    }
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    if !change.delete_form(id).await? {
        return Err(gone());
    }
    let details = json!({ "slug": form.definition.slug.as_str() });
    let entry = AuditEntry::new(AuditAction::FormDelete, caller).on("form", id);
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    app.forms.drop_all().await;
    Ok(())
}

/// Puts the form that a key or slug names into the trash.
///
/// # Errors
/// As [`trash_form`].
pub async fn delete_form(
    app: &App,
    caller: &Caller,
    key_or_slug: &str,
) -> Result<(), ServiceError> {
    let form = get_form(app, key_or_slug).await?;
    trash_form(app, caller, form.identity.id, None).await
}

/// Takes a form out of the trash; it takes submissions again as before.
///
/// # Errors
/// [`ServiceError::NotFound`] when it is not there, or its workspace was deleted.
pub async fn restore_form(
    app: &App,
    caller: &Caller,
    id: FormId,
) -> Result<FormDetails, ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id} in the trash"));
    let unknown = || ServiceError::NotFound(format!("form {id}"));
    let workspace_id = require_form(app, caller, Action::ChangeForms, id, unknown).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    // Kept from being deleted meanwhile: the form would be nobody's.
    workspaces::current(&change, workspace_id, None).await?;
    if !change.restore_form(id).await? {
        return Err(gone());
    }
    let entry = AuditEntry::new(AuditAction::FormRestore, caller).on("form", id);
    change.record(entry.within(workspace_id));
    change.commit().await?;
    app.forms.drop_all().await;
    see_form(app, caller, id).await
}

/// Deletes for good what has been in the trash for longer than [`TRASH_DAYS`], with all that hangs on
/// it; what an earlier call could not finish is gone on with. Files are swept as those without a row.
/// Does at most fifty forms.
///
/// # Errors
/// When the caller is not Formhold itself, or the database fails.
pub async fn purge_trash(app: &App, caller: &Caller) -> Result<Purged, ServiceError> {
    let formhold_domain::access::Actor::System(_) = caller.actor else {
        return Err(ServiceError::Forbidden("only Formhold itself empties the trash".to_owned()));
    };
    let before_ms = app.clock.now_ms() - i64::from(TRASH_DAYS) * DAY_MS;
    let mut purged = Purged::default();
    for (id, workspace_id, slug) in app.store.forms_trashed_before(before_ms, MOST_FORMS).await? {
        if let Some(submissions) = purge(app, caller, before_ms, (id, workspace_id, &slug)).await? {
            purged.forms += 1;
            purged.submissions += submissions;
        }
    }
    app.forms.drop_all().await;
    Ok(purged)
}

/// Deletes one form in steps, so that no transaction is long and a kill loses nothing but time. None
/// when it came back meanwhile.
async fn purge(
    app: &App,
    caller: &Caller,
    before_ms: i64,
    (id, workspace_id, slug): (FormId, WorkspaceId, &str),
) -> Result<Option<u64>, ServiceError> {
    let change = app.store.begin(app.clock.now_ms()).await?;
    if !change.begin_purge(id, before_ms).await? {
        return Ok(None);
    }
    change.commit().await?;
    let mut submissions = 0;
    loop {
        let mut change = app.store.begin(app.clock.now_ms()).await?;
        let deleted = change.purge_submissions(id).await?;
        submissions += deleted;
        if deleted == 0 {
            change.purge_form(id).await?;
            let entry = AuditEntry::new(AuditAction::FormPurge, caller).on("form", id);
            change.record(entry.within(workspace_id).with(json!({ "slug": slug })));
        }
        change.commit().await?;
        if deleted == 0 {
            return Ok(Some(submissions));
        }
    }
}
