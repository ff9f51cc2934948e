//! Why something cannot be done with a file.

use thiserror::Error;

/// Why a file could not be stored, read or removed.
#[derive(Debug, Error)]
pub enum FilesError {
    /// No space, or no inodes, on the disk of the files.
    #[error("the disk of the files is full")]
    DiskFull,
    /// With S3: so much waits for S3 already that no more is taken in.
    #[error("too many files are waiting for S3")]
    SpoolFull,
    /// With S3: S3 does not have the file; the node that received it has, or it is lost.
    #[error("the file is not yet in S3: the node that received it still holds it; try again")]
    NotYetStored,
    /// S3 does not answer, or says no.
    #[error("S3: {0}")]
    Unavailable(String),
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
