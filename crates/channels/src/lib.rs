//! Notification channels and mail. A channel is one file here and one line in [`ALL`]: it declares
//! its fields, from which forms, checks, the API's schema and the documents are made, and it sends.

mod channel;
mod chat;
mod config;
mod confirmation;
mod discord;
mod email;
mod fields;
mod http;
pub mod mail;
mod message;
mod ntfy;
mod report;
mod retry;
pub mod signing;
mod slack;
mod telegram;
pub mod templates;
mod texts;
mod webhook;

pub use channel::{About, Channel, Delivery, Tools};
pub use config::{Config, ConfigProblem};
pub use fields::{Field, FieldKind};
pub use message::{AnswerFact, Attachment, Event, FileFact, FormFact, Message, SubmissionFact};
pub use report::{Outcome, Problem, Report};
pub use webhook::rotate_secret;

/// All channels.
pub const ALL: &[&dyn Channel] = &[
    &email::Email,
    &confirmation::Confirmation,
    &webhook::Webhook,
    &slack::Slack,
    &discord::Discord,
    &telegram::Telegram,
    &ntfy::Ntfy,
];

/// The channel of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Channel> {
    ALL.iter().copied().find(|channel| channel.about().name == name)
}
