//! A form as its owner writes it, in TOML or JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Protection;
use crate::{Language, Slug};

/// The whole definition of a form. Unknown keys are refused by name.
///
/// [`CompiledForm::compile`](crate::CompiledForm::compile) finds what the types here cannot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDefinition {
    /// The form's name, for people.
    pub name: String,
    /// The form's readable address.
    pub slug: Slug,
    /// The language of its page and messages.
    #[serde(default)]
    pub language: Language,
    /// Whether it takes submissions.
    #[serde(default)]
    pub state: FormState,
    /// RFC 3339; before this time it takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// RFC 3339; from this time on it takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<String>,
    /// How many submissions it takes in all, spam not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_submissions: Option<u64>,
    /// Web origins whose pages may post to it, as `https://example.org`; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Hosts that a submission may ask to be redirected to; see [`HostRule`](crate::HostRule).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_hosts: Vec<String>,
    /// Mail addresses that a submission may ask to send copies to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_copies: Vec<String>,
    /// What a person reads after success, instead of the language's own text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_message: Option<String>,
    /// Where a person is sent after success, unless the submission asks for an allowed place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_url: Option<String>,
    /// What happens to fields that are not declared, where any are.
    #[serde(default)]
    pub undeclared: Undeclared,
    /// A field name of the form's own that only robots fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub honeypot: Option<String>,
    /// Limits tighter than the server's.
    #[serde(default, skip_serializing_if = "FormLimits::is_default")]
    pub limits: FormLimits,
    /// Limits, captcha, spam, files.
    #[serde(default, skip_serializing_if = "Protection::is_default")]
    pub protection: Protection,
    /// How long what it took is kept, where that differs from the server's settings.
    #[serde(default, skip_serializing_if = "Retention::is_default")]
    pub retention: Retention,
    /// The fields, in order. Without any, the form takes whatever is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDefinition>,
}

/// Whether a form takes submissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormState {
    /// Yes, between its opening and closing times.
    #[default]
    Open,
    /// No.
    Closed,
}

/// What happens to fields that a form with declared fields does not declare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undeclared {
    /// The submission is refused.
    Refuse,
    /// They are stored beside the answers.
    #[default]
    KeepApart,
    /// They are ignored.
    Drop,
}

/// Limits of one form; each is also bounded by the server's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormLimits {
    /// How many fields a submission may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fields: Option<usize>,
    /// How many bytes names and values together may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_text_bytes: Option<u64>,
    /// How many files a submission may have; 0 means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_files: Option<usize>,
    /// How many bytes a file may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_file_bytes: Option<u64>,
}

impl FormLimits {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How long a form keeps what it took, in days; 0: for ever; none: as the server's settings say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// What lies in the inbox and in the archive, from its receipt on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submissions_days: Option<u32>,
    /// What lies in the spam folder, from its receipt on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spam_days: Option<u32>,
    /// What lies in the trash, from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trash_days: Option<u32>,
}

impl Retention {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A field and its rules. Rules that do not fit the type are refused when the form is compiled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDefinition {
    /// The name that it is submitted under: 1 to 256 bytes, not starting with `_`.
    pub name: String,
    /// What kind of answer it takes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// What people read; the name where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A sentence below the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Example text in the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// The value that the page starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether it must be answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Least length in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    /// Greatest length in characters; a line break counts as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// A regular expression that the whole value must match; linear time, at most 1,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Least number, date or time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Bound>,
    /// Greatest number, date or time; for a rating the number of points (5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Bound>,
    /// Numbers must be `min` (or 0) plus a multiple of this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ChoiceOption>,
    /// How many must be chosen at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_choices: Option<usize>,
    /// How many may be chosen at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_choices: Option<usize>,
    /// File types, as in HTML: `.pdf`, `image/*`, `image/png`; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Greatest size of one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// How many files (1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_files: Option<usize>,
    /// The name of a field that must have the same value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal_to: Option<String>,
    /// The field is only asked for when this holds; otherwise it is not required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<Condition>,
}

impl FieldDefinition {
    /// What people read.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

/// The kinds of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of HTML")]
pub enum FieldType {
    Text,
    Textarea,
    Email,
    Tel,
    Url,
    Number,
    Integer,
    Date,
    Time,
    Datetime,
    Select,
    Radio,
    Checkboxes,
    Consent,
    Rating,
    Hidden,
    File,
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A bound: a number for numbers, text for dates and times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A date (`2026-12-31`), time (`17:30`) or both (`2026-12-31T17:30`).
    Text(String),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// Something to choose: `"blue"`, or `{ value = "b", label = "Blue" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ChoiceOption {
    /// Value and label are the same.
    Plain(String),
    /// They differ.
    #[serde(rename_all = "snake_case")]
    Labelled {
        /// What is submitted.
        value: String,
        /// What people read.
        label: String,
    },
}

impl ChoiceOption {
    /// What is submitted.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Plain(value) | Self::Labelled { value, .. } => value,
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Plain(label) | Self::Labelled { label, .. } => label,
        }
    }
}

/// Holds when another field has one of these values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The other field's name.
    pub field: String,
    /// The values.
    pub any_of: Vec<String>,
}
