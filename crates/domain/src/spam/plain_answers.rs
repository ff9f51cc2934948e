//! Answers in their plainest spelling, made once for everything that looks at them.

use std::sync::OnceLock;

use super::fold;
use crate::Answers;

/// What was answered, together with its plainest spelling, which the layers, the
/// [`fingerprint`](super::fingerprint) and the [`tokens`](super::tokens) share.
#[derive(Debug)]
pub struct PlainAnswers<'a> {
    answers: &'a Answers,
    text: String,
    /// Where the line of each answer ends in `text`, without its line break.
    ends: Vec<usize>,
    /// Made when they are first asked for: short answers to a form that learns nothing need none.
    words: OnceLock<Words>,
}

#[derive(Debug)]
struct Words {
    text: String,
    /// Where the words of each answer end in `text`, behind the space that ends the last one.
    ends: Vec<usize>,
}

impl<'a> PlainAnswers<'a> {
    /// Spells answers as plainly as possible. Takes time linear in them.
    #[must_use]
    pub fn of(answers: &'a Answers) -> Self {
        let bytes = answers.iter().map(|(_, value)| value.len() + 1).sum();
        let mut text = String::with_capacity(bytes);
        let mut ends = Vec::with_capacity(answers.len());
        for (_, value) in answers.iter() {
            fold::plain(value, &mut text);
            ends.push(text.len());
            text.push('\n');
        }
        Self { answers, text, ends, words: OnceLock::new() }
    }

    /// The answers as they were given.
    #[must_use]
    pub fn answers(&self) -> &'a Answers {
        self.answers
    }

    /// All answers, a line each.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The words of all answers, with one space before, between and after them.
    pub(super) fn words(&self) -> &str {
        &self.split().text
    }

    /// The plain spelling of each answer, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + 1));
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }

    /// The words of each answer, in order, with one space before, between and after them.
    pub(super) fn words_of_each(&self) -> impl Iterator<Item = &str> {
        let Words { text, ends } = self.split();
        // The space that ends one answer's words begins the next one's.
        let starts = std::iter::once(0).chain(ends.iter().map(|end| end - 1));
        starts.zip(ends).map(|(start, end)| &text[start..*end])
    }

    fn split(&self) -> &Words {
        self.words.get_or_init(|| {
            let mut text = String::with_capacity(self.text.len() + 2);
            text.push(' ');
            let mut ends = Vec::with_capacity(self.ends.len());
            for line in self.lines() {
                fold::push_words(line, &mut text);
                ends.push(text.len());
            }
            Words { text, ends }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PlainAnswers;
    use crate::{
        Answers,
        spam::{fold, tests::properties::text},
    };

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn each_answer_is_spelt_as_it_would_be_alone(
            values in prop::collection::vec(text(), 0..6),
        ) {
            let answers: Answers =
                values.iter().map(|value| (String::new(), value.clone())).collect();
            let plain = PlainAnswers::of(&answers);
            let mut all = String::new();
            let (mut lines, mut words) = (plain.lines(), plain.words_of_each());
            for value in &values {
                let mut alone = String::new();
                fold::plain(value, &mut alone);
                prop_assert_eq!(lines.next(), Some(alone.as_str()));
                let alone_words = fold::words(&alone);
                prop_assert_eq!(words.next(), Some(alone_words.as_str()));
                all.push_str(&alone);
                all.push('\n');
            }
            prop_assert!(lines.next().is_none() && words.next().is_none());
            prop_assert_eq!(plain.text(), all.as_str());
            let all_words = fold::words(&all);
            prop_assert_eq!(plain.words(), all_words.as_str());
        }
    }
}
