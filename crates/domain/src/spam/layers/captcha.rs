//! What the captcha says. Whether a wrong answer is turned away at once is the form's policy.

use super::Layer;
use crate::spam::{Captcha, Signals, filter::SpamFilter, score::Finding};

pub(super) const LAYER: Layer = Layer { name: "captcha", judge };

const FAILED: u32 = 12;
const LOW_SCORE: u32 = 6;
/// Nobody is a robot because a provider is down.
const UNVERIFIABLE: u32 = 2;

fn judge(_: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    match signals.captcha {
        Captcha::NotAsked | Captcha::Passed => None,
        Captcha::Failed => Some(Finding::points(FAILED, "did not pass the captcha")),
        Captcha::LowScore(score) => Some(Finding::points(
            LOW_SCORE,
            format!(
                "looks like a robot to the captcha, which gives {:.1} of 1",
                score.clamp(0.0, 1.0)
            ),
        )),
        Captcha::Unverifiable => {
            Some(Finding::points(UNVERIFIABLE, "the captcha could not be verified"))
        }
    }
}
