//! Links in mails that work once.

use crate::{BearerHash, UserId};

/// What a link does when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Shows that mail to an account's address arrives.
    ConfirmEmail,
    /// Sets a new password.
    ResetPassword,
    /// Agrees to a change of the address, at the old one.
    LeaveEmail,
    /// Agrees to a change of the address, at the new one.
    ReachEmail,
}

impl LinkKind {
    /// All.
    pub const ALL: [Self; 4] =
        [Self::ConfirmEmail, Self::ResetPassword, Self::LeaveEmail, Self::ReachEmail];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "confirm_email",
            Self::ResetPassword => "reset_password",
            Self::LeaveEmail => "leave_email",
            Self::ReachEmail => "reach_email",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeLink {
    /// The hash of its secret.
    pub hash: BearerHash,
    /// What it does.
    pub kind: LinkKind,
    /// For whom.
    pub user_id: UserId,
    /// When it was made.
    pub created_at_ms: i64,
    /// Until when it works.
    pub expires_at_ms: i64,
}
