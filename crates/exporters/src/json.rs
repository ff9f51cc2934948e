//! JSON: one array with an object a row, each on a line of its own, for programs that read it whole.

use std::io;

use crate::{Column, Format, Options, Output, Row, RowWriter, Table};

pub(crate) const FORMAT: Format = Format {
    name: "json",
    description: "one JSON array, for programs that read it whole",
    media_type: "application/json",
    needs_columns: false,
    start,
};

struct JsonRows {
    /// What goes in front of the next row.
    separator: &'static [u8],
}

fn start(output: &mut Output, _: &Table, _: &Options) -> io::Result<Box<dyn RowWriter>> {
    output.write_all(b"[")?;
    Ok(Box::new(JsonRows { separator: b"\n" }))
}

impl RowWriter for JsonRows {
    fn row(
        &mut self,
        mut output: &mut Output,
        columns: &[Column],
        row: &dyn Row,
    ) -> io::Result<()> {
        output.write_all(self.separator)?;
        self.separator = b",\n";
        row.write_object(columns, &mut output)
    }

    fn finish(self: Box<Self>, output: &mut Output) -> io::Result<()> {
        output.write_all(b"\n]\n")
    }
}
