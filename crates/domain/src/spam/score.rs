//! The outcome: points, reasons that the form's owner can read, and what follows from them.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// What becomes of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is delivered.
    Inbox,
    /// It is kept for review and answered as success.
    Spam,
    /// It is not kept, and the sender is told.
    Refuse,
}

/// Why a submission got points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The layer that gave them, by its stable name.
    pub layer: Cow<'static, str>,
    /// How many.
    pub points: u32,
    /// An English clause for the form's owner, as `contains 7 links; this form expects at most 2`.
    /// It quotes at most 40 characters of what was submitted.
    pub message: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (+{}): {}", self.layer, self.points, self.message)
    }
}

/// What all layers together say of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The sum of the reasons' points.
    pub points: u32,
    /// The reasons, in the order of the layers.
    pub reasons: Vec<Reason>,
    /// What follows.
    pub verdict: Verdict,
}

/// What a layer found.
pub(super) struct Finding {
    pub(super) points: u32,
    pub(super) message: String,
    pub(super) effect: Effect,
}

/// What a finding does beside its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Points,
    /// Into the spam folder whatever the points say, so that a robot is answered as everybody.
    SpamFolder,
    /// Refused whatever the points say, because the owner chose so.
    Refuse,
}

impl Finding {
    /// A finding that only gives points.
    pub(super) fn points(points: u32, message: impl Into<String>) -> Self {
        Self { points, message: message.into(), effect: Effect::Points }
    }
}

/// At most 40 characters of what was submitted, without any that would upset a page or a log.
pub(super) fn quote(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let harmless = |c: &char| !c.is_control() && !super::fold::is_invisible(*c);
    let mut quoted: String = text.chars().filter(harmless).take(MAX_CHARS + 1).collect();
    if let Some((cut, _)) = quoted.char_indices().nth(MAX_CHARS) {
        let kept = quoted[..cut].char_indices().next_back().map_or(0, |(last, _)| last);
        quoted.truncate(kept);
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_quote_has_at_most_forty_characters_and_none_that_hides_others() {
        assert_eq!(quote("short"), "short");
        assert_eq!(quote(&"ä".repeat(40)), "ä".repeat(40));
        let long = quote(&"ä".repeat(41));
        assert_eq!((long.chars().count(), long.ends_with('…')), (40, true));
        assert_eq!(quote("a\u{202e}b\r\n\u{1b}[31m\u{200b}c"), "ab[31mc");
    }
}
