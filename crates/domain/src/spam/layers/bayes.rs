//! What the form has learnt from its owner's decisions.

use super::Layer;
use crate::spam::{Signals, filter::SpamFilter, score::Finding};

pub(super) const LAYER: Layer = Layer { name: "bayes", judge };

/// From which probability on there are how many points; below there are none.
const STEPS: &[(f64, u32)] = &[(0.999, 14), (0.99, 10), (0.95, 8), (0.9, 5)];

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let probability = signals.spam_probability.filter(|_| filter.rules.learns)?;
    let (_, points) = STEPS.iter().find(|(from, _)| probability >= *from)?;
    // Cut, not rounded: nothing is certain.
    let percent = (probability * 1_000.0).floor().min(999.0) / 10.0;
    Some(Finding::points(
        *points,
        format!("resembles what was marked as spam in this form ({percent:.1} %)"),
    ))
}
