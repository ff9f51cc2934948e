//! What the people who own a form do with what was submitted to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{NoteId, Submission, SubmissionState, UserId};

/// A word that marks submissions: 1 to 40 characters, one line, no comma, no spaces around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    /// The longest tag, in characters.
    pub const MAX_CHARACTERS: usize = 40;

    /// Parses a tag; spaces around it are taken away.
    ///
    /// # Errors
    /// What is wrong with it, to go on after "the tag".
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err(format!("must not have more than {} characters", Self::MAX_CHARACTERS));
        }
        if text.chars().any(|letter| letter == ',' || letter.is_control()) {
            return Err("must not have commas or line breaks".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tag {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A submission with what was done to it since it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// What was submitted.
    pub submission: Submission,
    /// What was done.
    pub handling: Handling,
}

/// What was done to a submission since it came; the default: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handling {
    /// Whether somebody looked at it.
    pub is_read: bool,
    /// Whether somebody marked it with a star.
    pub is_starred: bool,
    /// Its tags, in order.
    pub tags: Vec<Tag>,
    /// Since when it is in the trash, where it is.
    pub trashed_at_ms: Option<i64>,
    /// Goes up by one with each change; for `ETag`.
    pub version: u32,
    /// When it last changed.
    pub changed_at_ms: Option<i64>,
}

/// Something to be done to submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxAct {
    /// Puts them into the inbox, archive or trash. Spam is told by a lesson instead.
    MoveTo(SubmissionState),
    /// Takes them out of the trash, to where they were before.
    Restore,
    /// Says whether somebody looked at them.
    MarkRead(bool),
    /// Gives or takes their star.
    Star(bool),
    /// Adds a tag.
    AddTag(Tag),
    /// Takes a tag away.
    RemoveTag(Tag),
}

impl InboxAct {
    /// The stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::MoveTo(SubmissionState::Inbox) => "inbox",
            Self::MoveTo(SubmissionState::Archive) => "archive",
            Self::MoveTo(SubmissionState::Trash) => "trash",
            Self::MoveTo(SubmissionState::Spam) => "spam",
            Self::Restore => "restore",
            Self::MarkRead(true) => "read",
            Self::MarkRead(false) => "unread",
            Self::Star(true) => "star",
            Self::Star(false) => "unstar",
            Self::AddTag(_) => "add_tag",
            Self::RemoveTag(_) => "remove_tag",
        }
    }
}

/// What somebody wrote about a submission, for those who own the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Who wrote it.
    pub user_id: Option<UserId>,
    /// What.
    pub text: String,
    /// When.
    pub created_at_ms: i64,
}

impl Note {
    /// The longest note, in bytes.
    pub const MAX_BYTES: usize = 10_000;
}

/// Something that was done to a submission, as its history keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at_ms: i64,
    /// `user` or `system`.
    pub actor_kind: String,
    /// The user's id, or the part of Formhold.
    pub actor_id: Option<String>,
    /// What: the name of an [`InboxAct`], `edit` or `note`.
    pub kind: String,
    /// What changed; of an edit every value before and after.
    pub details: serde_json::Value,
}
