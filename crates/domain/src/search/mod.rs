//! Finding submissions by what is in them: words, phrases, beginnings of words, and values of
//! fields. How text is cut into words is decided here alone, so that every database finds the same.

mod fields;
mod hits;
mod index;
mod query;
#[cfg(test)]
mod tests;
mod words;

pub use fields::{FieldFilter, FieldTest};
pub use hits::{Hit, Segment, hits};
pub use index::{IndexedNumber, SearchDocument, equality_key, number_key, place_key};
pub use query::{SearchPhrase, SearchQuery};
pub use words::{MAX_WORD_BYTES, Word, fold, words};
