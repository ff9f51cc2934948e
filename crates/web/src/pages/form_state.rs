//! What a form shows again: what was entered, and what was wrong with it.

/// Fields that are never sent back to a browser.
const SECRETS: &[&str] =
    &["password", "new_password", "current_password", "code", "recovery_code", "csrf"];

/// The state of one form. Names of fields are those of the REST API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    values: Vec<(String, String)>,
    problems: Vec<FieldProblem>,
    error: Option<String>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name, as `email`.
    pub field: String,
    /// A whole sentence, which is also read away from the field.
    pub message: String,
}

impl FormState {
    /// A form that was filled in with these values, by its owner before or by the page; passwords
    /// and codes among them are dropped.
    #[must_use]
    pub fn filled<K: Into<String>, V: Into<String>>(
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.into(), value.into()));
        let values = values.filter(|(name, _)| !SECRETS.contains(&name.as_str())).collect();
        Self { values, ..Self::default() }
    }

    /// The same with a problem of one field.
    #[must_use]
    pub fn with_problem(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.problems.push(FieldProblem { field: field.into(), message: message.into() });
        self
    }

    /// The same with a sentence about the form as a whole.
    #[must_use]
    pub fn with_error(mut self, message: impl Into<String>) -> Self {
        self.error = Some(message.into());
        self
    }

    /// Everything that was wrong, as sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<&str> {
        let problems = self.problems.iter().map(|problem| problem.message.as_str());
        self.error.as_deref().into_iter().chain(problems).collect()
    }

    /// The same problems with other values.
    #[must_use]
    pub fn refilled<K: Into<String>, V: Into<String>>(
        self,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self { values: Self::filled(values).values, ..self }
    }

    /// What was entered, empty where nothing was.
    pub(super) fn value(&self, field: &str) -> &str {
        let found = self.values.iter().find(|(name, _)| name == field);
        found.map_or("", |(_, value)| value)
    }

    /// Whether this value of several was chosen.
    pub(super) fn has(&self, field: &str, value: &str) -> bool {
        self.values.iter().any(|(name, chosen)| name == field && chosen == value)
    }

    pub(super) fn problem(&self, field: &str) -> Option<&str> {
        let found = self.problems.iter().find(|problem| problem.field == field);
        found.map(|problem| problem.message.as_str())
    }

    pub(super) fn is_first_wrong(&self, field: &str) -> bool {
        self.problems.first().is_some_and(|problem| problem.field == field)
    }

    /// Whether anything was wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.error.is_some() || self.has_problems()
    }

    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    pub(super) fn problems(&self) -> &[FieldProblem] {
        &self.problems
    }

    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }
}
