//! Why a call came to nothing, in classes that give nothing away about the inside.

use std::{error::Error, io};

use thiserror::Error;

/// The class of a failure. This is all that the person who typed the address learns: neither which
/// address a name has here nor what listens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Failure {
    /// The address is not public and not allowed by the settings.
    #[error("the address is not public")]
    Refused,
    /// The name has no address.
    #[error("the name has no address")]
    NotResolved,
    /// Nobody answers at that address.
    #[error("no connection")]
    NoConnection,
    /// The other side has no certificate that can be trusted, or does not speak TLS.
    #[error("no trusted TLS connection")]
    Tls,
    /// The time was up.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than anybody needs.
    #[error("the answer is too large")]
    TooLarge,
    /// What came back is not HTTP, or broke off.
    #[error("no complete answer")]
    BadAnswer,
    /// There was an answer, and its status says no. A redirect is one of these.
    #[error("answered with status {0}")]
    Status(u16),
}

impl Failure {
    /// The stable name of the class.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused_address",
            Self::NotResolved => "not_resolved",
            Self::NoConnection => "no_connection",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::BadAnswer => "bad_answer",
            Self::Status(_) => "status",
        }
    }

    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if let Some(ours) = cause::<Self>(error) {
            *ours
        } else if error.is_timeout() {
            Self::Timeout
        } else if cause::<rustls::Error>(error).is_some() {
            Self::Tls
        } else if error.is_connect() {
            Self::NoConnection
        } else {
            Self::BadAnswer
        }
    }
}

/// True where an error of any library comes from TLS: a certificate that is not trusted, or another
/// side that does not speak it.
#[must_use]
pub fn is_tls_failure(error: &(dyn Error + 'static)) -> bool {
    cause::<rustls::Error>(error).is_some()
}

/// The first cause of a type. `io::Error` hides what it wraps from `source`, so it is opened here.
fn cause<'e, Wanted: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e Wanted> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
