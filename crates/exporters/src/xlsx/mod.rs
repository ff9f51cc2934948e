//! XLSX (ISO/IEC 29500): a workbook with real times and numbers, in which text is never a formula.
//!
//! Rows wait in files without a name, packed as the export ends, so that memory stays the same however
//! many there are. Every text has the quote mark that spreadsheets give to what was typed behind a `'`:
//! it stays text when somebody edits the cell, and tells a text that starts with `[` from several values
//! in one cell, which are a JSON array without the mark. Characters that XML cannot hold are written as
//! `_x001F_`, as the standard has it (22.4.2.4, `ST_Xstring`).

mod book;
mod pages;
mod pieces;
mod styles;
mod values;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rust_xlsxwriter::XlsxError;

use self::book::Book;
use crate::{Column, Format, Options, Output, Row, RowWriter, Table, table::cells_of};

pub(crate) const FORMAT: Format = Format {
    name: "xlsx",
    description: "a workbook for spreadsheets, with real times and numbers",
    media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    needs_columns: true,
    start,
};

struct XlsxRows {
    /// None after a failure: what is half written cannot be finished.
    book: Option<Book>,
}

fn start(_: &mut Output, table: &Table, options: &Options) -> io::Result<Box<dyn RowWriter>> {
    if table.columns.len() > pages::MAX_COLUMNS {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "a sheet holds {} columns, and `{}` has {}: export it in another format",
                pages::MAX_COLUMNS,
                table.name,
                table.columns.len()
            ),
        ));
    }
    let book = guarded(|| Book::new(table, &options.temporary_folder))?;
    Ok(Box::new(XlsxRows { book: Some(book) }))
}

impl RowWriter for XlsxRows {
    fn row(&mut self, _: &mut Output, columns: &[Column], row: &dyn Row) -> io::Result<()> {
        let cells = cells_of(columns, row)?;
        let mut book = self.take()?;
        guarded(|| book.row(&cells))?;
        self.book = Some(book);
        Ok(())
    }

    fn finish(mut self: Box<Self>, output: &mut Output) -> io::Result<()> {
        let book = self.take()?;
        guarded(|| book.save(output))
    }
}

impl XlsxRows {
    fn take(&mut self) -> io::Result<Book> {
        self.book.take().ok_or_else(|| io::Error::other("the export failed before"))
    }
}

/// The library panics where a temporary file cannot be written, as on a full disk.
fn guarded<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(io::Error::other),
        Err(_) => Err(io::Error::other("the temporary files of the workbook cannot be written")),
    }
}
