//! Where in a submission something was found, for people to see.

use super::{
    SearchQuery,
    words::{Word, words},
};
use crate::Submission;

/// How much is shown around what was found, in bytes.
const AROUND: usize = 60;
/// The longest snippet, in bytes.
const MAX_SNIPPET: usize = 240;

/// A field in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The field's name.
    pub field: String,
    /// Whether it was found in a file's name.
    pub is_file_name: bool,
    /// A part of the text, cut where a part was found and where none was.
    pub segments: Vec<Segment>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The text as it was submitted; an ellipsis stands for what was cut off at its ends.
    pub text: String,
    /// Whether it is what was looked for.
    pub is_hit: bool,
}

/// Where in a submission the words were found, in the order of its fields, up to `most` fields.
#[must_use]
pub fn hits(query: &SearchQuery, submission: &Submission, most: usize) -> Vec<Hit> {
    let answers = [&submission.answers, &submission.undeclared];
    let values = answers.into_iter().flat_map(|answers| answers.iter());
    let values = values.map(|(field, value)| (field, value, false));
    let names = submission.uploads.iter();
    let names = names.map(|upload| (upload.field.as_str(), upload.name.as_str(), true));
    let hit = |(field, text, is_file_name): (&str, &str, bool)| {
        let ranges = ranges(query, &words(text));
        (!ranges.is_empty()).then(|| Hit {
            field: field.to_owned(),
            is_file_name,
            segments: segments(text, &ranges),
        })
    };
    values.chain(names).filter_map(hit).take(most).collect()
}

/// What was found, in bytes of the text, without overlaps and in order.
fn ranges(query: &SearchQuery, text: &[Word]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for phrase in query.phrases() {
        let length = phrase.words().len();
        for place in phrase.places_in(text) {
            found.push((text[place].start, text[place + length - 1].end));
        }
    }
    found.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in found {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

fn segments(text: &str, ranges: &[(usize, usize)]) -> Vec<Segment> {
    let first = ranges.first().map_or(0, |range| range.0);
    let from = word_start(text, first.saturating_sub(AROUND), first);
    let until = text.floor_char_boundary(from + MAX_SNIPPET);
    let mut segments = Vec::new();
    let mut push = |text: String, is_hit| {
        if !text.is_empty() {
            segments.push(Segment { text, is_hit });
        }
    };
    let mut at = from;
    let lead = if from > 0 { "…" } else { "" };
    for (index, &(start, end)) in ranges.iter().enumerate() {
        if start >= until {
            break;
        }
        let before = if index == 0 { lead } else { "" };
        push(format!("{before}{}", &text[at..start]), false);
        at = end.min(until);
        push(text[start..at].to_owned(), true);
    }
    let behind = if until < text.len() { "…" } else { "" };
    push(format!("{}{behind}", &text[at..until]), false);
    segments
}

/// Moves a cut forward to the beginning of a word, but not beyond `most`.
fn word_start(text: &str, at: usize, most: usize) -> usize {
    let at = text.floor_char_boundary(at);
    if at == 0 {
        return 0;
    }
    let space = text[at..most].find(char::is_whitespace);
    space.map_or(at, |space| (text.ceil_char_boundary(at + space + 1)).min(most))
}
