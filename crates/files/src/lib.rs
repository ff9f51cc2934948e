//! Where uploaded files live: written, synced and in place before their row is committed.

mod incoming;
mod local;

pub use incoming::{Incoming, StoredFile};
pub use local::Files;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The section `[files]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `file://` and a folder, relative or absolute.
    pub url: String,
    /// How many files a submission may have.
    pub max_files: usize,
    /// How many bytes a file may have.
    pub max_file_bytes: u64,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let folder = self.url.strip_prefix("file://").unwrap_or_default();
        if folder.is_empty() {
            vec![("url", "must be file:// and a folder".to_owned())]
        } else {
            Vec::new()
        }
    }
}

/// Why a file could not be stored, read or removed.
#[derive(Debug, Error)]
pub enum FilesError {
    /// No space, or no inodes, on the disk of the files.
    #[error("the disk of the files is full")]
    DiskFull,
    /// Anything else.
    #[error("file storage: {0}")]
    Other(std::io::Error),
}

impl From<std::io::Error> for FilesError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Other(error),
        }
    }
}
