//! Export formats. A format is one file here and one line in [`ALL`]; the CLI, the API, the pages
//! and the documents read `ALL`. What is exported turns itself into [`Row`]s, in a file of its own.

mod audit;
mod cell;
mod csv;
mod export;
mod json;
mod ndjson;
mod receipt;
mod submissions;
mod table;
mod users;
mod xlsx;

use std::{
    io::{self, Write},
    path::PathBuf,
};

pub use audit::AuditLine;
pub use cell::Cell;
pub use export::Export;
pub use receipt::Receipt;
pub use submissions::{SubmissionColumns, SubmissionRow};
pub use table::{Column, ColumnKind, Row, Table};
pub use users::user_table;

/// All formats.
pub const ALL: &[Format] = &[csv::FORMAT, xlsx::FORMAT, ndjson::FORMAT, json::FORMAT];

/// An export format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name, which is also the file name's extension.
    pub name: &'static str,
    /// What it is, in a sentence for people.
    pub description: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether the columns must be known before the first row, also of what writes its own objects.
    pub needs_columns: bool,
    start: Start,
}

/// Begins a format: writes what comes before the first row.
type Start = fn(&mut Output, &Table, &Options) -> io::Result<Box<dyn RowWriter>>;

/// Where an export goes.
type Output<'a> = dyn Write + Send + 'a;

/// What can be chosen about an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What happens to cells of CSV that a spreadsheet would run as a formula.
    pub formulas: Formulas,
    /// A folder that exists, for files without a name that are as large as the export unpacked;
    /// they go when it ends, however it ends. Only formats that cannot be written as a stream use it.
    pub temporary_folder: PathBuf,
}

/// What happens to cells of CSV that a spreadsheet would run as a formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Formulas {
    /// They are preceded by one `'`, which a re-import takes away.
    #[default]
    Defuse,
    /// They are written as they are; not for files that are opened in a spreadsheet.
    Keep,
}

/// Writes rows in one format.
trait RowWriter: Send {
    /// Writes one row to the output.
    fn row(&mut self, output: &mut Output, columns: &[Column], row: &dyn Row) -> io::Result<()>;

    /// Writes what comes after the last row.
    fn finish(self: Box<Self>, output: &mut Output) -> io::Result<()>;
}

impl Format {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|format| format.name.eq_ignore_ascii_case(name))
    }

    /// Starts an export: writes what comes before the first row.
    ///
    /// # Errors
    /// When the output cannot be written, or the format cannot hold so many columns.
    pub fn start<W: Write + Send>(
        &self,
        output: W,
        table: Table,
        options: &Options,
    ) -> io::Result<Export<W>> {
        Export::start(self.start, output, table, options)
    }
}
