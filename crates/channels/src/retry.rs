//! When something that failed is tried again: pure functions, randomness comes in.

use std::time::Duration;

/// How long after each failed try the next one comes, as Standard Webhooks recommends: about 28
/// hours in all.
pub const SCHEDULE: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
];

/// How many tries there are in all, the first one included.
pub const MAX_TRIES: u32 = SCHEDULE.len() as u32 + 1;

/// The longest that anybody may ask us to wait.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait after this many failed tries, none when it is time to give up. Up to a fifth is
/// added by `random`, so that what failed together is not tried together. Whoever asks to be left
/// alone for longer is, for a day at most.
#[must_use]
pub fn delay(failed_tries: u32, asked: Option<Duration>, random: u32) -> Option<Duration> {
    let index = usize::try_from(failed_tries.checked_sub(1)?).ok()?;
    let planned = *SCHEDULE.get(index)?;
    let least = planned.max(asked.unwrap_or_default().min(MAX_RETRY_AFTER));
    let jitter = least.mul_f64(0.2 * f64::from(random) / f64::from(u32::MAX));
    Some(least + jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_tries_are_made_over_about_a_day() {
        let plain: Vec<_> = (1..MAX_TRIES).map(|tries| delay(tries, None, 0)).collect();
        assert_eq!(plain, SCHEDULE.map(Some));
        assert_eq!(plain.len(), 7);
        assert_eq!(delay(MAX_TRIES, None, 0), None);
        assert_eq!(delay(u32::MAX, Some(MAX_RETRY_AFTER), u32::MAX), None);
        assert_eq!(delay(0, None, 0), None, "what has not failed is not tried again");
    }

    #[test]
    fn jitter_adds_up_to_a_fifth_and_never_takes_away() {
        for tries in 1..MAX_TRIES {
            let planned = delay(tries, None, 0).expect("a delay");
            let middle = delay(tries, None, u32::MAX / 2).expect("a delay");
            let most = delay(tries, None, u32::MAX).expect("a delay");
            assert!(planned < middle && middle < most);
            assert_eq!(most.as_millis(), planned.as_millis() * 6 / 5);
        }
    }

    #[test]
    fn who_asks_to_wait_is_listened_to_for_a_day() {
        let asked = |seconds| delay(1, Some(Duration::from_secs(seconds)), 0);
        assert_eq!(asked(1), Some(Duration::from_secs(5)));
        assert_eq!(asked(90), Some(Duration::from_secs(90)));
        assert_eq!(asked(u64::MAX), Some(MAX_RETRY_AFTER));
    }
}
