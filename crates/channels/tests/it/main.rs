//! The channels, each against a server on this machine. Real mail servers and the published
//! libraries for webhooks are in `e2e/channels`.

mod chats;
mod configs;
mod documents;
mod mails;
mod sendgrid;
mod support;
mod templates;
mod webhooks;
