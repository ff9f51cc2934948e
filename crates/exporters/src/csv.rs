//! CSV (RFC 4180, UTF-8, CRLF): a line a row, for spreadsheets and for everything else.
//!
//! A cell is text; several values in one are a JSON array. What a spreadsheet would run as a formula,
//! what starts like a JSON array, and what starts with `'` is preceded by one `'`, so the way back is
//! exact: take one leading `'` away, else read a leading `[` as an array.

use std::{borrow::Cow, io};

use crate::{
    Cell, Column, Format, Formulas, Options, Output, Row, RowWriter, Table, table::cells_of,
};

pub(crate) const FORMAT: Format = Format {
    name: "csv",
    description: "a table for spreadsheets, formula-safe",
    media_type: "text/csv; charset=utf-8",
    needs_columns: true,
    start,
};

struct CsvRows {
    formulas: Formulas,
}

fn start(output: &mut Output, table: &Table, options: &Options) -> io::Result<Box<dyn RowWriter>> {
    let rows = CsvRows { formulas: options.formulas };
    write_line(output, table.columns.iter().map(|column| rows.text(Cow::Borrowed(&column.name))))?;
    Ok(Box::new(rows))
}

impl RowWriter for CsvRows {
    fn row(&mut self, output: &mut Output, columns: &[Column], row: &dyn Row) -> io::Result<()> {
        let cells = cells_of(columns, row)?;
        write_line(
            output,
            cells.iter().map(|cell| match cell {
                Cell::Many(_) => cell.to_text(),
                _ => self.text(cell.to_text()),
            }),
        )
    }

    fn finish(self: Box<Self>, _: &mut Output) -> io::Result<()> {
        Ok(())
    }
}

impl CsvRows {
    fn text<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        const RISKY: &[char] =
            &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '[', '\''];
        if self.formulas == Formulas::Defuse && text.starts_with(RISKY) {
            Cow::Owned(format!("'{text}"))
        } else {
            text
        }
    }
}

fn write_line<'a>(
    output: &mut Output,
    cells: impl Iterator<Item = Cow<'a, str>>,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(1024));
    for cell in cells {
        writer.write_field(cell.as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)?;
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    output.write_all(&bytes)
}
