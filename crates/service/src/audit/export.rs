//! The audit trail as a file, page by page, in constant memory.

use std::{
    io::{self, Write},
    mem,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use formhold_domain::{
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_exporters::{AuditLine, Export, Format, Formulas, Options};
use formhold_files::ByteStream;
use formhold_store::AuditFilter;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::PAGE;
use crate::{App, ServiceError, access::require};

/// The formats that can be written as a stream, by name.
pub const FORMATS: [&str; 2] = ["csv", "ndjson"];

/// A file that is made while it is read.
pub struct AuditFile {
    /// Its format.
    pub format: &'static Format,
    /// Its content. That it cannot be read on is an error in the stream, which then ends early.
    pub content: ByteStream,
}

/// All entries of the trail that match, newest first, as of now; the export itself is the newest of
/// the trail. Who asks for those of one workspace needs only the rights of its owner.
///
/// # Errors
/// When the caller may not, for another format than [`FORMATS`], or when the database fails.
pub async fn export_audit(
    app: &App,
    caller: &Caller,
    filter: AuditFilter,
    format: &str,
) -> Result<AuditFile, ServiceError> {
    match filter.workspace_id {
        Some(id) => require(caller, Action::SeeWorkspaceAudit, Some(id))?,
        None => require(caller, Action::SeeAudit, None)?,
    }
    let format = Format::named(format).filter(|format| FORMATS.contains(&format.name));
    let format = format.ok_or_else(|| {
        let message = format!("must be one of {}", FORMATS.join(", "));
        ServiceError::invalid("format", "UNKNOWN_FORMAT", message)
    })?;
    note(app, caller, &filter, format).await?;
    let end = app.store.audit_ends().await?.map_or(0, |ends| ends.last_sequence);
    let pipe = Pipe::default();
    let options = Options { formulas: Formulas::Defuse, temporary_folder: PathBuf::new() };
    let export = format.start(pipe.clone(), AuditLine::table(), &options)?;
    let begun = Begun { app: app.clone(), filter, before: end + 1, pipe, export };
    let content = stream::try_unfold(Some(begun), |begun| async {
        match begun {
            Some(begun) => begun.next_page().await.map(Some),
            None => Ok(None),
        }
    });
    Ok(AuditFile { format, content: content.boxed() })
}

/// That somebody takes the trail along is part of it.
async fn note(
    app: &App,
    caller: &Caller,
    filter: &AuditFilter,
    format: &Format,
) -> Result<(), ServiceError> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::AuditExport, caller);
    let entry = match filter.workspace_id {
        Some(id) => entry.within(id),
        None => entry,
    };
    change.record(entry.with(json!({
        "format": format.name,
        "actor": filter.actor_id,
        "action": filter.action,
        "from_ms": filter.from_ms,
        "to_ms": filter.to_ms,
    })));
    Ok(change.commit().await?)
}

struct Begun {
    app: App,
    filter: AuditFilter,
    before: u64,
    pipe: Pipe,
    export: Export<Pipe>,
}

impl Begun {
    /// The next piece of the file, and what is left to do after it.
    async fn next_page(mut self) -> io::Result<(bytes::Bytes, Option<Self>)> {
        let rows = self.app.store.list_audit(&self.filter, Some(self.before), PAGE).await;
        let rows = rows.map_err(io::Error::other)?;
        let Some(last) = rows.last() else {
            self.export.finish()?;
            return Ok((self.pipe.take(), None));
        };
        self.before = last.sequence;
        for row in &rows {
            self.export.row(&AuditLine(row))?;
        }
        Ok((self.pipe.take(), Some(self)))
    }
}

/// What an export wrote and nobody took yet.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> bytes::Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
