//! A mail server, over connections that are kept for a while.
//!
//! The connections are the library's, the pool is our own: that of the library has no time limit
//! for an answer, and takes a connection back in whatever state a send was given up.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use formhold_outbound::{Failure, is_tls_failure};
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    Mail, MailError, Sender, Sent, Settings,
    compose::compose,
    smtp_url::{Security, SmtpServer},
};
use crate::{Outcome, Problem, report::excerpt};

const MAX_CONNECTIONS: usize = 8;
const MAX_IDLE: Duration = Duration::from_secs(30);
const MAX_MAILS_A_CONNECTION: u32 = 100;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A mail server.
pub(super) struct Smtp {
    server: SmtpServer,
    tls: Option<TlsParameters>,
    hello: ClientId,
    timeout: Duration,
    slots: Semaphore,
    idle: Mutex<Vec<Kept>>,
}

struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
    mails: u32,
}

/// Where it went wrong: before a mail was offered, all mails would have failed.
enum Trouble {
    Connecting(Error),
    Sending(Error),
}

impl Smtp {
    pub(super) fn new(settings: &Settings) -> Result<Self, MailError> {
        let setting = |key, message: String| MailError::Setting(key, message);
        let server = SmtpServer::parse(settings.smtp_url.expose())
            .map_err(|message| setting("smtp_url", message))?;
        let tls = match server.security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => Some(tls(&server.host, &settings.smtp_ca_file)?),
        };
        Ok(Self {
            server,
            tls,
            hello: ClientId::default(),
            timeout: Duration::from_secs(settings.timeout_seconds),
            slots: Semaphore::new(MAX_CONNECTIONS),
            idle: Mutex::default(),
        })
    }

    /// Sends a mail. A connection on which anything went wrong is dropped.
    pub(super) async fn send(&self, mail: &Mail, sender: &Sender) -> Sent {
        let message = match compose(mail, sender) {
            Ok(message) => message,
            Err(problem) => return not_sent(problem),
        };
        match timeout(self.timeout, self.deliver(&message)).await {
            Ok(Ok(answer)) => Sent {
                outcome: Outcome::Delivered,
                status: Some(250),
                answer: excerpt(answer.as_bytes()),
                problem: None,
                is_final: true,
            },
            Ok(Err(trouble)) => judge(&trouble),
            Err(_) => Sent {
                outcome: Outcome::Retry { after: None },
                status: None,
                answer: String::new(),
                problem: Some(Failure::Timeout.into()),
                is_final: false,
            },
        }
    }

    async fn deliver(&self, message: &lettre::Message) -> Result<String, Trouble> {
        let _slot = self.slots.acquire().await.expect("it is never closed");
        let (mut connection, mails) = match self.kept().await {
            Some(kept) => kept,
            None => (self.connect().await.map_err(Trouble::Connecting)?, 0),
        };
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        let answer = sent.map_err(Trouble::Sending)?;
        if mails + 1 < MAX_MAILS_A_CONNECTION {
            let kept = Kept { connection, since: Instant::now(), mails: mails + 1 };
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        }
        Ok(answer.message().collect::<Vec<_>>().join("\n"))
    }

    /// A connection that is still good.
    async fn kept(&self) -> Option<(AsyncSmtpConnection, u32)> {
        loop {
            let Kept { mut connection, since, mails } =
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() < MAX_IDLE && connection.test_connected().await {
                return Some((connection, mails));
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let SmtpServer { host, port, security, login } = &self.server;
        let from_the_start = match security {
            Security::Tls => self.tls.clone(),
            Security::Plain | Security::StartTls => None,
        };
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (host.as_str(), *port),
            Some(CONNECT_TIMEOUT.min(self.timeout)),
            &self.hello,
            from_the_start,
            None,
        )
        .await?;
        if let (Security::StartTls, Some(tls)) = (security, &self.tls) {
            // Fails where the server does not offer it; nothing was said so far that is secret.
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some((user, password)) = login {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }
}

/// Trusts what the machine trusts and the authorities in the file; where the machine has no list,
/// that of Mozilla which is built in.
fn tls(host: &str, ca_file: &str) -> Result<TlsParameters, MailError> {
    let unreadable = |message: String| MailError::Setting("smtp_ca_file", message);
    let mut builder = TlsParameters::builder(host.to_owned());
    if !ca_file.is_empty() {
        let pem = std::fs::read(ca_file).map_err(|error| unreadable(error.to_string()))?;
        let pem = Certificate::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?;
        builder = builder.add_root_certificate(pem);
    }
    builder
        .clone()
        .build()
        .or_else(|_| builder.certificate_store(CertificateStore::WebpkiRoots).build())
        .map_err(|error| unreadable(error.to_string()))
}

fn not_sent(problem: Problem) -> Sent {
    let outcome = Outcome::Failed { permanent: false };
    Sent { outcome, status: None, answer: String::new(), problem: Some(problem), is_final: true }
}

/// What a server that cannot be reached or does not let us in says of no mail; what it says to a
/// mail, counts for that mail: 4xx for now, 5xx for good (RFC 5321, 4.2.1).
fn judge(trouble: &Trouble) -> Sent {
    let (Trouble::Connecting(error) | Trouble::Sending(error)) = trouble;
    let status = error.status().map(u16::from);
    let answer = match (status, std::error::Error::source(error)) {
        (Some(_), Some(answer)) => excerpt(answer.to_string().as_bytes()),
        _ => String::new(),
    };
    let is_about_mail = matches!(trouble, Trouble::Sending(_));
    let outcome = match status {
        Some(500..) if is_about_mail => Outcome::Failed { permanent: false },
        None if is_about_mail && error.is_client() => Outcome::Failed { permanent: false },
        _ => Outcome::Retry { after: None },
    };
    // X.1.X is about an address (RFC 3463, 3.2), so no other server would know better.
    let is_final = is_about_mail && answer.starts_with("5.1.");
    Sent { outcome, status, answer, problem: Some(failure(error, status).into()), is_final }
}

fn failure(error: &Error, status: Option<u16>) -> Failure {
    if let Some(status) = status {
        Failure::Status(status)
    } else if error.is_timeout() {
        Failure::Timeout
    } else if error.is_tls() || error.is_client() || is_tls_failure(error) {
        Failure::Tls
    } else if error.is_response() {
        Failure::BadAnswer
    } else {
        Failure::NoConnection
    }
}
