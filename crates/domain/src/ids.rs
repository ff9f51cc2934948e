//! Identifiers, and where they come from.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};

use rand::Rng as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($name:ident, $of:literal) => {
        #[doc = concat!("The id of ", $of, ": a UUID version 7, so ids sort by creation time.")]
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(FormId, "a form");
id!(SubmissionId, "a submission");
id!(UploadId, "an uploaded file; it is also the file's name in storage");
id!(UserId, "a user");
id!(WorkspaceId, "a workspace");
id!(SessionId, "a session; not the secret that opens it");
id!(TokenId, "an API token; not the token itself");
id!(InvitationId, "an invitation");
id!(PasskeyId, "a passkey");
id!(NoteId, "a note about a submission");
id!(JobId, "a job; the same over all its tries");
id!(ChannelId, "a notification channel");

impl WorkspaceId {
    /// The workspace that every database has: it holds the forms that were made before anybody said
    /// in which one.
    pub const FIRST: Self = Self(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
}

/// What names a form in public addresses: 10 random letters and digits that never change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FormKey(String);

impl FormKey {
    const LENGTH: usize = 10;

    /// Parses a key: exactly 10 ASCII letters and digits.
    ///
    /// # Errors
    /// Says what a key looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is no form key: a key is 10 letters and digits"))
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FormKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<FormKey> for String {
    fn from(key: FormKey) -> Self {
        key.0
    }
}

impl fmt::Display for FormKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes identifiers. Tests hand in one that repeats itself.
pub trait Ids: Send + Sync {
    /// A new UUID version 7.
    fn uuid(&self) -> Uuid;
    /// A new UUID version 7 that sorts as if it had been made at that time; those of one process and
    /// time sort in the order in which they were made.
    fn uuid_at(&self, at_ms: i64) -> Uuid;
    /// A new form key.
    fn form_key(&self) -> FormKey;
    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}

/// Identifiers from the operating system's randomness.
#[derive(Debug, Default, Clone, Copy)]
pub struct RandomIds;

/// Goes up with each id of [`Ids::uuid_at`].
static MADE: AtomicU32 = AtomicU32::new(0);

#[expect(clippy::disallowed_methods, reason = "the one home of randomness")]
impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn uuid_at(&self, at_ms: i64) -> Uuid {
        let mut rest: [u8; 10] = rand::rng().random();
        // 26 bits behind the time and the version; the last 48 are random.
        let [a, b, c, d] = (MADE.fetch_add(1, Ordering::Relaxed) << 6).to_be_bytes();
        rest[..4].copy_from_slice(&[
            a >> 4,
            a << 4 | b >> 4,
            b << 2 & 0x3c | c >> 6,
            c << 2 | d >> 6,
        ]);
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &rest)
            .into_uuid()
    }

    fn form_key(&self) -> FormKey {
        // Without 0/O, 1/l/I: a key is also read aloud and typed.
        const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut random = rand::rng();
        let key = (0..FormKey::LENGTH)
            .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
            .collect();
        FormKey(key)
    }

    fn secret(&self) -> [u8; 32] {
        rand::rng().random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_time_sort_as_they_were_made_and_by_time_first() {
        let ids: Vec<Uuid> = (0..100_000).map(|_| RandomIds.uuid_at(1_780_315_200_000)).collect();
        assert!(ids.windows(2).all(|two| two[0] < two[1]));
        assert!(RandomIds.uuid_at(1_780_315_199_999) < ids[0]);
        assert!(RandomIds.uuid_at(1_780_315_200_001) > ids[99_999]);
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(ids[0].get_variant(), uuid::Variant::RFC4122);
    }
}
