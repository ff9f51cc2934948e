//! Settings of mail.

use formhold_domain::Secret;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Sender, smtp_url::SmtpServer};

/// What the section `[mail]` says about sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The mail server: `smtps://user:password@host`, or `smtp://` with STARTTLS. Empty: none.
    pub smtp_url: Secret,
    /// A file with certificates (PEM) of authorities that are trusted for the mail server, beside
    /// those of the machine.
    pub smtp_ca_file: String,
    /// A key of SendGrid that may send mail. Empty: not used.
    pub sendgrid_api_key: Secret,
    /// Where SendGrid is.
    pub sendgrid_url: String,
    /// In which order the ways are tried that are set.
    pub order: Vec<Carrier>,
    /// Whom mails come from: `forms@example.org` or `Formhold <forms@example.org>`.
    pub from: String,
    /// Where mails about accounts are kept as files, as long as no way to send them is set. Empty:
    /// they are shown in the log.
    pub folder: String,
    /// How long one mail may take, the connection included.
    pub timeout_seconds: u64,
}

/// A way to send mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// A mail server.
    Smtp,
    /// SendGrid.
    Sendgrid,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            smtp_url: Secret::default(),
            smtp_ca_file: String::new(),
            sendgrid_api_key: Secret::default(),
            sendgrid_url: "https://api.sendgrid.com".to_owned(),
            order: vec![Carrier::Smtp, Carrier::Sendgrid],
            from: String::new(),
            folder: String::new(),
            timeout_seconds: 30,
        }
    }
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut add = |key, message: &str| problems.push((key, message.to_owned()));
        for (key, secret) in
            [("smtp_url", &self.smtp_url), ("sendgrid_api_key", &self.sendgrid_api_key)]
        {
            if secret.expose() == Secret::MASK {
                add(key, "is what stands for a secret in `config show`; write the secret itself");
            }
        }
        if !self.smtp_url.is_empty()
            && self.smtp_url.expose() != Secret::MASK
            && let Err(message) = SmtpServer::parse(self.smtp_url.expose())
        {
            add("smtp_url", &message);
        }
        if self.sendgrid_api_key.expose().chars().any(|c| !c.is_ascii_graphic()) {
            add("sendgrid_api_key", "must be one word of ASCII");
        }
        if !is_safe_address(&self.sendgrid_url) {
            add("sendgrid_url", "must be an https address; http is for this machine only");
        }
        let is_used = !self.smtp_url.is_empty() || !self.sendgrid_api_key.is_empty();
        if (is_used || !self.from.is_empty())
            && let Err(message) = Sender::parse(&self.from)
        {
            add("from", &message);
        }
        if !(1..=300).contains(&self.timeout_seconds) {
            add("timeout_seconds", "must be between 1 and 300");
        }
        problems
    }
}

/// The key and all mails travel there.
fn is_safe_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    url.scheme() == "https" || (url.scheme() == "http" && url.host().is_some_and(is_here))
}

/// True for a host that is this machine, by its name or number.
pub(super) fn is_here<Name: AsRef<str>>(host: Host<Name>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.as_ref() == "localhost",
    }
}
