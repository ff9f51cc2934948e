//! Submissions of a form as rows.
//!
//! In a table a submission is what is known of it, its answers under the names of the fields, and the
//! names of its files. As an object it is all that is known, with the answers in an object of their own.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use formhold_domain::{Answers, CompiledForm, Context, FieldType, Submission, Upload, rfc3339};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::{Cell, Column, ColumnKind, Row, Table};

/// The columns before the answers. No field of a form has a name with `_` in front.
const BEFORE: [(&str, ColumnKind); 6] = [
    ("_id", ColumnKind::Text),
    ("_received_at", ColumnKind::Time),
    ("_state", ColumnKind::Text),
    ("_form_version", ColumnKind::Integer),
    ("_subject", ColumnKind::Text),
    ("_reply_to", ColumnKind::Text),
];
/// The column behind the answers.
const FILES: &str = "_files";

/// One submission of a form.
#[derive(Debug, Clone, Copy)]
pub struct SubmissionRow<'a> {
    /// The form's slug.
    pub form: &'a str,
    /// The submission.
    pub submission: &'a Submission,
}

impl Row for SubmissionRow<'_> {
    fn cells<'a>(&'a self, columns: &'a [Column]) -> Vec<Cell<'a>> {
        let submission = self.submission;
        let mut cells = Vec::with_capacity(columns.len());
        cells.extend([
            Cell::from(submission.id.to_string()),
            Cell::Time(submission.received_at_ms),
            Cell::from(submission.state.as_str()),
            Cell::Integer(submission.form_version.into()),
            Cell::from(submission.context.subject.as_deref()),
            Cell::from(submission.context.reply_to.as_deref()),
        ]);
        let answers =
            columns.iter().skip(BEFORE.len()).take(columns.len().saturating_sub(BEFORE.len() + 1));
        cells.extend(answers.map(|column| self.answer(column)));
        let files = submission.uploads.iter().map(|upload| Cell::from(upload.name.as_str()));
        cells.push(match submission.uploads.as_slice() {
            [] => Cell::Empty,
            _ => Cell::Many(files.collect()),
        });
        cells
    }

    fn write_object(&self, _: &[Column], output: &mut dyn Write) -> io::Result<()> {
        let submission = self.submission;
        let object = Object {
            id: submission.id.to_string(),
            form: self.form,
            form_version: submission.form_version,
            state: submission.state.as_str(),
            received_at: rfc3339(submission.received_at_ms),
            answers: ByName(&submission.answers),
            undeclared: ByName(&submission.undeclared),
            files: &submission.uploads,
            context: &submission.context,
        };
        Ok(serde_json::to_writer(output, &object)?)
    }
}

impl SubmissionRow<'_> {
    /// All values under a column's name: answers, then answers to undeclared fields.
    fn answer<'a>(&'a self, column: &'a Column) -> Cell<'a> {
        let Submission { answers, undeclared, .. } = self.submission;
        let all: Vec<&str> =
            answers.values(&column.name).chain(undeclared.values(&column.name)).collect();
        match all.as_slice() {
            [] => Cell::Empty,
            [value] => column.kind.cell(value),
            several => Cell::Many(several.iter().copied().map(Cell::from).collect()),
        }
    }
}

/// A submission as JSON.
#[derive(Serialize)]
struct Object<'a> {
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

/// Finds the columns of the answers: the form's fields in their order, then whatever else was
/// submitted, in order of first appearance.
#[derive(Debug, Clone)]
pub struct SubmissionColumns {
    form: String,
    answers: Vec<Column>,
    known: HashSet<String>,
}

impl SubmissionColumns {
    /// The columns of a form's declared fields.
    #[must_use]
    pub fn of(form: &CompiledForm) -> Self {
        let mut columns =
            Self { form: form.definition.name.clone(), answers: Vec::new(), known: HashSet::new() };
        for field in &form.fields {
            let kind = match field.definition.kind {
                FieldType::File => continue,
                FieldType::Integer | FieldType::Rating => ColumnKind::Integer,
                FieldType::Number => ColumnKind::Number,
                FieldType::Date => ColumnKind::Date,
                _ => ColumnKind::Text,
            };
            columns.add(&field.definition.name, kind);
        }
        columns
    }

    /// Adds the names that a submission has beyond those.
    pub fn see(&mut self, submission: &Submission) {
        for (name, _) in submission.answers.iter().chain(submission.undeclared.iter()) {
            self.add(name, ColumnKind::Text);
        }
    }

    /// Whether each answer of a submission has a column.
    #[must_use]
    pub fn has_all_of(&self, submission: &Submission) -> bool {
        let mut answers = submission.answers.iter().chain(submission.undeclared.iter());
        answers.all(|(name, _)| self.known.contains(name))
    }

    /// The table of the form's submissions.
    #[must_use]
    pub fn into_table(self) -> Table {
        let before = BEFORE.into_iter().map(|(name, kind)| Column::new(name, kind));
        let files = Column::new(FILES, ColumnKind::Text);
        Table { name: self.form, columns: before.chain(self.answers).chain([files]).collect() }
    }

    fn add(&mut self, name: &str, kind: ColumnKind) {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
            self.answers.push(Column::new(name, kind));
        }
    }
}
