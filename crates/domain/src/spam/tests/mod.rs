//! The filter as its caller sees it.

mod honest;
mod layers;
pub(super) mod properties;
mod rules;

use super::{PlainAnswers, Score, Signals, SpamFilter, SpamRules};
use crate::Answers;

/// The filter of rules that are right.
fn filter(rules: &SpamRules) -> SpamFilter {
    SpamFilter::compile(rules).expect("these rules are right")
}

/// The filter of the default rules.
fn default_filter() -> SpamFilter {
    filter(&SpamRules::default())
}

/// Answers with one message.
fn message(text: &str) -> Answers {
    vec![("message".to_owned(), text.to_owned())].into()
}

/// What is scored when only the answers are known.
fn score(filter: &SpamFilter, text: &str) -> Score {
    filter.score(&Signals::of(&PlainAnswers::of(&message(text))))
}

/// The points that a layer gave.
fn points_of(score: &Score, layer: &str) -> u32 {
    score.reasons.iter().filter(|reason| reason.layer == layer).map(|reason| reason.points).sum()
}
