//! Exporting submissions that somebody chose, as a stream of bytes in constant memory.
//!
//! Pages are read as fast as the receiver takes the bytes. What is chosen the whole time is in the
//! export exactly once; what comes after its beginning is not in it.

use std::{io, sync::Arc};

use formhold_domain::{
    CompiledForm, FormId, Submission, SubmissionId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_exporters::{Format, SubmissionColumns, SubmissionRow, Table};
use formhold_store::InboxFilter;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::inbox::MOST_NAMED;
use crate::{
    App, ExportStream, ServiceError,
    export_stream::{Page, export_stream},
    forms::form_for,
    limits,
};

/// Submissions that are read at once.
const PAGE: u64 = 500;

/// Which submissions of a form.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// All, wherever they lie.
    Form(FormId),
    /// Those that a filter lets through.
    Filtered(InboxFilter),
    /// These, up to [`MOST_NAMED`].
    Named(FormId, Vec<SubmissionId>),
}

impl Selection {
    /// The form.
    #[must_use]
    pub fn form_id(&self) -> FormId {
        match self {
            Self::Form(id) | Self::Named(id, _) => *id,
            Self::Filtered(filter) => filter.form_id,
        }
    }
}

/// An export that began.
pub struct SubmissionExport {
    /// The form's slug, to name a file by.
    pub slug: String,
    /// Its bytes.
    pub content: ExportStream,
}

/// The chosen submissions, the newest first, in this format. The export is in the audit trail before
/// its first byte is sent.
///
/// # Errors
/// [`ServiceError::NotFound`] for a form, or a named submission, that the caller does not see, and
/// what [`require`](crate::access::require) says.
pub async fn export_submissions(
    app: &App,
    caller: &Caller,
    selection: Selection,
    format: &'static Format,
) -> Result<SubmissionExport, ServiceError> {
    let form_id = selection.form_id();
    let (form, workspace_id) = form_for(app, caller, Action::ExportSubmissions, form_id).await?;
    limits::count_export(app, caller).await?;
    if let Selection::Named(_, ids) = &selection {
        if ids.len() > MOST_NAMED {
            let message = format!("must not be more than {MOST_NAMED} at once");
            return Err(ServiceError::invalid("ids", "TOO_MANY", message));
        }
        if let Some(missing) = app.store.missing_submission(form_id, ids).await? {
            return Err(ServiceError::NotFound(format!("submission {missing}")));
        }
    }
    let slug = form.definition.slug.to_string();
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::SubmissionsExport, caller).on("form", form_id);
    let details = json!({ "slug": slug, "format": format.name, "of": described(&selection) });
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    let reader = Reader::as_of_now(app.clone(), selection).await?;
    let columns = columns(&reader, &form, format).await?;
    let table = columns.clone().into_table();
    let (pages, to_write) = mpsc::channel(1);
    tokio::spawn(reader.read_all(pages));
    let content = content(format, table, columns, form, to_write);
    Ok(SubmissionExport { slug, content })
}

fn content(
    format: &'static Format,
    table: Table,
    columns: SubmissionColumns,
    form: CompiledForm,
    pages: mpsc::Receiver<Page<Submission>>,
) -> ExportStream {
    let form = Arc::new(form);
    export_stream(format, table, pages, move |export, submission: &Submission| {
        if format.needs_columns && !columns.has_all_of(submission) {
            // It was edited while the export ran.
            return Err(io::Error::other("a submission got a field that has no column"));
        }
        export.row(&SubmissionRow { form: form.definition.slug.as_str(), submission })
    })
}

/// The columns of all, where the format must know them before the first row.
async fn columns(
    reader: &Reader,
    form: &CompiledForm,
    format: &Format,
) -> Result<SubmissionColumns, ServiceError> {
    let (mut columns, mut before) = (SubmissionColumns::of(form), reader.from);
    while format.needs_columns {
        let page = reader.page(before).await?;
        page.iter().for_each(|submission| columns.see(submission));
        let Some(last) = page.last() else { break };
        before = last.id;
    }
    Ok(columns)
}

/// Reads what was chosen, page by page.
struct Reader {
    app: App,
    selection: Selection,
    /// Newer ones, and this one, are not in it: columns and rows are of the same submissions.
    from: SubmissionId,
}

impl Reader {
    async fn as_of_now(app: App, selection: Selection) -> Result<Self, ServiceError> {
        let end = SubmissionId(Uuid::max());
        let mut reader = Self { app, selection, from: end };
        let newest = reader.page(end).await?.first().map(|submission| submission.id);
        let after = |id: SubmissionId| SubmissionId(Uuid::from_u128(id.0.as_u128() + 1));
        reader.from = newest.map_or(SubmissionId(Uuid::nil()), after);
        Ok(reader)
    }

    async fn page(&self, before: SubmissionId) -> Result<Vec<Submission>, ServiceError> {
        let store = &self.app.store;
        match &self.selection {
            Selection::Form(id) => Ok(store.list_whole_form(*id, Some(before), PAGE).await?),
            Selection::Filtered(filter) => {
                let found = store.list_inbox(filter, Some(before), PAGE).await?;
                Ok(found.into_iter().map(|item| item.submission).collect())
            }
            Selection::Named(form_id, ids) => {
                let ids: Vec<_> = ids.iter().copied().filter(|id| *id < before).collect();
                let mut found = store.find_submissions(*form_id, &ids, None).await?;
                found.reverse();
                Ok(found)
            }
        }
    }

    async fn read_all(self, pages: mpsc::Sender<Page<Submission>>) {
        let mut before = self.from;
        loop {
            match self.page(before).await {
                Ok(page) => {
                    let Some(last) = page.last() else { break };
                    before = last.id;
                    if pages.send(Page::Some(page)).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "an export of submissions broke off");
                    return;
                }
            }
        }
        let _ = pages.send(Page::End).await;
    }
}

fn described(selection: &Selection) -> Value {
    match selection {
        Selection::Form(_) => json!("form"),
        Selection::Named(_, ids) => json!({ "submissions": ids.len() }),
        Selection::Filtered(filter) => json!({
            "state": filter.state.as_str(),
            "is_read": filter.is_read,
            "is_starred": filter.is_starred,
            "tag": filter.tag,
            "received_from_ms": filter.received_from_ms,
            "received_until_ms": filter.received_until_ms,
        }),
    }
}
