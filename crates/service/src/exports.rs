//! Exporting the submissions of a form.

use std::io::Write;

pub use formhold_exporters::Format;
use formhold_exporters::{Options, Receipt, SubmissionColumns, SubmissionRow};

use crate::{App, ServiceError, forms};

/// Writes all submissions of a form, as of one moment and in constant memory, and states what was
/// written. `progress` is told how many of how many rows are done.
///
/// # Errors
/// When anything fails, so that an export is complete or known not to be.
pub async fn export_form<W: Write + Send>(
    app: &App,
    key_or_slug: &str,
    format: &Format,
    options: &Options,
    output: W,
    mut progress: impl FnMut(u64, u64),
) -> Result<(W, Receipt), ServiceError> {
    let form = forms::get_form(app, key_or_slug).await?;
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
