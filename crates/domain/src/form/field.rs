//! One field, compiled: its rules in a form that can be checked fast.

use regex::Regex;
use url::Url;

use super::{FieldDefinition, FieldType, scalar::Scalar};
use crate::{FileKind, Problem, Upload};

/// A field whose rules are known to make sense.
#[derive(Debug, Clone)]
pub struct CompiledField {
    /// The field as defined.
    pub definition: FieldDefinition,
    pub(super) pattern: Option<Regex>,
    pub(super) min: Option<Scalar>,
    pub(super) max: Option<Scalar>,
}

impl CompiledField {
    /// What is wrong with these values, if anything.
    pub(super) fn check_values(&self, values: &[&str], shown: bool) -> Option<Problem> {
        let required = self.definition.required && shown;
        match self.definition.kind {
            FieldType::Checkboxes => self.check_choices(values, required),
            FieldType::Consent => check_consent(values, required),
            FieldType::File => {
                values.iter().any(|value| !value.trim().is_empty()).then_some(Problem::FileExpected)
            }
            _ => match values {
                [] => required.then_some(Problem::Missing),
                [value] if value.trim().is_empty() => required.then_some(Problem::Empty),
                [value] => self.check_value(value),
                _ => Some(Problem::TooManyValues),
            },
        }
    }

    /// What is wrong with these files, if anything.
    pub(super) fn check_files(&self, files: &[&Upload], shown: bool) -> Option<Problem> {
        let rules = &self.definition;
        if rules.kind != FieldType::File {
            return (!files.is_empty()).then_some(Problem::FileNotExpected);
        }
        if files.is_empty() {
            return (rules.required && shown).then_some(Problem::Missing);
        }
        let max = rules.max_files.unwrap_or(1);
        if files.len() > max {
            return Some(Problem::TooManyFiles { max });
        }
        files.iter().find_map(|file| {
            if file.size_bytes == 0 {
                return Some(Problem::FileEmpty);
            }
            if let Some(max_bytes) = rules.max_bytes.filter(|max| file.size_bytes > *max) {
                return Some(Problem::FileTooBig { max_bytes });
            }
            let fits = |accept: &String| FileKind::accepted(accept, &file.content_type, &file.name);
            (!rules.accept.is_empty() && !rules.accept.iter().any(fits))
                .then(|| Problem::FileType { accepted: rules.accept.join(", ") })
        })
    }

