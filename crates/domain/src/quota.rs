//! How much is allowed in which time, as `5/min`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

const UNITS: [(&str, u64); 4] = [("s", 1), ("min", 60), ("hour", 60 * 60), ("day", 24 * 60 * 60)];
const MAX_LIMIT: u32 = 1_000_000;
const MAX_PERIOD_SECONDS: u64 = 366 * 24 * 60 * 60;

/// A number of requests in a time. As text `5/min`, `20/s`, `100/hour`, `1000/day`, or with more
/// than one unit of time as `10/15min`.
///
/// All of them may come at once; after that they come back evenly, one each `period / limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quota {
    limit: NonZeroU32,
    period: Duration,
}

/// A text that is no quota.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no limit: write it as 5/min, 20/s, 100/hour, 1000/day or 10/15min")]
pub struct QuotaProblem(String);

impl Quota {
    /// A quota of up to 1,000,000 in 1 second to 366 days; none outside of that.
    #[must_use]
    pub fn new(limit: NonZeroU32, period: Duration) -> Option<Self> {
        let seconds = period.as_secs();
        let fits = limit.get() <= MAX_LIMIT
            && (1..=MAX_PERIOD_SECONDS).contains(&seconds)
            && period.subsec_nanos() == 0;
        fits.then_some(Self { limit, period })
    }

    /// How many.
    #[must_use]
    pub fn limit(&self) -> NonZeroU32 {
        self.limit
    }

    /// In which time: whole seconds.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }

    /// What one of so many nodes may allow by itself: an equal share, and one at least.
    #[must_use]
    pub fn share(&self, nodes: u32) -> Self {
        let share = NonZeroU32::new(self.limit.get() / nodes.max(1)).unwrap_or(NonZeroU32::MIN);
        Self { limit: share, period: self.period }
    }
}

impl FromStr for Quota {
    type Err = QuotaProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (limit, time) = text.trim().split_once('/')?;
            let time = time.trim();
            let digits = time.bytes().take_while(u8::is_ascii_digit).count();
            let (many, unit) = time.split_at(digits);
            let many: u64 = if many.is_empty() { 1 } else { many.parse().ok()? };
            let unit = UNITS.iter().find(|(name, _)| *name == unit.trim())?.1;
            let period = Duration::from_secs(many.checked_mul(unit)?);
            Self::new(limit.trim().parse().ok()?, period)
        };
        parse().ok_or_else(|| QuotaProblem(text.to_owned()))
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        let largest = UNITS.iter().rev().find(|(_, unit)| seconds.is_multiple_of(*unit));
        let (name, unit) = largest.unwrap_or(&UNITS[0]);
        match seconds / unit {
            1 => write!(f, "{}/{name}", self.limit),
            many => write!(f, "{}/{many}{name}", self.limit),
        }
    }
}

impl TryFrom<String> for Quota {
    type Error = QuotaProblem;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Quota> for String {
    fn from(quota: Quota) -> Self {
        quota.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("5/min", 5, 60, "5/min")]
    #[case("20/s", 20, 1, "20/s")]
    #[case("100/hour", 100, 3600, "100/hour")]
    #[case("1000/day", 1000, 86_400, "1000/day")]
    #[case(" 10 / 15 min ", 10, 900, "10/15min")]
    #[case("7/60s", 7, 60, "7/min")]
    #[case("7/90s", 7, 90, "7/90s")]
    #[case("1/48hour", 1, 172_800, "1/2day")]
    fn a_quota_is_read_and_shown(
        #[case] text: &str,
        #[case] limit: u32,
        #[case] seconds: u64,
        #[case] shown: &str,
    ) {
        let quota: Quota = text.parse().unwrap();
        assert_eq!((quota.limit().get(), quota.period().as_secs()), (limit, seconds));
        assert_eq!(quota.to_string(), shown);
        assert_eq!(shown.parse::<Quota>().unwrap(), quota);
    }

    #[rstest::rstest]
    fn what_is_no_quota_is_refused(
        #[values(
            "",
            "5",
            "/min",
            "0/min",
            "-1/min",
            "5/",
            "5/0s",
            "5/fortnight",
            "5/min/min",
            "1.5/min",
            "1000001/s",
            "1/367day",
            "1/99999999999999999999s",
            "1/18446744073709551615day",
            "off"
        )]
        text: &str,
    ) {
        assert!(text.parse::<Quota>().is_err(), "{text}");
    }

    #[test]
    fn a_share_is_never_nothing_and_never_more_than_all() {
        let quota: Quota = "5/min".parse().unwrap();
        let shares = [0, 1, 2, 3, 5, 6, 1000].map(|nodes| quota.share(nodes).limit().get());
        assert_eq!(shares, [5, 5, 2, 1, 1, 1, 1]);
    }
}
