//! Exporting accounts, as a stream of bytes in constant memory.
//!
//! Pages of accounts are read as fast as the receiver takes the bytes; no transaction stays open
//! meanwhile. Who matches the whole time is in the export exactly once.

use std::io::{self, Write};

use bytes::Bytes;
use formhold_domain::{
    access::{Action, Caller},
    accounts::User,
    audit::{AuditAction, AuditEntry},
};
use formhold_exporters::{Format, Formulas, Options, user_table};
use formhold_files::ByteStream;
use formhold_store::{UserFilter, UserOrder};
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;

use crate::{App, ServiceError, access::require, limits};

/// Accounts that are read at once.
const PAGE: u64 = 500;
/// Bytes that are sent at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Something, or that there is no more of it: an end that nobody announced makes no whole file.
enum Next<T> {
    Some(T),
    End,
}

type Page = Next<Vec<User>>;
type Piece = io::Result<Next<Bytes>>;

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
) -> Result<ByteStream, ServiceError> {
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
    let (pieces, to_send) = mpsc::channel(4);
    tokio::spawn(read(app.clone(), filter, pages));
    tokio::task::spawn_blocking(move || {
        let end = write(format, to_write, pieces.clone()).map(|()| Next::End);
        // Nobody listens any more where it is the sending that failed.
        let _ = pieces.blocking_send(end);
    });
    Ok(Box::pin(stream::unfold(Some(to_send), async |pieces| {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Ok(Next::Some(piece))) => Some((Ok(piece), Some(pieces))),
            Some(Ok(Next::End)) => None,
            Some(Err(error)) => Some((Err(error), None)),
            None => Some((Err(io::Error::other("the export broke off")), None)),
        }
    })))
}

async fn read(app: App, filter: UserFilter, pages: mpsc::Sender<Page>) {
    let mut after = None;
    loop {
        match app.store.list_users(&filter, UserOrder::Newest, after, PAGE).await {
            Ok(page) => {
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                if pages.send(Next::Some(page)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "an export of users broke off");
                return;
            }
        }
    }
    let _ = pages.send(Next::End).await;
}

fn write(
    format: &Format,
    mut pages: mpsc::Receiver<Page>,
    pieces: mpsc::Sender<Piece>,
) -> io::Result<()> {
    let options = Options { formulas: Formulas::Defuse, temporary_folder: std::env::temp_dir() };
    let output = io::BufWriter::with_capacity(PIECE_BYTES, Pieces(pieces));
    let mut export = format.start(output, user_table(), &options)?;
    loop {
        match pages.blocking_recv() {
            Some(Next::Some(users)) => users.iter().try_for_each(|user| export.row(user))?,
            Some(Next::End) => break,
            None => return Err(io::Error::other("the accounts could not be read")),
        }
    }
    let (_, receipt) = export.finish()?;
    tracing::info!(rows = receipt.rows, bytes = receipt.bytes, "users were exported");
    Ok(())
}

/// Hands bytes over, and waits where the receiver is slower.
struct Pieces(mpsc::Sender<Piece>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Next::Some(Bytes::copy_from_slice(bytes));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(piece)).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
