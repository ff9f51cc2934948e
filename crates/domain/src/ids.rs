//! Identifiers, and where they come from.

use std::{fmt, str::FromStr};

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
    /// A new UUID version 7 that sorts as if it had been made at that time.
    fn uuid_at(&self, at_ms: i64) -> Uuid;
    /// A new form key.
    fn form_key(&self) -> FormKey;
    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}

/// Identifiers from the operating system's randomness.
#[derive(Debug, Default, Clone, Copy)]
pub struct RandomIds;

#[expect(clippy::disallowed_methods, reason = "the one home of randomness")]
impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn uuid_at(&self, at_ms: i64) -> Uuid {
        let random: [u8; 10] = rand::rng().random();
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &random)
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
