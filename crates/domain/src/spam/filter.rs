//! From rules to a filter that can score, with every problem of the rules found at once.

use std::borrow::Cow;

use super::{
    Score, Signals, SpamRules, Threshold, Verdict,
    layers::{self, BannedAddresses, BannedNetworks, BannedWords},
    score::{Effect, Finding, Reason},
};
use crate::DefinitionProblem;

/// A form's spam rules, ready to score.
#[derive(Debug, Clone)]
pub struct SpamFilter {
    /// The rules that it was compiled from.
    pub rules: SpamRules,
    pub(super) words: BannedWords,
    pub(super) addresses: BannedAddresses,
    pub(super) networks: BannedNetworks,
}

impl SpamFilter {
    /// Compiles rules.
    ///
    /// # Errors
    /// Every problem of the rules, not only the first, each with the key that it is in.
    pub fn compile(rules: &SpamRules) -> Result<Self, Vec<DefinitionProblem>> {
        let mut problems = Problems::default();
        problems.thresholds(rules);
        problems.at_most("max_links", rules.max_links, 10_000);
        problems.at_most("min_seconds_to_fill", rules.min_seconds_to_fill, 3_600);
        problems.at_most("max_hours_to_fill", rules.max_hours_to_fill, 8_760);
        problems.at_most("max_copies", rules.max_copies, 10_000);
        problems.at_most("copies_window_minutes", rules.copies_window_minutes, 10_080);
        let filter = Self {
            rules: rules.clone(),
            words: BannedWords::compile(&rules.banned_words, &mut problems),
            addresses: BannedAddresses::compile(&rules.banned_addresses, &mut problems),
            networks: BannedNetworks::compile(&rules.banned_networks, &mut problems),
        };
        if problems.0.is_empty() { Ok(filter) } else { Err(problems.0) }
    }

    /// Whether what the owner banned by name is enough for the spam folder, whatever else was found.
    #[must_use]
    pub fn bans(&self, score: &Score) -> bool {
        let banned = score.reasons.iter().filter(|reason| layers::is_ban(&reason.layer));
        self.rules.spam_from.reached_by(banned.map(|reason| reason.points).sum())
    }

    /// Scores a submission: every layer is asked, and each gives its points and its reason.
    ///
    /// Takes time linear in the answers.
    #[must_use]
    pub fn score(&self, signals: &Signals<'_>) -> Score {
        let mut score = Score { points: 0, reasons: Vec::new(), verdict: Verdict::Inbox };
        let (mut to_spam_folder, mut refused) = (false, false);
        for layer in layers::ALL {
            let Some(Finding { points, message, effect }) = (layer.judge)(self, signals) else {
                continue;
            };
            score.points = score.points.saturating_add(points);
            to_spam_folder |= effect == Effect::SpamFolder;
            refused |= effect == Effect::Refuse;
            score.reasons.push(Reason { layer: Cow::Borrowed(layer.name), points, message });
        }
        score.verdict = if to_spam_folder {
            Verdict::Spam
        } else if refused || self.rules.refuse_from.reached_by(score.points) {
            Verdict::Refuse
        } else if self.rules.spam_from.reached_by(score.points) {
            Verdict::Spam
        } else {
            Verdict::Inbox
        };
        score
    }
}

/// What is wrong with rules.
#[derive(Default)]
pub(super) struct Problems(Vec<DefinitionProblem>);

impl Problems {
    /// The most entries that a list may have, and bytes that an entry may have.
    const MAX_ENTRIES: usize = 1_000;
    const MAX_ENTRY_BYTES: usize = 200;

    fn add(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.0.push(DefinitionProblem { place: place.into(), message: message.into() });
    }

    fn at_most(&mut self, place: &str, value: u32, most: u32) {
        if value > most {
            self.add(place, format!("must be at most {most}"));
        }
    }

    fn thresholds(&mut self, rules: &SpamRules) {
        for (place, threshold) in
            [("spam_from", rules.spam_from), ("refuse_from", rules.refuse_from)]
        {
            if threshold == Threshold::From(0) {
                self.add(place, "0 would catch everything: write at least 1, or \"never\"");
            }
        }
        if let (Threshold::From(spam), Threshold::From(refuse)) =
            (rules.spam_from, rules.refuse_from)
            && refuse < spam
        {
            self.add("refuse_from", "must not be less than `spam_from`");
        }
    }

    /// Parses each entry of a list; an entry that is wrong becomes a problem.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        entries: &[String],
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        if entries.len() > Self::MAX_ENTRIES {
            self.add(key, format!("has more than {} entries", Self::MAX_ENTRIES));
            return Vec::new();
        }
        let mut parsed = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let place = format!("{key}[{index}]");
            if entry.len() > Self::MAX_ENTRY_BYTES {
                self.add(place, format!("has more than {} bytes", Self::MAX_ENTRY_BYTES));
                continue;
            }
            match parse(entry) {
                Ok(value) => parsed.push(value),
                Err(message) => self.add(place, message),
            }
        }
        parsed
    }
}