    fn check_value(&self, value: &str) -> Option<Problem> {
        let well_formed = match self.definition.kind {
            FieldType::Email => is_email(value).then_some(()).ok_or(Problem::NotEmail),
            FieldType::Tel => is_tel(value).then_some(()).ok_or(Problem::NotTel),
            FieldType::Url => is_web_address(value).then_some(()).ok_or(Problem::NotUrl),
            FieldType::Select | FieldType::Radio => {
                self.has_option(value).then_some(()).ok_or(Problem::NotAnOption)
            }
            FieldType::Number
            | FieldType::Integer
            | FieldType::Rating
            | FieldType::Date
            | FieldType::Time
            | FieldType::Datetime => self.check_scalar(value),
            _ => Ok(()),
        };
        well_formed.err().or_else(|| self.check_length(value)).or_else(|| {
            let matches = self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(value));
            (!matches).then_some(Problem::PatternMismatch)
        })
    }

    fn check_length(&self, value: &str) -> Option<Problem> {
        let (min, max) = (self.definition.min_length, self.definition.max_length);
        if min.is_none() && max.is_none() {
            return None;
        }
        // Browsers count a line break as one character and submit it as two.
        let length = value.chars().count() - value.matches("\r\n").count();
        if let Some(min) = min.filter(|min| length < *min) {
            return Some(Problem::TooShort { min });
        }
        max.filter(|max| length > *max).map(|max| Problem::TooLong { max })
    }

    fn check_scalar(&self, value: &str) -> Result<(), Problem> {
        let kind = self.definition.kind;
        let scalar = Scalar::parse(kind, value.trim()).ok_or(match kind {
            FieldType::Number => Problem::NotNumber,
            FieldType::Date => Problem::NotDate,
            FieldType::Time => Problem::NotTime,
            FieldType::Datetime => Problem::NotDateTime,
            _ => Problem::NotInteger,
        })?;
        let shown = |bound: &Option<super::Bound>| {
            bound.as_ref().map_or(String::new(), ToString::to_string)
        };
        if self.min.is_some_and(|min| scalar < min) {
            let min = if kind == FieldType::Rating {
                "1".to_owned()
            } else {
                shown(&self.definition.min)
            };
            return Err(Problem::TooSmall { min });
        }
        if self.max.is_some_and(|max| scalar > max) {
            let max = if kind == FieldType::Rating {
                self.points().to_string()
            } else {
                shown(&self.definition.max)
            };
            return Err(Problem::TooLarge { max });
        }
        match self.definition.step {
            Some(step) if !on_step(scalar, self.min, step) => {
                Err(Problem::OffStep { step: step.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// How many points a rating has.
    #[must_use]
    pub fn points(&self) -> i64 {
        match self.max {
            Some(Scalar::Integer(points)) => points,
            _ => 5,
        }
    }

    fn check_choices(&self, values: &[&str], required: bool) -> Option<Problem> {
        let mut chosen: Vec<&str> =
            values.iter().copied().filter(|value| !value.is_empty()).collect();
        if chosen.is_empty() {
            return required.then_some(if values.is_empty() {
                Problem::Missing
            } else {
                Problem::Empty
            });
        }
        if chosen.iter().any(|value| !self.has_option(value)) {
            return Some(Problem::NotAnOption);
        }
        chosen.sort_unstable();
        chosen.dedup();
        if let Some(min) = self.definition.min_choices.filter(|min| chosen.len() < *min) {
            return Some(Problem::TooFewChoices { min });
        }
        let max = self.definition.max_choices.filter(|max| chosen.len() > *max);
        max.map(|max| Problem::TooManyChoices { max })
    }

    fn has_option(&self, value: &str) -> bool {
        self.definition.options.iter().any(|option| option.value() == value)
    }
}

/// A hidden `0` before the box itself is a common idiom, so the last value decides.
fn check_consent(values: &[&str], required: bool) -> Option<Problem> {
    match values.last().map_or(Some(false), |value| is_given(value)) {
        None => Some(Problem::NotAnOption),
        Some(given) => (required && !given).then_some(Problem::ConsentMissing),
    }
}

/// Whether a consent is given by this value; none where it is no word for either.
pub(crate) fn is_given(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "" | "0" | "off" | "false" | "no" => Some(false),
        "1" | "on" | "true" | "yes" => Some(true),
        _ => None,
    }
}

/// The rule of HTML's e-mail input (WHATWG HTML, "valid e-mail address"), with letters of any
/// script, at most 254 bytes (RFC 5321) and at least one dot in the domain.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let local_character = |c: char| {
        c.is_ascii_alphanumeric()
            || ".!#$%&'*+/=?^_`{|}~-".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric())
    };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    value.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(local_character)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn is_tel(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_digit() || " +-/().#*x".contains(c) || c == '\u{a0}';
    let digits = value.chars().filter(char::is_ascii_digit).count();
    (3..=20).contains(&digits) && value.len() <= 40 && value.trim().chars().all(allowed)
}

fn is_web_address(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://"))
        && !value.contains(|c: char| c.is_whitespace() || c.is_control())
        && Url::parse(value).is_ok_and(|url| url.host().is_some())
}

#[expect(clippy::cast_precision_loss, reason = "a step is a number of the page, not an id")]
fn on_step(value: Scalar, min: Option<Scalar>, step: f64) -> bool {
    let (value, start) = match (value, min) {
        (Scalar::Number(value), Some(Scalar::Number(min))) => (value, min),
        (Scalar::Number(value), _) => (value, 0.0),
        (Scalar::Integer(value), Some(Scalar::Integer(min))) => (value as f64, min as f64),
        (Scalar::Integer(value), _) => (value as f64, 0.0),
        _ => return true,
    };
    let steps = (value - start) / step;
    (steps - steps.round()).abs() < 1e-9 * steps.abs().max(1.0)
}
