//! A moment as pages show it.

use formhold_domain::rfc3339;

/// A moment, for machines and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeView {
    /// RFC 3339 in UTC, as `2026-05-04T09:30:00.000Z`.
    pub machine: String,
    /// The same for people, as `4 May 2026, 09:30 UTC`.
    pub text: String,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl TimeView {
    /// This moment, in milliseconds since 1970.
    #[must_use]
    pub fn at_ms(at_ms: i64) -> Self {
        let machine = rfc3339(at_ms);
        let text = readable(&machine).unwrap_or_else(|| machine.clone());
        Self { machine, text }
    }
}

fn readable(machine: &str) -> Option<String> {
    let (date, time) = machine.split_once('T')?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(format!("{} {month} {year}, {} UTC", day.trim_start_matches('0'), time.get(..5)?))
}
