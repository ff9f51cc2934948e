//! How long it took from the page to the submission.

use super::Layer;
use crate::spam::{Signals, TimeToFill, filter::SpamFilter, score::Finding};

pub(super) const LAYER: Layer = Layer { name: "time_to_fill", judge };

/// Some people let a browser fill in everything.
const FAST: u32 = 6;
/// Less than a third of the least time.
const VERY_FAST: u32 = 8;
/// People leave pages open; robots keep copies of them.
const STALE: u32 = 2;
const MISSING: u32 = 6;
const FORGED: u32 = 8;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let least_ms = u64::from(filter.rules.min_seconds_to_fill) * 1_000;
    let most_hours = u64::from(filter.rules.max_hours_to_fill);
    match signals.time_to_fill {
        _ if least_ms == 0 && most_hours == 0 => None,
        TimeToFill::NotMeasured => None,
        TimeToFill::Missing => {
            Some(Finding::points(MISSING, "came without the stamp that the form's page sends"))
        }
        TimeToFill::Forged => Some(Finding::points(FORGED, "came with a stamp that is not ours")),
        TimeToFill::TookMs(ms) if ms < least_ms => {
            let points = if ms < least_ms / 3 { VERY_FAST } else { FAST };
            let (seconds, tenths) = (ms / 1_000, ms % 1_000 / 100);
            let least = least_ms / 1_000;
            Some(Finding::points(
                points,
                format!(
                    "was filled in within {seconds}.{tenths} s; a person needs at least {least} s"
                ),
            ))
        }
        TimeToFill::TookMs(ms) => {
            let hours = ms / 3_600_000;
            (most_hours > 0 && hours >= most_hours).then(|| {
                Finding::points(
                    STALE,
                    format!("was sent from a page that was opened {hours} h ago"),
                )
            })
        }
    }
}
