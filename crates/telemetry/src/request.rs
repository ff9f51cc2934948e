//! The request that is being worked on: its id, its route, and who and what it is about. Every line
//! that is logged meanwhile says so.
//!
//! A value of the task, not a span of `tracing`: it costs a request a tenth of what a span does, and
//! whoever logs need not know of it.

use std::{
    fmt,
    future::Future,
    sync::{Arc, OnceLock},
};

use formhold_domain::{FormId, UserId};

tokio::task_local! {
    static CURRENT: Arc<Request>;
}

/// What names a request in the log and in its reply: 1 to 64 letters, digits, `-`, `_` and `.`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    bytes: [u8; RequestId::MAX_BYTES],
    length: u8,
}

impl RequestId {
    const MAX_BYTES: usize = 64;

    /// Takes one that somebody else gave, if it is one.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        if text.is_empty() || text.len() > Self::MAX_BYTES || !text.iter().all(plain) {
            return None;
        }
        let mut bytes = [0; Self::MAX_BYTES];
        bytes[..text.len()].copy_from_slice(text);
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    /// A new one: a random number as 32 hexadecimal digits.
    #[must_use]
    pub fn of(number: u128) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut bytes = [0; Self::MAX_BYTES];
        for (at, byte) in number.to_be_bytes().into_iter().enumerate() {
            bytes[2 * at] = DIGITS[usize::from(byte >> 4)];
            bytes[2 * at + 1] = DIGITS[usize::from(byte & 15)];
        }
        Self { bytes, length: 32 }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A request.
#[derive(Debug)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Its method; of unknown ones `OTHER`.
    pub method: &'static str,
    /// The template of its route, as `/f/{form}`; never what stands in its place.
    pub route: Arc<str>,
    user: OnceLock<UserId>,
    form: OnceLock<FormId>,
}

impl Request {
    /// A request of which nothing else is known yet.
    #[must_use]
    pub fn new(id: RequestId, method: &'static str, route: Arc<str>) -> Arc<Self> {
        Arc::new(Self { id, method, route, user: OnceLock::new(), form: OnceLock::new() })
    }

    /// Who sent it, once that is known.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.user.get().copied()
    }

    /// The form that it is about, once that is known.
    #[must_use]
    pub fn form(&self) -> Option<FormId> {
        self.form.get().copied()
    }

    /// Works on this request.
    pub fn scope<F: Future>(self: Arc<Self>, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// As [`Request::scope`], for work that does not wait.
    pub fn within<T>(self: Arc<Self>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }
}

/// The request that this task works on.
#[must_use]
pub fn current() -> Option<Arc<Request>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// The id of the request that this task works on.
#[must_use]
pub fn current_id() -> Option<RequestId> {
    CURRENT.try_with(|request| request.id).ok()
}

/// Says who sent the request that this task works on.
pub fn note_user(user: UserId) {
    let _ = CURRENT.try_with(|request| request.user.set(user));
}

/// Says which form the request is about that this task works on.
pub fn note_form(form: FormId) {
    let _ = CURRENT.try_with(|request| request.form.set(form));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_and_short_ids_of_others_are_taken() {
        for good in ["a", "0190-AB_c.9", &"x".repeat(64)] {
            assert_eq!(RequestId::parse(good.as_bytes()).expect(good).as_str(), good);
        }
        for bad in ["", "a b", "a\nb", "\u{1b}[31m", "ä", "a\"b", "<a>", &"x".repeat(65)] {
            assert!(RequestId::parse(bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert_eq!(RequestId::of(0xfe).as_str(), format!("{:032x}", 0xfe));
    }
}
