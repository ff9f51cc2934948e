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
}
