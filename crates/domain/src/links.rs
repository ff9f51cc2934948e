//! Links to a file that need no session: signed, for one purpose, until a time.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

use crate::UploadId;

/// Keeps these signatures apart from any other use of the same key.
const CONTEXT: &[u8] = b"formhold file link 1\0";

/// What a link may be used for. A link for one is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The file itself.
    Download,
    /// A small picture of it.
    Thumbnail,
}

impl LinkPurpose {
    /// The purpose's stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Thumbnail => "thumbnail",
        }
    }

    /// The purpose of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Download, Self::Thumbnail].into_iter().find(|purpose| purpose.name() == name)
    }
}

/// What a link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLink {
    /// The file.
    pub upload_id: UploadId,
    /// What for.
    pub purpose: LinkPurpose,
    /// When it ends, seconds since the Unix epoch; it works before this second and not in it.
    pub expires_at_s: i64,
}

/// Why a link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinkProblem {
    /// It was not signed with this key, or something in it was changed.
    #[error("the link is not one of ours")]
    Forged,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

impl FileLink {
    /// Signs the link: HMAC-SHA-256 over purpose, file and end, as 64 lower-case hex digits.
    #[must_use]
    pub fn sign(&self, key: &[u8; 32]) -> String {
        let code = self.code(key).finalize().into_bytes();
        code.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Checks a signature, in a time that does not tell how much of it is right.
    ///
    /// # Errors
    /// Forged before expired: of a link that is not ours, nothing is said.
    pub fn verify(&self, key: &[u8; 32], signature: &str, now_s: i64) -> Result<(), LinkProblem> {
        let signature = bytes_of(signature).ok_or(LinkProblem::Forged)?;
        self.code(key).verify_slice(&signature).map_err(|_| LinkProblem::Forged)?;
        if now_s < self.expires_at_s { Ok(()) } else { Err(LinkProblem::Expired) }
    }

    /// Every part has a fixed length, so no two links give the same bytes.
    fn code(&self, key: &[u8; 32]) -> Hmac<Sha256> {
        let mut code = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        code.update(CONTEXT);
        code.update(match self.purpose {
            LinkPurpose::Download => b"d",
            LinkPurpose::Thumbnail => b"t",
        });
        code.update(self.upload_id.0.as_bytes());
        code.update(&self.expires_at_s.to_be_bytes());
        code
    }
}

/// 32 bytes from 64 lower-case hex digits, and from nothing else: one link has one spelling.
fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let digits: &[u8; 64] = hex.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn link() -> FileLink {
        let upload_id = UploadId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
        FileLink { upload_id, purpose: LinkPurpose::Download, expires_at_s: 1_000 }
    }

    #[test]
    fn a_link_works_until_its_time_is_over() {
        let signature = link().sign(&KEY);
        assert_eq!(link().verify(&KEY, &signature, 999), Ok(()));
        assert_eq!(link().verify(&KEY, &signature, 1_000), Err(LinkProblem::Expired));
    }

    #[test]
    fn whatever_is_changed_in_a_link_makes_it_a_forgery() {
        let signature = link().sign(&KEY);
        let other_file = FileLink { upload_id: UploadId(Uuid::from_u128(1)), ..link() };
        let other_purpose = FileLink { purpose: LinkPurpose::Thumbnail, ..link() };
        let later = FileLink { expires_at_s: 1_001, ..link() };
        for changed in [other_file, other_purpose, later] {
            assert_eq!(changed.verify(&KEY, &signature, 0), Err(LinkProblem::Forged));
        }
        assert_eq!(link().verify(&[8; 32], &signature, 0), Err(LinkProblem::Forged));
        for index in 0..signature.len() {
            let mut other = signature.clone().into_bytes();
            other[index] = if other[index] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).expect("text");
            assert_eq!(link().verify(&KEY, &other, 0), Err(LinkProblem::Forged), "{other}");
        }
        let spellings =
            ["", "0", &signature[..62], &signature.to_uppercase(), &format!("{signature}00")];
        for other in spellings {
            assert_eq!(link().verify(&KEY, other, 0), Err(LinkProblem::Forged), "{other}");
        }
    }

    #[test]
    fn an_expired_forgery_is_called_a_forgery() {
        assert_eq!(link().verify(&KEY, &"0".repeat(64), 5_000), Err(LinkProblem::Forged));
    }

    #[test]
    fn the_signature_is_what_other_programs_compute() {
        // Computed with Python's hmac module.
        let expected = "c164a807641f3f90ea718972642ad186ef7b63f8e05df0474f370ba37ef43114";
        assert_eq!(link().sign(&KEY), expected);
    }
}
