//! Telling spam from what people wrote: layers that give points and reasons, and a verdict.
//!
//! Each layer is one file in `layers/` and one line in its `ALL`. What the layers need to know
//! about a submission is in [`Signals`]; what the form's owner decides is in [`SpamRules`].

mod bayes;
mod disposable;
mod duplicates;
mod filter;
mod fold;
mod layers;
mod links;
mod mail;
mod plain_answers;
mod rules;
mod score;
mod secret;
mod signals;
mod stamp;
#[cfg(test)]
mod tests;

pub use bayes::{Counts, Lesson, MAX_TOKENS, MIN_LEARNT, TOKENIZER_VERSION, probability, tokens};
pub use duplicates::fingerprint;
pub use filter::SpamFilter;
pub use layers::names as layer_names;
pub use mail::{MAX_ADDRESSES, mail_addresses};
pub use plain_answers::PlainAnswers;
pub use rules::{DisposableMail, SpamRules, Threshold};
pub use score::{Reason, Score, Verdict};
pub use secret::{FormKeys, TokenKey};
pub use signals::{Captcha, ProofOfWork, Signals, TimeToFill};
pub use stamp::PageStamps;
