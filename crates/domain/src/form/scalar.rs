//! Values that can be compared: numbers, dates and times.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

use super::FieldType;

/// A parsed value; only values of one kind are ever compared.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Scalar {
    Number(f64),
    Integer(i64),
    Date(NaiveDate),
    Time(NaiveTime),
    DateTime(NaiveDateTime),
}

impl Scalar {
    /// Reads a value as HTML's inputs write it (WHATWG HTML, section 2.3): `-1.5e3`, `2026-12-31`,
    /// `17:30`, `17:30:05.5`, `2026-12-31T17:30`. RFC 3339 is taken for a date with time, too.
    #[must_use]
    pub fn parse(kind: FieldType, text: &str) -> Option<Self> {
        match kind {
            FieldType::Number => number(text).map(Self::Number),
            FieldType::Integer | FieldType::Rating => integer(text).map(Self::Integer),
            FieldType::Date => date(text).map(Self::Date),
            FieldType::Time => time(text).map(Self::Time),
            FieldType::Datetime => date_time(text).map(Self::DateTime),
            _ => None,
        }
    }

    /// What a value can be where nobody says what it is: one thing, or nothing.
    pub(crate) fn guess(text: &str) -> Option<Self> {
        [FieldType::Number, FieldType::Date, FieldType::Time, FieldType::Datetime]
            .into_iter()
            .find_map(|kind| Self::parse(kind, text))
    }

    /// A number that goes up with the value: of a date its days, of a time its seconds, of both
    /// milliseconds. Whole numbers beyond 2^53 share one with their neighbours.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the order stays")]
    pub fn index_number(self) -> f64 {
        match self {
            Self::Number(number) => number,
            Self::Integer(number) => number as f64,
            Self::Date(day) => f64::from(day.num_days_from_ce()),
            Self::Time(time) => {
                f64::from(time.num_seconds_from_midnight()) + f64::from(time.nanosecond()) / 1e9
            }
            Self::DateTime(moment) => moment.and_utc().timestamp_millis() as f64,
        }
    }

    /// Values of one kind can be compared.
    pub(crate) fn index_kind(self) -> &'static str {
        match self {
            Self::Number(_) | Self::Integer(_) => "number",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::DateTime(_) => "datetime",
        }
    }
}

fn number(text: &str) -> Option<f64> {
    // Rust would also read `inf`, `nan` and `+1`, which no HTML input submits.
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let well_formed = !text.is_empty()
        && text.bytes().all(plain)
        && !text.starts_with('+')
        && !text.ends_with('.');
    let number: f64 = well_formed.then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

fn integer(text: &str) -> Option<i64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

fn date(text: &str) -> Option<NaiveDate> {
    // chrono alone would take `2026-1-1`.
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
}

fn time(text: &str) -> Option<NaiveTime> {
    let format = match text.len() {
        5 => "%H:%M",
        8 => "%H:%M:%S",
        10..=12 => "%H:%M:%S%.f",
        _ => return None,
    };
    NaiveTime::parse_from_str(text, format).ok()
}

fn date_time(text: &str) -> Option<NaiveDateTime> {
    if let Some((day, clock)) = text.split_once(['T', ' '])
        && let (Some(day), Some(clock)) = (date(day), time(clock))
    {
        return Some(day.and_time(clock));
    }
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.naive_utc())
}

#[cfg(test)]
mod tests {
    use super::{FieldType, Scalar};

    #[test]
    fn only_what_html_inputs_write_is_read() {
        let good = [
            (FieldType::Number, "-1.5e3"),
            (FieldType::Number, ".5"),
            (FieldType::Integer, "-42"),
            (FieldType::Date, "2028-02-29"),
            (FieldType::Time, "17:30"),
            (FieldType::Time, "17:30:05.123"),
            (FieldType::Datetime, "2026-12-31T17:30"),
            (FieldType::Datetime, "2026-12-31T17:30:00+02:00"),
        ];
        for (kind, text) in good {
            assert!(Scalar::parse(kind, text).is_some(), "{kind} {text}");
        }
        let bad = [
            (FieldType::Number, "inf"),
            (FieldType::Number, "NaN"),
            (FieldType::Number, "1e999"),
            (FieldType::Number, "1,5"),
            (FieldType::Number, "0x10"),
            (FieldType::Integer, "1.0"),
            (FieldType::Integer, "9223372036854775808"),
            (FieldType::Date, "2027-02-29"),
            (FieldType::Date, "2026-1-1"),
            (FieldType::Time, "24:00"),
            (FieldType::Time, "7:30"),
            (FieldType::Datetime, "2026-12-31"),
        ];
        for (kind, text) in bad {
            assert!(Scalar::parse(kind, text).is_none(), "{kind} {text}");
        }
    }
}
