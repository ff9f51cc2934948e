//! Mail: by SMTP and by the service of SendGrid, one after the other as the settings say.

mod address;
mod compose;
mod letter;
mod sendgrid;
mod settings;
mod smtp;
mod smtp_url;

use std::sync::Arc;

use formhold_domain::{Clock, EmailAddress};
use formhold_outbound::OutboundError;
use thiserror::Error;

pub use address::Sender;
pub use letter::Mail;
pub use settings::{Carrier, Settings};

use crate::{Outcome, Problem, Report};
use sendgrid::SendGrid;
use smtp::Smtp;

/// Sends mail by what the settings name. Keeps connections, so there is one for all.
pub struct Mailer {
    sender: Sender,
    ways: Vec<Way>,
    clock: Arc<dyn Clock>,
}

enum Way {
    Smtp(Box<Smtp>),
    SendGrid(SendGrid),
}

/// Why mail cannot be set up.
#[derive(Debug, Error)]
pub enum MailError {
    /// A setting cannot be used.
    #[error("mail.{0} {1}")]
    Setting(&'static str, String),
    /// There is no client for the service.
    #[error(transparent)]
    Client(#[from] OutboundError),
}

/// What came of one way to send.
pub(crate) struct Sent {
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<u16>,
    pub(crate) answer: String,
    pub(crate) problem: Option<Problem>,
    /// It is about the recipient, so another way would hear the same.
    pub(crate) is_final: bool,
}

impl Mailer {
    /// Sets up the ways that the settings name; none where they name no way.
    ///
    /// # Errors
    /// Names the setting that cannot be used, and why.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Option<Self>, MailError> {
        if let Some((key, message)) = settings.problems().into_iter().next() {
            return Err(MailError::Setting(key, message));
        }
        let mut ways = Vec::new();
        for carrier in &settings.order {
            match carrier {
                Carrier::Smtp if !settings.smtp_url.is_empty() => {
                    ways.push(Way::Smtp(Box::new(Smtp::new(settings)?)));
                }
                Carrier::Sendgrid if !settings.sendgrid_api_key.is_empty() => {
                    ways.push(Way::SendGrid(SendGrid::new(settings)?));
                }
                _ => {}
            }
        }
        if ways.is_empty() {
            return Ok(None);
        }
        let sender =
            Sender::parse(&settings.from).map_err(|message| MailError::Setting("from", message))?;
        Ok(Some(Self { sender, ways, clock }))
    }

    /// Sends a mail once: by the first way that takes it. Where none does, the report is of the one
    /// that gives the most hope. Each way takes at most `mail.timeout_seconds`.
    pub async fn send(&self, mail: &Mail) -> Report {
        let started = self.clock.monotonic();
        let mut best: Option<Sent> = None;
        for way in &self.ways {
            let sent = match way {
                Way::Smtp(smtp) => smtp.send(mail, &self.sender).await,
                Way::SendGrid(sendgrid) => {
                    sendgrid.send(mail, &self.sender, self.clock.now_ms()).await
                }
            };
            let is_last = sent.is_final || sent.outcome == Outcome::Delivered;
            let is_better = best
                .as_ref()
                .is_none_or(|best| is_last || matches!(best.outcome, Outcome::Failed { .. }));
            if is_better {
                best = Some(sent);
            }
            if is_last {
                break;
            }
        }
        let duration = self.clock.monotonic().saturating_sub(started);
        match best {
            Some(Sent { outcome, status, answer, problem, .. }) => {
                Report { outcome, status, duration, answer, problem }
            }
            None => Report::not_sent(Outcome::Retry { after: None }, Problem::NoMailServer),
        }
    }

    /// The address that mails come from.
    #[must_use]
    pub fn from(&self) -> &EmailAddress {
        &self.sender.address
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("sender", &self.sender).finish_non_exhaustive()
    }
}
