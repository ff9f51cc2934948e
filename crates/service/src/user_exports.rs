//! Exporting accounts, as a stream of bytes in constant memory.
//!
//! Pages of accounts are read as fast as the receiver takes the bytes; no transaction stays open
//! meanwhile. Who matches the whole time is in the export exactly once.

use formhold_domain::{
    access::{Action, Caller},
    accounts::User,
    audit::{AuditAction, AuditEntry},
};
use formhold_exporters::{Format, user_table};
use formhold_store::{UserFilter, UserOrder};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    App, ExportStream, ServiceError,
    access::require,
    export_stream::{Page, export_stream},
    limits,
};

/// Accounts that are read at once.
const PAGE: u64 = 500;

/// All accounts that match, the newest first, in this format. The export is in the audit trail
/// before its first byte is sent. What fails later is an error in the stream, which then ends early.
///
/// # Errors
/// When the caller may not, or the database fails.
pub async fn export_users(
    app: &App,
    caller: &Caller,
    filter: UserFilter,
    format: &'static Format,
) -> Result<ExportStream, ServiceError> {
    require(caller, Action::SeeUsers, None)?;
    limits::count_export(app, caller).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::UsersExport, caller);
    change.record(entry.with(json!({
        "format": format.name,
        "text": filter.text,
        "role": filter.role.map(|role| role.as_str()),
        "state": filter.state.map(|state| state.as_str()),
        "is_confirmed": filter.is_confirmed,
    })));
    change.commit().await?;
    let (pages, to_write) = mpsc::channel(1);
    tokio::spawn(read(app.clone(), filter, pages));
    Ok(export_stream(format, user_table(), to_write, |export, user: &User| export.row(user)))
}

async fn read(app: App, filter: UserFilter, pages: mpsc::Sender<Page<User>>) {
    let mut after = None;
    loop {
        match app.store.list_users(&filter, UserOrder::Newest, after, PAGE).await {
            Ok(page) => {
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                if pages.send(Page::Some(page)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "an export of users broke off");
                return;
            }
        }
    }
    let _ = pages.send(Page::End).await;
}
