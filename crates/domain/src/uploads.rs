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

/// What a file is, told by its first bytes and checked against what a form accepts.
#[derive(Debug, Clone, Copy)]
pub struct FileKind;

impl FileKind {
    /// How many bytes [`FileKind::of`] wants to see.
    pub const HEAD_BYTES: usize = 8192;

    /// The media type of a file by its first bytes: by signature, else `text/plain` for UTF-8
    /// text without control characters, else `application/octet-stream`.
    #[must_use]
    pub fn of(head: &[u8]) -> &'static str {
        if let Some(kind) = infer::get(head) {
            return kind.mime_type();
        }
        let text = match std::str::from_utf8(head) {
            Ok(text) => text,
            // The head may end in the middle of a character.
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return "application/octet-stream",
        };
        let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
        if text.chars().all(printable) { "text/plain" } else { "application/octet-stream" }
    }

    /// True when a file of this content type and name fits one entry of an `accept` list as HTML
    /// defines it: `.pdf`, `image/*` or `image/png`.
    ///
    /// An extension must be the name's last one, and where the extension stands for a type that
    /// can be told by content, the content must be of it: `.png` refuses a script named `a.png`.
    #[must_use]
    pub fn accepted(accept: &str, content_type: &str, name: &str) -> bool {
        let accept = accept.trim().to_ascii_lowercase();
        if let Some(extension) = accept.strip_prefix('.') {
            let last = name.rsplit_once('.').map(|(_, last)| last.to_ascii_lowercase());
            return last.as_deref() == Some(extension) && Self::plausible(extension, content_type);
        }
        match accept.strip_suffix("/*") {
            Some(family) => content_type.split('/').next() == Some(family),
            None => content_type == accept,
        }
    }

    fn plausible(extension: &str, content_type: &str) -> bool {
        match extension {
            "png" => content_type == "image/png",
            "jpg" | "jpeg" => content_type == "image/jpeg",
            "gif" => content_type == "image/gif",
            "webp" => content_type == "image/webp",
            "pdf" => content_type == "application/pdf",
            "zip" => content_type == "application/zip",
            "txt" | "csv" | "md" => content_type == "text/plain",
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileKind;

    #[test]
    fn a_file_is_what_its_content_says() {
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n0000"), "image/png");
        assert_eq!(FileKind::of("Grüße".as_bytes()), "text/plain");
        assert_eq!(FileKind::of(&"Grü".as_bytes()[..3]), "text/plain");
        assert_eq!(FileKind::of(b"\x00\x01\x02"), "application/octet-stream");
    }

    #[test]
    fn an_extension_does_not_make_a_script_an_image() {
        assert!(FileKind::accepted(".png", "image/png", "a.PNG"));
        assert!(!FileKind::accepted(".png", "text/plain", "a.png"));
        assert!(!FileKind::accepted(".png", "image/png", "a.png.exe"));
        assert!(FileKind::accepted("image/*", "image/webp", "whatever"));
        assert!(!FileKind::accepted("image/*", "text/plain", "a.png"));
    }
}
