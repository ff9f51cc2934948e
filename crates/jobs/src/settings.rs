//! The section `[jobs]`.

use serde::{Deserialize, Serialize};

/// The section `[jobs]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many jobs a node is at, at the same time.
    pub concurrency: usize,
    /// How many of them may be in one lane.
    pub per_lane: usize,
    /// How often a node looks for work by itself.
    pub poll_ms: u64,
    /// How long jobs under way may take when the node stops.
    pub drain_seconds: u64,
    /// How many days jobs are kept that are done.
    pub keep_days: u32,
    /// How many days jobs are kept that failed for good.
    pub keep_failed_days: u32,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut check = |is_good: bool, key, message: &str| {
            if !is_good {
                problems.push((key, message.to_owned()));
            }
        };
        check((1..=4096).contains(&self.concurrency), "concurrency", "must be between 1 and 4096");
        check(
            (1..=self.concurrency.max(1)).contains(&self.per_lane),
            "per_lane",
            "must be between 1 and `jobs.concurrency`",
        );
        check((10..=60_000).contains(&self.poll_ms), "poll_ms", "must be between 10 and 60000");
        check(self.drain_seconds <= 3600, "drain_seconds", "must not be more than 3600");
        for (key, days) in
            [("keep_days", self.keep_days), ("keep_failed_days", self.keep_failed_days)]
        {
            check((1..=3650).contains(&days), key, "must be between 1 and 3650");
        }
        problems
    }
}
