//! What a person answered: names and values as they came.

use serde::{Deserialize, Serialize};

/// Field names and values in the order in which they were submitted; a name may repeat.
///
/// Stored as a JSON array of `[name, value]` pairs, which keeps order and repetition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(Vec<(String, String)>);

impl Answers {
    /// All values submitted under a name, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value submitted under a name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Each name once, in order of its first appearance, with all of its values.
    #[must_use]
    pub fn grouped(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::with_capacity(self.0.len());
        for (name, value) in self.iter() {
            match groups.iter_mut().find(|(key, _)| *key == name) {
                Some((_, values)) => values.push(value),
                None => groups.push((name, vec![value])),
            }
        }
        groups
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when nothing was answered at all; a blank value still counts as an answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Moves the pairs that satisfy a condition into answers of their own.
    pub(crate) fn split_off_where(&mut self, condition: impl Fn(&str) -> bool) -> Self {
        if !self.0.iter().any(|(name, _)| condition(name)) {
            return Self::default();
        }
        let (taken, kept) =
            std::mem::take(&mut self.0).into_iter().partition(|(name, _)| condition(name));
        self.0 = kept;
        Self(taken)
    }
}

impl From<Vec<(String, String)>> for Answers {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl FromIterator<(String, String)> for Answers {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}
