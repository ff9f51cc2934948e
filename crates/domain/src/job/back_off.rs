//! How long to wait between two tries.

/// The waits between the tries of a job. There is one try more than there are waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    waits_s: &'static [i64],
}

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;

/// The share of a wait that may come on top, so that what failed together does not come back together.
const JITTER_PERCENT: i64 = 20;

impl BackOff {
    /// What is sent to programs of others: as Standard Webhooks advises
    /// (<https://www.standardwebhooks.com/>), for a day and a quarter.
    pub const WEBHOOK: Self = Self {
        waits_s: &[
            5,
            5 * MINUTE_S,
            30 * MINUTE_S,
            2 * HOUR_S,
            5 * HOUR_S,
            10 * HOUR_S,
            10 * HOUR_S,
        ],
    };
    /// Mails: a server that lists newcomers as grey wants them back after minutes, and one that is
    /// down gets a day and a quarter.
    pub const LETTER: Self =
        Self { waits_s: &[30, 2 * MINUTE_S, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, 24 * HOUR_S] };
    /// The instance's own work: the next tick of its schedule comes anyway.
    pub const OWN: Self = Self { waits_s: &[MINUTE_S, 10 * MINUTE_S] };

    /// How many tries there are in all.
    #[must_use]
    pub fn max_attempts(self) -> u32 {
        u32::try_from(self.waits_s.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How long to wait after this many tries, in milliseconds; none after the last one. `jitter`, any
    /// number, decides how much of a fifth comes on top.
    #[must_use]
    pub fn wait_ms(self, attempts: u32, jitter: u32) -> Option<i64> {
        let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
        let wait_ms = self.waits_s.get(index)? * 1000;
        let most = wait_ms * JITTER_PERCENT / 100;
        Some(wait_ms + most * i64::from(jitter) / i64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::BackOff;

    #[test]
    fn there_is_a_wait_after_each_try_but_the_last() {
        for back_off in [BackOff::WEBHOOK, BackOff::LETTER, BackOff::OWN] {
            let most = back_off.max_attempts();
            assert_eq!(back_off.wait_ms(0, 0), None, "before the first try there is none");
            assert!((1..most).all(|attempts| back_off.wait_ms(attempts, 0).is_some()));
            assert_eq!(back_off.wait_ms(most, 0), None);
        }
        assert_eq!(BackOff::WEBHOOK.max_attempts(), 8);
        assert_eq!(BackOff::WEBHOOK.wait_ms(1, 0), Some(5_000));
        assert_eq!(BackOff::LETTER.wait_ms(6, 0), Some(24 * 60 * 60 * 1000));
    }

    #[test]
    fn jitter_adds_up_to_a_fifth_and_takes_nothing_away() {
        assert_eq!(BackOff::LETTER.wait_ms(1, u32::MAX), Some(36_000));
        assert_eq!(BackOff::LETTER.wait_ms(1, u32::MAX / 2), Some(32_999));
    }
}
