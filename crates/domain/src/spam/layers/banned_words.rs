//! Words that the owner does not want to read, in whatever disguise.

use aho_corasick::AhoCorasick;

use super::Layer;
use crate::spam::{
    PlainAnswers, Signals,
    filter::{Problems, SpamFilter},
    fold,
    score::{Finding, quote},
};

pub(super) const LAYER: Layer = Layer { name: "banned_words", judge };

/// For the first word, and for each further one.
const FIRST: u32 = 12;
const FURTHER: u32 = 2;
/// After so many different words no more are looked for.
const ENOUGH: usize = 3;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let found = filter.words.find(signals.plain);
    let (first, others) = found.split_first()?;
    let further = u32::try_from(others.len()).unwrap_or(u32::MAX).saturating_mul(FURTHER);
    let word = quote(first);
    let message = match others.len() {
        0 => format!("contains the banned word `{word}`"),
        _ => format!("contains the banned word `{word}` and others"),
    };
    Some(Finding::points(FIRST + further, message))
}

/// The owner's words.
#[derive(Debug, Clone)]
pub(in crate::spam) struct BannedWords {
    /// None where there are no words.
    automaton: Option<AhoCorasick>,
    /// As the owner wrote them, in the order of the automaton's patterns.
    written: Vec<String>,
}

impl BannedWords {
    pub(in crate::spam) fn compile(entries: &[String], problems: &mut Problems) -> Self {
        let words = problems
            .list("banned_words", entries, |entry| Ok((entry.trim().to_owned(), needle(entry)?)));
        let (written, needles): (Vec<_>, Vec<_>) = words.into_iter().unzip();
        let automaton = if needles.is_empty() {
            None
        } else {
            // At most 1,000 words of 200 bytes: far below what the automaton can hold.
            Some(AhoCorasick::new(needles).expect("few enough words"))
        };
        Self { automaton, written }
    }

    /// The different words among the answers, at most [`ENOUGH`], as the owner wrote them.
    fn find(&self, plain: &PlainAnswers<'_>) -> Vec<&str> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found = Vec::new();
        let disguised = fold::disguised_words(plain.text());
        for words in [plain.words(), &disguised] {
            for place in automaton.find_overlapping_iter(words) {
                let word = place.pattern().as_usize();
                if !found.contains(&word) {
                    found.push(word);
                }
                if found.len() == ENOUGH {
                    break;
                }
            }
        }
        found.truncate(ENOUGH);
        found.into_iter().map(|word| self.written[word].as_str()).collect()
    }
}

/// What to look for among folded words. A space marks where a word must begin or end; scripts that
/// put none between words need none here either.
fn needle(entry: &str) -> Result<String, String> {
    let entry = entry.trim();
    let (open_start, rest) = match entry.strip_prefix('*') {
        Some(rest) => (true, rest),
        None => (false, entry),
    };
    let (open_end, rest) = match rest.strip_suffix('*') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if rest.contains('*') {
        return Err(format!(
            "`{entry}` has a `*` inside; it may stand at the start and at the end"
        ));
    }
    let mut plain = String::new();
    fold::plain(rest, &mut plain);
    let words = fold::words(&plain);
    let word = words.trim();
    let unspaced = |c: Option<char>| c.is_some_and(fold::is_unspaced);
    let (first, last) = (word.chars().next(), word.chars().next_back());
    if word.chars().nth(1).is_none() && !unspaced(first) {
        return Err(format!("`{entry}` has fewer than two letters or digits"));
    }
    let start = if open_start || unspaced(first) { "" } else { " " };
    let end = if open_end || unspaced(last) { "" } else { " " };
    Ok(format!("{start}{word}{end}"))
}
