//! Secrets that prove something by being shown: sessions, API tokens, links in mails.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::Ids;

/// 256 random bits that somebody holds. Only their hash is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer([u8; 32]);

/// What is stored of a [`Bearer`]: SHA-256. The bits are random, so nothing slower is needed.
pub type BearerHash = [u8; 32];

impl Bearer {
    /// What the text of an API token starts with.
    pub const TOKEN_PREFIX: &'static str = "fh_";

    /// A new one.
    #[must_use]
    pub fn new(ids: &dyn Ids) -> Self {
        Self(ids.secret())
    }

    /// The one that a text names: 43 characters of base64url, as [`Bearer::expose`] writes them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The one in an API token.
    #[must_use]
    pub fn parse_token(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix(Self::TOKEN_PREFIX)?)
    }

    /// The text, for who is meant to hold it.
    #[must_use]
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The text of an API token.
    #[must_use]
    pub fn expose_token(&self) -> String {
        format!("{}{}", Self::TOKEN_PREFIX, self.expose())
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> BearerHash {
        Sha256::digest(self.0).into()
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(***)")
    }
}
