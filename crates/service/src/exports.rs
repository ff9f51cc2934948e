//! Exporting the submissions of a form.

use std::io::Write;

use formhold_domain::{
    CompiledForm,
    access::{Action, Actor, Caller},
    audit::{AuditAction, AuditEntry},
};
pub use formhold_exporters::{ALL as FORMATS, Format};
use formhold_exporters::{Options, Receipt, SubmissionColumns, SubmissionRow};

use serde_json::json;

use crate::{App, ServiceError, forms};

/// Writes all submissions of a form, as of one moment and in constant memory, and states what was
/// written. That it begins is in the audit trail before the first row is read. `progress` is told how many of how many rows are done.
///
/// # Errors
/// When the caller may not, or anything fails, so that an export is complete or known not to be.
pub async fn export_form<W: Write + Send>(
    app: &App,
    caller: &Caller,
    key_or_slug: &str,
    format: &Format,
    options: &Options,
    output: W,
    mut progress: impl FnMut(u64, u64),
) -> Result<(W, Receipt), ServiceError> {
    let form = forms::get_form(app, key_or_slug).await?;
    note(app, caller, &form, format.name).await?;
    let mut snapshot = app.store.export_snapshot(form.identity.id).await?;
    let total = snapshot.count().await?;
    let mut columns = SubmissionColumns::of(&form);
    if format.needs_columns {
        loop {
            let page = snapshot.next_page().await?;
            page.iter().for_each(|submission| columns.see(submission));
            if page.is_empty() {
                break;
            }
        }
        snapshot.rewind();
    }
    let mut export = format.start(output, columns.into_table(), options)?;
    loop {
        let page = snapshot.next_page().await?;
        if page.is_empty() {
            break;
        }
        for submission in &page {
            export.row(&SubmissionRow { form: form.definition.slug.as_str(), submission })?;
        }
        progress(export.rows(), total);
    }
    if export.rows() != total {
        return Err(ServiceError::Internal(format!(
            "the export has {} rows where the database counts {total}",
            export.rows()
        )));
    }
    Ok(export.finish()?)
}

/// Lets the caller export what was submitted to a form, and notes it in the audit trail: at the
/// start, because what was read before an export broke off is out as well.
///
/// # Errors
/// [`ServiceError::NotFound`] for a form that the caller does not see.
pub(crate) async fn note(
    app: &App,
    caller: &Caller,
    form: &CompiledForm,
    format: &str,
) -> Result<(), ServiceError> {
    let (id, slug) = (form.identity.id, form.definition.slug.as_str());
    let gone = || ServiceError::NotFound(format!("form `{slug}`"));
    let workspace_id =
        forms::require_form(app, caller, Action::ExportSubmissions, id, gone).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::SubmissionsExport, caller).on("form", id);
    change.record(entry.within(workspace_id).with(json!({ "slug": slug, "format": format })));
    match change.commit().await {
        // Who runs the program can read the database without us: nothing is kept from them, and a
        // disk that is full is a reason to take the data elsewhere.
        Err(error) if matches!(caller.actor, Actor::System(_)) => {
            tracing::warn!(%error, "an export could not be noted in the audit trail");
            Ok(())
        }
        committed => Ok(committed?),
    }
}
