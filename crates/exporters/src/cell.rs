//! The value of one column in one row.

use std::borrow::Cow;

use chrono::NaiveDate;
use formhold_domain::rfc3339;
use serde::{Serialize, Serializer};

/// The value of one column in one row. In JSON a time is text in RFC 3339, a date is text as
/// `2026-12-31`, what is not there is null, and several values are an array.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// There is none.
    Empty,
    /// Text, in which nothing has a meaning.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A moment, milliseconds since the Unix epoch.
    Time(i64),
    /// A day, in no time zone.
    Date(NaiveDate),
    /// Yes or no.
    Boolean(bool),
    /// Any number of values.
    Many(Vec<Cell<'a>>),
}

impl Cell<'_> {
    /// The value as text, as a table of text shows it.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Time(at_ms) => Cow::Owned(rfc3339(*at_ms)),
            Self::Date(day) => Cow::Owned(day.to_string()),
            Self::Boolean(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
            Self::Many(_) => {
                Cow::Owned(serde_json::to_string(self).expect("cells have no keys to go wrong"))
            }
        }
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Integer(number) => serializer.serialize_i64(*number),
            // JSON has no infinity, and to write null for it would lose it.
            Self::Number(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Boolean(yes) => serializer.serialize_bool(*yes),
            Self::Many(cells) => serializer.collect_seq(cells),
            Self::Text(_) | Self::Number(_) | Self::Time(_) | Self::Date(_) => {
                serializer.serialize_str(&self.to_text())
            }
        }
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a, C: Into<Cell<'a>>> From<Option<C>> for Cell<'a> {
    fn from(value: Option<C>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}
