//! What opens an account for a while.

use serde::{Deserialize, Serialize};

use crate::{SessionId, TokenId, UserId, WorkspaceId, access::Scopes};

/// Somebody who is signed in, in one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which may be shown; what opens it is a secret of its own.
    pub id: SessionId,
    /// Who.
    pub user_id: UserId,
    /// How they proved it.
    pub factor: Factor,
    /// When they signed in.
    pub created_at_ms: i64,
    /// When it was last used, to within a minute.
    pub seen_at_ms: i64,
    /// When it ends whatever happens.
    pub expires_at_ms: i64,
    /// Where they signed in from.
    pub address: Option<String>,
    /// The browser, as it names itself.
    pub user_agent: Option<String>,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// By a password alone.
    Password,
    /// By a password and a code of an app.
    Totp,
    /// By a password and a recovery code.
    RecoveryCode,
    /// By a passkey.
    Passkey,
    /// By an OpenID Connect provider.
    Oidc,
    /// By the link of the first start.
    Setup,
}

impl Factor {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Password, Self::Totp, Self::RecoveryCode, Self::Passkey, Self::Oidc, Self::Setup];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
            Self::Oidc => "oidc",
            Self::Setup => "setup",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.as_str() == text)
    }
}

/// A token for programs, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The only workspace that it reaches; none: all of its owner's.
    pub workspace_id: Option<WorkspaceId>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it ends.
    pub expires_at_ms: Option<i64>,
    /// When it was last used, to within a minute.
    pub used_at_ms: Option<i64>,
}
