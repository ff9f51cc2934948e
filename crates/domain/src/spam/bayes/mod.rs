//! What a form learns from its owner: how often each token was in spam and in honest submissions.
//!
//! The store keeps [`Counts`] for each token and one for the form's totals. To learn from a
//! submission is to add one to each of its [`tokens`] and to the totals; to unlearn is to take it
//! away again, when the owner changes their mind. Only hashes of tokens are kept.

mod probability;
mod shapes;
mod tokens;

use serde::{Deserialize, Serialize};

pub use probability::{MIN_LEARNT, probability};
pub use tokens::{MAX_TOKENS, TOKENIZER_VERSION, tokens};

/// What an owner says of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lesson {
    /// It is spam.
    Spam,
    /// It is honest.
    Ham,
}

/// How many submissions of each kind had a token; as totals, how many there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How many were spam.
    pub spam: u32,
    /// How many were honest.
    pub ham: u32,
}

impl Counts {
    /// Adds one.
    pub fn learn(&mut self, lesson: Lesson) {
        let count = self.of(lesson);
        *count = count.saturating_add(1);
    }

    /// Takes away one that was learnt before.
    pub fn unlearn(&mut self, lesson: Lesson) {
        let count = self.of(lesson);
        *count = count.saturating_sub(1);
    }

    fn of(&mut self, lesson: Lesson) -> &mut u32 {
        match lesson {
            Lesson::Spam => &mut self.spam,
            Lesson::Ham => &mut self.ham,
        }
    }
}
