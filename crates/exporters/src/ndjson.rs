//! NDJSON: a JSON object a line and submission, for programs.

use std::io::{self, Write};

use formhold_domain::{Answers, Context, Upload};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::{Columns, Format, Options, Record, RowWriter};

pub(crate) const FORMAT: Format = Format {
    name: "ndjson",
    description: "a JSON object a line, for programs",
    media_type: "application/x-ndjson",
    needs_columns: false,
    start,
};

struct NdjsonRows;

fn start(_: &mut dyn Write, _: &Columns, _: Options) -> io::Result<Box<dyn RowWriter>> {
    Ok(Box::new(NdjsonRows))
}

#[derive(Serialize)]
struct Line<'a> {
    id: String,
    form: &'a str,
    form_version: u32,
    state: &'static str,
    received_at: String,
    answers: ByName<'a>,
    undeclared: ByName<'a>,
    files: &'a [Upload],
    context: &'a Context,
}

/// Each name once: its value, or the array of its values where there are several.
struct ByName<'a>(&'a Answers);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, values) in self.0.grouped() {
            match values.as_slice() {
                [value] => map.serialize_entry(name, value)?,
                several => map.serialize_entry(name, several)?,
            }
        }
        map.end()
    }
}

impl RowWriter for NdjsonRows {
    fn row(&mut self, mut output: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        let submission = record.submission;
        let line = Line {
            id: submission.id.to_string(),
            form: record.form,
            form_version: submission.form_version,
            state: submission.state.as_str(),
            received_at: record.received_at(),
            answers: ByName(&submission.answers),
            undeclared: ByName(&submission.undeclared),
            files: &submission.uploads,
            context: &submission.context,
        };
        serde_json::to_writer(&mut output, &line)?;
        output.write_all(b"\n")
    }
}
