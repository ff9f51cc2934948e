//! CSV (RFC 4180, UTF-8, CRLF): a row a submission, a column an answer.
//!
//! A cell is text; several values under one name are a JSON array. What a spreadsheet would run as
//! a formula, what starts like a JSON array, and what starts with `'` is preceded by one `'`, so
//! the way back is exact: take one leading `'` away, else read a leading `[` as an array.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use crate::{Columns, Format, Formulas, Options, Record, RowWriter};

pub(crate) const FORMAT: Format = Format {
    name: "csv",
    description: "a table for spreadsheets, formula-safe",
    media_type: "text/csv; charset=utf-8",
    needs_columns: true,
    start,
};

/// Names with `_` in front cannot be those of fields.
const FIXED: [&str; 6] =
    ["_id", "_received_at", "_state", "_form_version", "_subject", "_reply_to"];
const FILES: &str = "_files";

struct CsvRows {
    names: Vec<String>,
    options: Options,
}

fn start(
    output: &mut dyn Write,
    columns: &Columns,
    options: Options,
) -> io::Result<Box<dyn RowWriter>> {
    let rows = CsvRows { names: columns.names().to_vec(), options };
    let names = columns.names().iter().map(|name| rows.cell(name));
    let header = FIXED.into_iter().map(Cow::Borrowed).chain(names).chain([Cow::Borrowed(FILES)]);
    write_row(output, header)?;
    Ok(Box::new(rows))
}

impl RowWriter for CsvRows {
    fn row(&mut self, output: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        let submission = record.submission;
        let text = |text: Option<&String>| self.cell(text.map_or("", String::as_str)).into_owned();
        let fixed = [
            submission.id.to_string(),
            record.received_at(),
            submission.state.as_str().to_owned(),
            submission.form_version.to_string(),
            text(submission.context.subject.as_ref()),
            text(submission.context.reply_to.as_ref()),
        ];
        let answers = self.names.iter().map(|name| {
            let values: Vec<&str> = record.values(name).collect();
            match values.as_slice() {
                [] => Cow::Borrowed(""),
                [value] => self.cell(value),
                several => Cow::Owned(serde_json::to_string(several).unwrap_or_default()),
            }
        });
        let files: Vec<&str> =
            submission.uploads.iter().map(|upload| upload.name.as_str()).collect();
        let files = if files.is_empty() { String::new() } else { serde_json::to_string(&files)? };
        write_row(
            output,
            fixed.into_iter().map(Cow::Owned).chain(answers).chain([Cow::Owned(files)]),
        )
    }
}

impl CsvRows {
    fn cell<'a>(&self, text: &'a str) -> Cow<'a, str> {
        const RISKY: &[char] =
            &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '[', '\''];
        if self.options.formulas == Formulas::Defuse && text.starts_with(RISKY) {
            Cow::Owned(format!("'{text}"))
        } else {
            Cow::Borrowed(text)
        }
    }
}

fn write_row<'a>(
    output: &mut dyn Write,
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
