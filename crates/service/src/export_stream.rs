//! An export as a stream of bytes in constant memory: pages of things go in as fast as the receiver
//! takes the bytes, and no transaction stays open meanwhile.

use std::{
    io::{self, Write},
    pin::Pin,
};

use bytes::Bytes;
use formhold_exporters::{Export, Format, Formulas, Options, Receipt, Table};
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

/// Bytes that are sent at once.
const PIECE_BYTES: usize = 64 * 1024;

/// A piece of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportPiece {
    /// The next bytes.
    Bytes(Bytes),
    /// What all of them were; the last piece. Without it the export broke off.
    Receipt(Receipt),
}

/// The pieces of an export; what fails on the way is an error, after which nothing comes.
pub type ExportStream = Pin<Box<dyn Stream<Item = io::Result<ExportPiece>> + Send>>;

/// What a reader hands to the writer: some things, or that there are no more. An end that nobody
/// announced makes no whole file.
pub(crate) enum Page<T> {
    Some(Vec<T>),
    End,
}

/// An export under way, as the writer of its rows sees it.
pub(crate) type Rows = Export<io::BufWriter<Pieces>>;

/// Writes what comes in by `pages` in this format. `write` adds one thing to the export.
pub(crate) fn export_stream<T: Send + 'static>(
    format: &'static Format,
    table: Table,
    pages: mpsc::Receiver<Page<T>>,
    write: impl Fn(&mut Rows, &T) -> io::Result<()> + Send + 'static,
) -> ExportStream {
    let (pieces, to_send) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let receipt = write_all(format, table, pages, &pieces, write).map(ExportPiece::Receipt);
        // Nobody listens any more where it is the sending that failed.
        let _ = pieces.blocking_send(receipt);
    });
    Box::pin(stream::unfold(Some(to_send), async |pieces| {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Ok(bytes @ ExportPiece::Bytes(_))) => Some((Ok(bytes), Some(pieces))),
            Some(last) => Some((last, None)),
            None => Some((Err(io::Error::other("the export broke off")), None)),
        }
    }))
}

fn write_all<T>(
    format: &Format,
    table: Table,
    mut pages: mpsc::Receiver<Page<T>>,
    pieces: &mpsc::Sender<io::Result<ExportPiece>>,
    write: impl Fn(&mut Rows, &T) -> io::Result<()>,
) -> io::Result<Receipt> {
    let options = Options { formulas: Formulas::Defuse, temporary_folder: std::env::temp_dir() };
    let output = io::BufWriter::with_capacity(PIECE_BYTES, Pieces(pieces.clone()));
    let mut export = format.start(output, table, &options)?;
    loop {
        match pages.blocking_recv() {
            Some(Page::Some(things)) => {
                things.iter().try_for_each(|thing| write(&mut export, thing))?;
            }
            Some(Page::End) => break,
            None => return Err(io::Error::other("what is exported could not be read")),
        }
    }
    let (_, receipt) = export.finish()?;
    Ok(receipt)
}

/// Hands bytes over, and waits where the receiver is slower.
pub(crate) struct Pieces(mpsc::Sender<io::Result<ExportPiece>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = ExportPiece::Bytes(Bytes::copy_from_slice(bytes));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(piece)).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
