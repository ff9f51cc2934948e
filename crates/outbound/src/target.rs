//! An address that a user typed.

use std::{fmt, net::IpAddr};

use thiserror::Error;
use url::{Host, Url};

/// A whole `http` or `https` address with a host. What the host leads to is only known, and
/// checked, when it is called.
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Url);

/// Why a text is no [`Target`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TargetProblem {
    /// No form of an address has that many bytes.
    #[error("must have at most {} bytes", Target::MAX_BYTES)]
    TooLong,
    /// It cannot be read as an address.
    #[error("must be a whole address like https://example.org/path")]
    NotAnAddress,
    /// It has another scheme.
    #[error("must begin with https:// or http://")]
    NotHttp,
}

impl Target {
    /// The longest address, in bytes.
    pub const MAX_BYTES: usize = 2048;

    /// Parses an address as browsers do, so all spellings of a number mean the same host here and
    /// when it is called. A fragment is dropped.
    ///
    /// # Errors
    /// Says what an address looks like.
    pub fn parse(text: &str) -> Result<Self, TargetProblem> {
        if text.len() > Self::MAX_BYTES {
            return Err(TargetProblem::TooLong);
        }
        let mut url = Url::parse(text).map_err(|_| TargetProblem::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TargetProblem::NotHttp);
        }
        if !url.has_host() {
            return Err(TargetProblem::NotAnAddress);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host where it is a number and not a name: such a host is never looked up.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }
}

/// Shows scheme, host and port only: paths and names in addresses of webhooks are often secrets.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.origin().ascii_serialization())
    }
}
