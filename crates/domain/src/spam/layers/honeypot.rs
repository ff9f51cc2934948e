//! A hidden field that only robots fill in.

use super::Layer;
use crate::spam::{
    Signals,
    filter::SpamFilter,
    score::{Effect, Finding, quote},
};

pub(super) const LAYER: Layer = Layer { name: "honeypot", judge };

const POINTS: u32 = 15;

fn judge(_: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let field = quote(signals.honeypot?);
    // Always the folder, never a refusal: a robot that is refused learns what to leave empty.
    Some(Finding {
        points: POINTS,
        message: format!("filled in the hidden field `{field}`"),
        effect: Effect::SpamFolder,
    })
}
