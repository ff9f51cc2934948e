//! Medians, spreads and percentiles.

use crate::load::Outcome;

/// Times to the reply in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latency {
    /// Half were faster.
    pub p50: f64,
    /// 99 % were faster.
    pub p99: f64,
    /// 99.9 % were faster.
    pub p999: f64,
    /// The slowest.
    pub(crate) max: f64,
}

impl Latency {
    /// Of the acknowledged submissions.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let sorted = &outcome.latencies_us;
        let at = |per_mille: usize| {
            let index = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
            sorted.get(index).map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
        };
        Self { p50: at(500), p99: at(990), p999: at(999), max: at(1000) }
    }
}

/// The middle one; of an even number the mean of the two in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The least and the greatest.
pub(crate) fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    values.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), value| {
        (least.min(value), greatest.max(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median([]).is_nan());
        assert_eq!(range([2.0, 1.0, 3.0]), (1.0, 3.0));
    }

    #[test]
    fn percentiles_come_from_the_sorted_times() {
        let outcome = Outcome { latencies_us: (1..=1000).collect(), ..Outcome::default() };
        let latency = Latency::of(&outcome);
        assert_eq!((latency.p50, latency.p99, latency.max), (0.501, 0.991, 1.0));
    }
}
