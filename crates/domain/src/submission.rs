//! A submission: what was answered, to which version of which form, and how it came.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Answers, FormId, SubmissionId, Upload, spam::Reason};

/// Where a submission lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Waiting for its owner.
    Inbox,
    /// Kept for review, with the reasons in [`Context::spam_reasons`]; nothing is delivered.
    Spam,
    /// Done with, and kept.
    Archive,
    /// On its way out: deleted for good after a while.
    Trash,
}

impl SubmissionState {
    /// All, in the order in which people see them.
    pub const ALL: [Self; 4] = [Self::Inbox, Self::Spam, Self::Archive, Self::Trash];

    /// The state's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Spam => "spam",
            Self::Archive => "archive",
            Self::Trash => "trash",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is known of a submission beside its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Where it came from, behind trusted proxies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_address: Option<IpAddr>,
    /// The `User-Agent` header, cut at 512 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The page that held the form, from `Referer` or `Origin`, cut at 2,048 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The language that the person was answered in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The subject that the form asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The name that mail to the owner should come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// The address that an answer should go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Addresses that get a copy: those asked for that the form's owner allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<String>,
    /// Why it is held for spam, with the points of each layer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spam_reasons: Vec<Reason>,
}

/// An accepted submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Names it everywhere.
    pub id: SubmissionId,
    /// The form that took it.
    pub form_id: FormId,
    /// The version of the form's definition that it was checked against.
    pub form_version: u32,
    /// Where it lies.
    pub state: SubmissionState,
    /// When it was accepted, milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// The answers, in order.
    pub answers: Answers,
    /// Answers to fields that the form does not declare, where the form keeps them apart.
    pub undeclared: Answers,
    /// What else is known.
    pub context: Context,
    /// Its files, in order.
    pub uploads: Vec<Upload>,
}

/// A client's name for one attempt to submit, so that it can try again without a second row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Parses a key of 1 to 255 bytes of any text.
    ///
    /// # Errors
    /// Says how long a key may be.
    pub fn parse(text: &str) -> Result<Self, String> {
        if (1..=Self::MAX_BYTES).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("an idempotency key has 1 to {} bytes", Self::MAX_BYTES))
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
