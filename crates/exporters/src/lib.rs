//! Export formats. A format is one file here and one line in [`ALL`]; the CLI, the API, the pages
//! and the documents read `ALL`.

mod csv;
mod ndjson;
mod receipt;
mod record;

use std::io::{self, Write};

pub use receipt::{Receipt, Receiver};
pub use record::{Columns, Record};

/// All formats.
pub const ALL: &[Format] = &[csv::FORMAT, ndjson::FORMAT];

/// An export format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name, which is also the file name's extension.
    pub name: &'static str,
    /// What it is, in a sentence for people.
    pub description: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether the columns must be known before the first row.
    pub needs_columns: bool,
    start: Start,
}

type Start = fn(&mut dyn Write, &Columns, Options) -> io::Result<Box<dyn RowWriter>>;

/// What can be chosen about an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What happens to cells that a spreadsheet would run as a formula.
    pub formulas: Formulas,
}

/// What happens to cells that a spreadsheet would run as a formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Formulas {
    /// They are preceded by one `'`, which a re-import takes away.
    #[default]
    Defuse,
    /// They are written as they are; not for files that are opened in a spreadsheet.
    Keep,
}

/// Writes rows in one format.
pub trait RowWriter {
    /// Writes one row to the output.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn row(&mut self, output: &mut dyn Write, record: &Record<'_>) -> io::Result<()>;
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
    /// When the output cannot be written.
    pub fn start(
        &self,
        output: &mut dyn Write,
        columns: &Columns,
        options: Options,
    ) -> io::Result<Box<dyn RowWriter>> {
        (self.start)(output, columns, options)
    }
}
