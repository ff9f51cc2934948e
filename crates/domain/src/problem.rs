//! What can be wrong with an answer, as a stable code and as a sentence for the person.

use serde::Serialize;

use crate::Language;

/// Something wrong with one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// What is wrong.
    #[serde(flatten)]
    pub problem: Problem,
}

/// The kinds of problems that a field's answer can have.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each variant's name and fields say it, its sentence is in texts")]
pub enum Problem {
    Missing,
    Empty,
    ConsentMissing,
    TooManyValues,
    NotText,
    NotEmail,
    NotTel,
    NotUrl,
    NotNumber,
    NotInteger,
    NotDate,
    NotTime,
    NotDateTime,
    NotAnOption,
    TooShort { min: usize },
    TooLong { max: usize },
    TooSmall { min: String },
    TooLarge { max: String },
    OffStep { step: String },
    PatternMismatch,
    TooFewChoices { min: usize },
    TooManyChoices { max: usize },
    NotEqual { other: String },
    Undeclared,
    FileExpected,
    FileNotExpected,
    FileType { accepted: String },
    FileTooBig { max_bytes: u64 },
    FileEmpty,
    TooManyFiles { max: usize },
}

impl Problem {
    /// The stable code that clients test for: those of the Formspree clients where they fit.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "REQUIRED_FIELD_MISSING",
            Self::Empty => "REQUIRED_FIELD_EMPTY",
            Self::ConsentMissing => "CONSENT_REQUIRED",
            Self::TooManyValues => "TOO_MANY_VALUES",
            Self::NotText => "TYPE_TEXT",
            Self::NotEmail => "TYPE_EMAIL",
            Self::NotTel => "TYPE_TEL",
            Self::NotUrl => "TYPE_URL",
            Self::NotNumber => "TYPE_NUMERIC",
            Self::NotInteger => "TYPE_NUMERIC",
            Self::NotDate => "TYPE_DATE",
            Self::NotTime => "TYPE_TIME",
            Self::NotDateTime => "TYPE_DATETIME",
            Self::NotAnOption => "NOT_AN_OPTION",
            Self::TooShort { .. } => "TOO_SHORT",
            Self::TooLong { .. } => "TOO_LONG",
            Self::TooSmall { .. } => "TOO_SMALL",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::OffStep { .. } => "OFF_STEP",
            Self::PatternMismatch => "PATTERN_MISMATCH",
            Self::TooFewChoices { .. } => "TOO_FEW_CHOICES",
            Self::TooManyChoices { .. } => "TOO_MANY_CHOICES",
            Self::NotEqual { .. } => "NOT_EQUAL",
            Self::Undeclared => "UNDECLARED_FIELD",
            Self::FileExpected => "FILE_EXPECTED",
            Self::FileNotExpected => "FILE_NOT_EXPECTED",
            Self::FileType { .. } => "FILE_TYPE",
            Self::FileTooBig { .. } => "FILES_TOO_BIG",
            Self::FileEmpty => "FILE_EMPTY",
            Self::TooManyFiles { .. } => "TOO_MANY_FILES",
        }
    }

    /// The sentence for the person, in their language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let texts = &language.texts().problems;
        let with =
            |text: &str, value: &dyn std::fmt::Display| text.replace("{}", &value.to_string());
        match self {
            Self::Missing | Self::Empty => texts.required.to_owned(),
            Self::ConsentMissing => texts.consent.to_owned(),
            Self::TooManyValues => texts.too_many_values.to_owned(),
            Self::NotText => texts.not_text.to_owned(),
            Self::NotEmail => texts.not_email.to_owned(),
            Self::NotTel => texts.not_tel.to_owned(),
            Self::NotUrl => texts.not_url.to_owned(),
            Self::NotNumber => texts.not_number.to_owned(),
            Self::NotInteger => texts.not_integer.to_owned(),
            Self::NotDate => texts.not_date.to_owned(),
            Self::NotTime => texts.not_time.to_owned(),
            Self::NotDateTime => texts.not_date_time.to_owned(),
            Self::NotAnOption => texts.not_an_option.to_owned(),
            Self::TooShort { min } => with(texts.too_short, min),
            Self::TooLong { max } => with(texts.too_long, max),
            Self::TooSmall { min } => with(texts.too_small, min),
            Self::TooLarge { max } => with(texts.too_large, max),
            Self::OffStep { step } => with(texts.off_step, step),
            Self::PatternMismatch => texts.pattern_mismatch.to_owned(),
            Self::TooFewChoices { min } => with(texts.too_few_choices, min),
            Self::TooManyChoices { max } => with(texts.too_many_choices, max),
            Self::NotEqual { other } => with(texts.not_equal, other),
            Self::Undeclared => texts.undeclared.to_owned(),
            Self::FileExpected => texts.file_expected.to_owned(),
            Self::FileNotExpected => texts.file_not_expected.to_owned(),
            Self::FileType { accepted } => with(texts.file_type, accepted),
            Self::FileTooBig { max_bytes } => {
                with(texts.file_too_big, &bytes_for_people(*max_bytes))
            }
            Self::FileEmpty => texts.file_empty.to_owned(),
            Self::TooManyFiles { max } => with(texts.too_many_files, max),
        }
    }
}

/// A number of bytes in whole units, rounded down so that it promises nothing that is refused.
#[must_use]
pub fn bytes_for_people(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    UNITS
        .iter()
        .find(|(_, unit)| bytes >= 10 * unit || (bytes >= *unit && bytes.is_multiple_of(*unit)))
        .map_or_else(|| format!("{bytes} B"), |(name, unit)| format!("{} {name}", bytes / unit))
}
