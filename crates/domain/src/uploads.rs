//! Files that came with a submission.

use serde::{Deserialize, Serialize};

use crate::UploadId;

/// A file of a submission, as stored. Its bytes are in file storage under its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Names the file in the database and in storage.
    pub id: UploadId,
    /// The form field that it was sent in.
    pub field: String,
    /// The file's name as the sender gave it, without folders; never used as a path.
    pub name: String,
    /// The type by the file's content, else `application/octet-stream` or `text/plain`.
    pub content_type: String,
    /// Length of the content.
    pub size_bytes: u64,
    /// SHA-256 of the content, 64 lower-case hex digits.
    pub sha256: String,
    /// Of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// What a scanner says of it.
    #[serde(default, skip_serializing_if = "Scan::is_not_asked")]
    pub scan: Scan,
}

/// Width and height of a picture in pixels, as its head claims them. Nobody has seen the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimensions {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Dimensions {
    /// How many pixels decoding would make. A picture may claim 65,535 x 65,535 in a hundred
    /// bytes, so look at this first.
    #[must_use]
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// What is known about malware in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "finding")]
pub enum Scan {
    /// The form asks for no scan.
    #[default]
    NotAsked,
    /// It will be scanned; until then nobody gets it.
    Waiting,
    /// Nothing was found.
    Clean,
    /// What was found, by the scanner's name for it. Nobody gets the file.
    Infected(String),
    /// It cannot be scanned, for this reason; that is not clean, and nobody gets the file.
    Unscannable(String),
}

impl Scan {
    /// The state's stable name; none where no scan was asked for.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::NotAsked => None,
            Self::Waiting => Some("waiting"),
            Self::Clean => Some("clean"),
            Self::Infected(_) => Some("infected"),
            Self::Unscannable(_) => Some("unscannable"),
        }
    }

    /// What the scanner found, or why it could not look.
    #[must_use]
    pub fn finding(&self) -> Option<&str> {
        match self {
            Self::NotAsked | Self::Waiting | Self::Clean => None,
            Self::Infected(finding) | Self::Unscannable(finding) => Some(finding),
        }
    }

    /// The state of this name; an unknown one counts as not scannable.
    #[must_use]
    pub fn parse(name: Option<&str>, finding: Option<String>) -> Self {
        let finding = finding.unwrap_or_default();
        match name {
            None => Self::NotAsked,
            Some("waiting") => Self::Waiting,
            Some("clean") => Self::Clean,
            Some("infected") => Self::Infected(finding),
            Some(_) => Self::Unscannable(finding),
        }
    }

    /// True when the file may be handed out.
    #[must_use]
    pub fn may_be_read(&self) -> bool {
        matches!(self, Self::NotAsked | Self::Clean)
    }

    fn is_not_asked(&self) -> bool {
        *self == Self::NotAsked
    }
}
