//! Users.

use serde::{Deserialize, Serialize};

use super::PersonName;
use crate::{EmailAddress, Language, UploadId, UserId, access::InstanceRole};

/// An account, without what proves that somebody is its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its address; no two accounts have the same.
    pub email: EmailAddress,
    /// When the owner showed that mail to the address arrives.
    pub email_confirmed_at_ms: Option<i64>,
    /// The person's name.
    pub name: PersonName,
    /// What it is in the instance.
    pub role: InstanceRole,
    /// The language of mails to it.
    pub language: Language,
    /// Whether it may be used.
    pub state: UserState,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether signing in takes a code as well.
    pub has_totp: bool,
    /// The profile picture.
    pub picture: Option<Picture>,
    /// Goes up by one with each change; for `ETag`.
    pub version: u32,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
    /// When somebody last signed in to it.
    pub signed_in_at_ms: Option<i64>,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// It may.
    Active,
    /// It may not: an admin turned it off.
    Disabled,
}

impl UserState {
    /// The state's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == text)
    }
}

/// A profile picture in the file store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub file_id: UploadId,
    /// Its media type, found by its content.
    pub content_type: String,
}

/// A change of an account's address that waits until both addresses agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailChange {
    /// Whose.
    pub user_id: UserId,
    /// The new address.
    pub new_email: EmailAddress,
    /// Whether the owner agreed by a link sent to the old address.
    pub old_agreed: bool,
    /// Whether mail to the new address arrives.
    pub new_agreed: bool,
    /// When it was asked for.
    pub created_at_ms: i64,
}

impl EmailChange {
    /// How long both addresses may take to agree.
    pub const LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

    /// Until when it waits.
    #[must_use]
    pub fn expires_at_ms(&self) -> i64 {
        self.created_at_ms + Self::LIFETIME_MS
    }
}
