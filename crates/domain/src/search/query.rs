//! What somebody looks for: words, "phrases" and beginnings* of words, all of which must be there.

use super::words::{Word, words};

/// What somebody looks for. Nothing of it is syntax of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    phrases: Vec<SearchPhrase>,
}

/// Words that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPhrase {
    words: Vec<String>,
    is_prefix: bool,
}

impl SearchQuery {
    /// The most words that can be looked for at once.
    pub const MAX_WORDS: usize = 16;
    /// The longest text, in bytes.
    pub const MAX_BYTES: usize = 500;

    /// Reads what somebody typed. Words between quotation marks must follow each other, as must the
    /// parts of `ann@example.org`; a star behind a word stands for any end of it; everything else
    /// but letters and digits is left out. None where nothing was typed.
    ///
    /// # Errors
    /// What is wrong, to go on after the field's name.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(format!("must not have more than {} bytes", Self::MAX_BYTES));
        }
        let mut phrases: Vec<SearchPhrase> = Vec::new();
        for part in parts(text) {
            if let Some(phrase) = SearchPhrase::parse(part.text, part.is_prefix)
                && !phrases.contains(&phrase)
            {
                phrases.push(phrase);
            }
        }
        let count: usize = phrases.iter().map(|phrase| phrase.words.len()).sum();
        if count == 0 {
            return Err("has no letters or digits to look for".to_owned());
        }
        if count > Self::MAX_WORDS {
            return Err(format!("must not have more than {} words", Self::MAX_WORDS));
        }
        Ok(Some(Self { phrases }))
    }

    /// What must be there.
    #[must_use]
    pub fn phrases(&self) -> &[SearchPhrase] {
        &self.phrases
    }

    /// Whether all of it is in these texts; a phrase is within one of them.
    pub fn matches<'a>(&self, texts: impl Iterator<Item = &'a str>) -> bool {
        let texts: Vec<Vec<Word>> = texts.map(words).collect();
        self.phrases.iter().all(|phrase| texts.iter().any(|text| phrase.is_in(text)))
    }
}

impl SearchPhrase {
    /// The words of a text; none where it has no letter and no digit.
    #[must_use]
    pub fn parse(text: &str, is_prefix: bool) -> Option<Self> {
        let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        (!words.is_empty()).then_some(Self { words, is_prefix })
    }

    /// The words, folded.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The words that are known to their end: all, or all but the last.
    #[must_use]
    pub fn whole_words(&self) -> &[String] {
        &self.words[..self.words.len() - usize::from(self.is_prefix)]
    }

    /// The beginning of the last word, where only that is known.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.words.last().filter(|_| self.is_prefix).map(String::as_str)
    }

    /// Whether the words follow each other in a text.
    #[must_use]
    pub fn is_in(&self, text: &[Word]) -> bool {
        self.places_in(text).next().is_some()
    }

    /// Where the phrase begins in a text, in words.
    pub(super) fn places_in<'a>(&'a self, text: &'a [Word]) -> impl Iterator<Item = usize> + 'a {
        let last = self.words.len() - 1;
        text.windows(self.words.len()).enumerate().filter_map(move |(place, window)| {
            let same = |(index, (word, wanted)): (usize, (&Word, &String))| {
                if self.is_prefix && index == last {
                    word.folded.starts_with(wanted)
                } else {
                    word.folded == *wanted
                }
            };
            window.iter().zip(&self.words).enumerate().all(same).then_some(place)
        })
    }
}

/// A word or phrase as it was typed.
struct Part<'a> {
    text: &'a str,
    is_prefix: bool,
}

/// Phrases between quotation marks, one that is not closed up to the end, and what stands between
/// spaces.
fn parts(text: &str) -> Vec<Part<'_>> {
    let is_quote = |letter: char| matches!(letter, '"' | '“' | '”' | '„' | '«' | '»');
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (inner, after) = if is_quote(first) {
            let inner = &rest[first.len_utf8()..];
            let end = inner.find(is_quote).unwrap_or(inner.len());
            let closed = inner[end..].chars().next().map_or(0, char::len_utf8);
            (&inner[..end], &inner[end + closed..])
        } else {
            let end = rest.find(|letter: char| letter.is_whitespace() || is_quote(letter));
            rest.split_at(end.unwrap_or(rest.len()))
        };
        let starred = after.strip_prefix('*').filter(|_| is_quote(first));
        parts.push(Part { text: inner, is_prefix: starred.is_some() || inner.ends_with('*') });
        rest = starred.unwrap_or(after).trim_start();
    }
    parts
}
