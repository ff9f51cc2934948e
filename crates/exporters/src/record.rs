//! What an export knows of a submission.

use std::collections::HashSet;

use formhold_domain::{CompiledForm, FieldType, Submission, rfc3339};

/// One submission of a form.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The form's slug.
    pub form: &'a str,
    /// The submission.
    pub submission: &'a Submission,
}

impl Record<'_> {
    /// When it was received, RFC 3339.
    #[must_use]
    pub fn received_at(&self) -> String {
        rfc3339(self.submission.received_at_ms)
    }

    /// All values under a column's name: answers, then answers to undeclared fields.
    pub(crate) fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        self.submission.answers.values(name).chain(self.submission.undeclared.values(name))
    }
}

/// The names of the answers in a table: the form's fields in their order, then whatever else was
/// submitted, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    names: Vec<String>,
    known: HashSet<String>,
}

impl Columns {
    /// The columns of a form's declared fields.
    #[must_use]
    pub fn of(form: &CompiledForm) -> Self {
        let mut columns = Self::default();
        for field in &form.fields {
            if field.definition.kind != FieldType::File {
                columns.add(&field.definition.name);
            }
        }
        columns
    }

    /// Adds the names that a submission has beyond those.
    pub fn see(&mut self, submission: &Submission) {
        for (name, _) in submission.answers.iter().chain(submission.undeclared.iter()) {
            self.add(name);
        }
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn add(&mut self, name: &str) {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
            self.names.push(name.to_owned());
        }
    }
}
