//! What the sender's computer was asked to work out.

use super::Layer;
use crate::spam::{ProofOfWork, Signals, filter::SpamFilter, score::Finding};

pub(super) const LAYER: Layer = Layer { name: "proof_of_work", judge };

/// A browser without JavaScript brings none either.
const ABSENT: u32 = 6;
const FAILED: u32 = 8;

fn judge(_: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    match signals.proof_of_work {
        ProofOfWork::NotAsked | ProofOfWork::Passed => None,
        ProofOfWork::Absent => Some(Finding::points(ABSENT, "came without the proof of work")),
        ProofOfWork::Failed => Some(Finding::points(FAILED, "came with a wrong proof of work")),
    }
}
