//! The same text again and again.

use super::Layer;
use crate::spam::{Signals, filter::SpamFilter, score::Finding};

pub(super) const LAYER: Layer = Layer { name: "copies", judge };

/// Beyond the accepted number of copies.
const SOME: u32 = 6;
/// From this many more on.
const MANY_FROM: u32 = 5;
/// Not more: it may be a campaign that asks people to send a given text.
const MANY: u32 = 9;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let rules = &filter.rules;
    let copies = signals.earlier_copies;
    let more = copies.saturating_sub(rules.max_copies);
    if more == 0 || rules.copies_window_minutes == 0 {
        return None;
    }
    let times = if copies == 1 { "once".to_owned() } else { format!("{copies} times") };
    let minutes = rules.copies_window_minutes;
    Some(Finding::points(
        if more >= MANY_FROM { MANY } else { SOME },
        format!("the same text came {times} before within {minutes} minutes"),
    ))
}
