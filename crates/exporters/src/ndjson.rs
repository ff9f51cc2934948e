//! NDJSON: a JSON object a line and row, for programs.

use std::io;

use crate::{Column, Format, Options, Output, Row, RowWriter, Table};

pub(crate) const FORMAT: Format = Format {
    name: "ndjson",
    description: "a JSON object a line, for programs",
    media_type: "application/x-ndjson",
    needs_columns: false,
    start,
};

struct NdjsonRows;

fn start(_: &mut Output, _: &Table, _: &Options) -> io::Result<Box<dyn RowWriter>> {
    Ok(Box::new(NdjsonRows))
}

impl RowWriter for NdjsonRows {
    fn row(
        &mut self,
        mut output: &mut Output,
        columns: &[Column],
        row: &dyn Row,
    ) -> io::Result<()> {
        row.write_object(columns, &mut output)?;
        output.write_all(b"\n")
    }

    fn finish(self: Box<Self>, _: &mut Output) -> io::Result<()> {
        Ok(())
    }
}
