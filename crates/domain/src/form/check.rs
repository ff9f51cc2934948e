//! Checking answers and files against a form.

use super::{CompiledForm, FieldType, Undeclared, field::is_given};
use crate::{Answers, FieldProblem, Problem, Upload};

/// Answers that fit their form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What was answered to the declared fields; everything, where none are declared.
    pub answers: Answers,
    /// The rest, where the form keeps it apart.
    pub undeclared: Answers,
}

/// Why answers do not fit their form.
#[derive(Debug, Clone, PartialEq)]
pub enum Rejection {
    /// Neither a field nor a file was sent.
    Empty,
    /// The form takes no files.
    NoFileUploads,
    /// More files than the form takes.
    TooManyFiles {
        /// How many it takes.
        max: usize,
    },
    /// A file is larger than the form takes.
    FileTooBig {
        /// The field that it was sent in.
        field: String,
        /// How large it may be.
        max_bytes: u64,
    },
    /// More fields than the form takes.
    TooManyFields {
        /// How many it takes.
        max: usize,
    },
    /// More text than the form takes.
    TooMuchText {
        /// How many bytes it takes.
        max_bytes: u64,
    },
    /// Something is wrong with these fields; in the form's order, one problem a field.
    Fields(Vec<FieldProblem>),
}

impl CompiledForm {
    /// Checks what was submitted.
    ///
    /// # Errors
    /// All problems of all fields at once.
    pub fn check(&self, answers: &Answers, files: &[Upload]) -> Result<(), Rejection> {
        if answers.is_empty() && files.is_empty() {
            return Err(Rejection::Empty);
        }
        self.check_limits(answers, files)?;
        if self.takes_anything() {
            return Ok(());
        }
        let mut problems = self.field_problems(answers, files);
        let unknown_file = files.iter().find(|file| !self.declares(&file.field));
        if let Some(file) = unknown_file.filter(|_| self.definition.undeclared != Undeclared::Drop)
        {
            problems.push(FieldProblem {
                field: file.field.clone(),
                problem: Problem::FileNotExpected,
            });
        }
        if self.definition.undeclared == Undeclared::Refuse {
            let unknown = answers.grouped().into_iter().filter(|(name, _)| !self.declares(name));
            problems.extend(unknown.map(|(name, _)| FieldProblem {
                field: name.to_owned(),
                problem: Problem::Undeclared,
            }));
        }
        if problems.is_empty() { Ok(()) } else { Err(Rejection::Fields(problems)) }
    }

    /// Sorts answers that were checked into what is stored as such and what is kept apart.
    #[must_use]
    pub fn sort(&self, mut answers: Answers) -> Checked {
        if self.takes_anything() {
            return Checked { answers, undeclared: Answers::default() };
        }
        let keep = self.definition.undeclared == Undeclared::KeepApart;
        let undeclared = answers.split_off_where(|name| !self.declares(name));
        // A file input that was left empty may come as blank text, which is no answer.
        answers.split_off_where(|name| {
            self.field(name).is_some_and(|field| field.definition.kind == FieldType::File)
        });
        Checked { answers, undeclared: if keep { undeclared } else { Answers::default() } }
    }

    fn check_limits(&self, answers: &Answers, files: &[Upload]) -> Result<(), Rejection> {
        let limits = &self.definition.limits;
        if let Some(max) = limits.max_fields.filter(|max| answers.len() > *max) {
            return Err(Rejection::TooManyFields { max });
        }
        if let Some(max_bytes) = limits.max_text_bytes {
            let bytes: usize = answers.iter().map(|(name, value)| name.len() + value.len()).sum();
            if bytes as u64 > max_bytes {
                return Err(Rejection::TooMuchText { max_bytes });
            }
        }
        if files.is_empty() {
            return Ok(());
        }
        if !self.takes_files() && self.definition.undeclared != Undeclared::Drop {
            return Err(Rejection::NoFileUploads);
        }
        if let Some(max) = limits.max_files.filter(|max| files.len() > *max) {
            return Err(Rejection::TooManyFiles { max });
        }
        let Some(max_bytes) = limits.max_file_bytes else { return Ok(()) };
        match files.iter().find(|file| file.size_bytes > max_bytes) {
            Some(file) => Err(Rejection::FileTooBig { field: file.field.clone(), max_bytes }),
            None => Ok(()),
        }
    }

    fn field_problems(&self, answers: &Answers, files: &[Upload]) -> Vec<FieldProblem> {
        let mut values: Vec<Vec<&str>> = vec![Vec::new(); self.fields.len()];
        for (name, value) in answers.iter() {
            if let Some(index) = self.by_name.get(name) {
                values[*index].push(value);
            }
        }
        let mut problems = Vec::new();
        for (field, own) in self.fields.iter().zip(&values) {
            let definition = &field.definition;
            let shown = definition.shown_if.as_ref().is_none_or(|condition| {
                let other = &values[self.by_name[&condition.field]];
                let consent = self
                    .field(&condition.field)
                    .is_some_and(|field| field.definition.kind == FieldType::Consent);
                other.iter().any(|value| {
                    condition.any_of.iter().any(|wanted| {
                        wanted == value
                            || consent
                                && is_given(value) == Some(true)
                                && is_given(wanted) == Some(true)
                    })
                })
            });
            let own_files: Vec<_> =
                files.iter().filter(|file| file.field == definition.name).collect();
            let unequal = || {
                let other =
                    &self.fields[*self.by_name.get(definition.equal_to.as_ref()?)?].definition;
                let same = own.as_slice() == values[self.by_name[&other.name]].as_slice();
                (shown && !same).then(|| Problem::NotEqual { other: other.label().to_owned() })
            };
            let problem = field
                .check_values(own, shown)
                .or_else(|| field.check_files(&own_files, shown))
                .or_else(unequal);
            if let Some(problem) = problem {
                problems.push(FieldProblem { field: definition.name.clone(), problem });
            }
        }
        problems
    }
}
