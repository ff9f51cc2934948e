//! What the index knows of a submission.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::words::{fold, words};
use crate::{Answers, FormId, Submission, SubmissionState, form::Scalar};

/// Words beyond this many are not indexed: a submission of some megabytes is not to cost minutes.
const MAX_WORDS: usize = 20_000;
/// Longer values are no numbers, dates or times.
const MAX_NUMBER_BYTES: usize = 40;

/// A number, date or time of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexedNumber {
    /// The form, the field and the kind of value; see [`number_key`].
    pub key: i64,
    /// The value; see [`Scalar::index_number`].
    pub number: f64,
}

/// What the index knows of a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchDocument {
    /// The form and the folder that it lies in; see [`place_key`].
    pub place: i64,
    /// The words of each text, folded and in order.
    pub texts: Vec<Vec<String>>,
    /// Each field with each of its values; see [`equality_key`].
    pub equalities: Vec<i64>,
    /// Its numbers, dates and times.
    pub numbers: Vec<IndexedNumber>,
}

impl SearchDocument {
    /// What there is to find of a submission: answers, also undeclared ones, and names of files.
    #[must_use]
    pub fn of(submission: &Submission) -> Self {
        let mut left = MAX_WORDS;
        let mut texts = Vec::new();
        for text in texts_of(submission) {
            let words: Vec<String> =
                words(text).into_iter().take(left).map(|word| word.folded).collect();
            left -= words.len();
            if !words.is_empty() {
                texts.push(words);
            }
        }
        let form_id = submission.form_id;
        let mut numbers: Vec<IndexedNumber> = Vec::new();
        let mut equalities = HashSet::new();
        for (field, value) in submission.answers.iter() {
            equalities.insert(equality_key(form_id, field, value));
            let value = value.trim();
            if value.is_empty() || value.len() > MAX_NUMBER_BYTES {
                continue;
            }
            let Some(scalar) = Scalar::guess(value) else { continue };
            let key = number_key(form_id, field, scalar);
            let number = IndexedNumber { key, number: scalar.index_number() };
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        let mut equalities: Vec<i64> = equalities.into_iter().collect();
        equalities.sort_unstable();
        Self { place: place_key(form_id, submission.state), texts, equalities, numbers }
    }
}

/// The texts that are searched.
pub(super) fn texts_of(submission: &Submission) -> impl Iterator<Item = &str> {
    let of = |answers| Answers::iter(answers).map(|(_, value)| value);
    let names = submission.uploads.iter().map(|upload| upload.name.as_str());
    of(&submission.answers).chain(of(&submission.undeclared)).chain(names)
}

/// Stands for the submissions of a form that lie in one folder.
#[must_use]
pub fn place_key(form_id: FormId, state: SubmissionState) -> i64 {
    key(&[b"place", form_id.0.as_bytes(), state.as_str().as_bytes()])
}

/// Stands for a value of a form's field; capitals, accents and spaces around it do not matter.
#[must_use]
pub fn equality_key(form_id: FormId, field: &str, value: &str) -> i64 {
    key(&[b"value", form_id.0.as_bytes(), field.as_bytes(), fold(value).as_bytes()])
}

/// Stands for all values of a form's field that can be compared with this one.
#[must_use]
pub fn number_key(form_id: FormId, field: &str, like: Scalar) -> i64 {
    key(&[like.index_kind().as_bytes(), form_id.0.as_bytes(), field.as_bytes()])
}

fn key(parts: &[&[u8]]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(bytes)
}
