//! What a cell is in a workbook: numbers where they are exact there, else text.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::styles::Style;
use crate::Cell;

/// What is written.
pub(super) enum Value<'a> {
    Nothing,
    Text(Cow<'a, str>, Style),
    Number(f64, Style),
    Boolean(bool),
}

const DAY_MS: f64 = 86_400_000.0;
/// The day that 1970-01-01 is in a workbook.
const EPOCH_DAY: f64 = 25_569.0;
/// 1900-03-01. Excel has days before, but takes 1900 for a leap year and counts them wrong.
const FIRST_DAY: f64 = 61.0;
/// 10000-01-01, which is too late.
const END_DAY: f64 = 2_958_466.0;
/// Excel keeps 15 digits.
const MAX_INTEGER: i64 = 999_999_999_999_999;

pub(super) fn value_of<'a>(cell: &'a Cell<'_>) -> Value<'a> {
    match cell {
        Cell::Empty => Value::Nothing,
        Cell::Boolean(yes) => Value::Boolean(*yes),
        Cell::Many(_) => Value::Text(cell.to_text(), Style::Array),
        _ => match number_of(cell) {
            Some((number, style)) => Value::Number(number, style),
            None => Value::Text(cell.to_text(), Style::Text),
        },
    }
}

fn number_of(cell: &Cell<'_>) -> Option<(f64, Style)> {
    let day = |day: f64| (FIRST_DAY..END_DAY).contains(&day).then_some(day);
    match cell {
        Cell::Integer(number) => {
            (-MAX_INTEGER..=MAX_INTEGER).contains(number).then_some((*number as f64, Style::Plain))
        }
        Cell::Number(number) => number.is_finite().then_some((*number, Style::Plain)),
        Cell::Time(at_ms) => Some((day(*at_ms as f64 / DAY_MS + EPOCH_DAY)?, Style::Time)),
        Cell::Date(date) => {
            let since_epoch = date.signed_duration_since(NaiveDate::default()).num_days();
            Some((day(since_epoch as f64 + EPOCH_DAY)?, Style::Date))
        }
        _ => None,
    }
}
