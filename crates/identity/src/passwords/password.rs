//! A password as somebody typed it.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::common;

/// A password. It is in no output, and its memory is overwritten when it is dropped.
///
/// The same password typed on another keyboard is the same: it is kept in Unicode's form NFC with
/// plain spaces, as RFC 8265 (`OpaqueString`) has it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a text is no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// It can be found by trying.
    #[error("the password is shorter than {min_bytes} bytes")]
    TooShort {
        /// The least.
        min_bytes: usize,
    },
    /// Hashing it would be work for nothing.
    #[error("the password is longer than {max_bytes} bytes")]
    TooLong {
        /// The most.
        max_bytes: usize,
    },
    /// Many people use it, so it is tried first.
    #[error("the password is one that many people use")]
    Common,
    /// It is the person's address or name.
    #[error("the password is the address or the name of the person")]
    Personal,
}

impl Password {
    /// The least that a new password has.
    pub const MIN_BYTES: usize = 8;
    /// The most that any text has which is looked at as a password.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a new password. `context` is what others know of the person: the address, the name.
    ///
    /// # Errors
    /// When it is too short, too long, common, or in the context.
    pub fn parse(text: &str, context: &[&str]) -> Result<Self, PasswordProblem> {
        let password = Self::for_sign_in(text)?;
        if password.0.len() < Self::MIN_BYTES {
            return Err(PasswordProblem::TooShort { min_bytes: Self::MIN_BYTES });
        }
        let folded = Zeroizing::new(password.0.to_lowercase());
        if common::is_common(&folded) {
            return Err(PasswordProblem::Common);
        }
        if context.iter().any(|known| is_same(&folded, known)) {
            return Err(PasswordProblem::Personal);
        }
        Ok(password)
    }

    /// Takes what somebody typed to sign in. Rules may have changed since the password was set, so
    /// only the upper bound is looked at.
    ///
    /// # Errors
    /// When it is too long.
    pub fn for_sign_in(text: &str) -> Result<Self, PasswordProblem> {
        let too_long = PasswordProblem::TooLong { max_bytes: Self::MAX_BYTES };
        if text.len() > Self::MAX_BYTES {
            return Err(too_long);
        }
        // A few letters become longer; with room for them no half-written copy stays in memory.
        let mut kept = Zeroizing::new(String::with_capacity(3 * Self::MAX_BYTES));
        kept.extend(text.nfc().map(|letter| if is_space(letter) { ' ' } else { letter }));
        if kept.len() > Self::MAX_BYTES { Err(too_long) } else { Ok(Self(kept)) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn is_space(letter: char) -> bool {
    letter.is_whitespace() && !letter.is_control()
}

/// An address counts with and without what follows its `@`.
fn is_same(folded: &str, known: &str) -> bool {
    let known: String = known.trim().nfc().collect::<String>().to_lowercase();
    let local_part = known.rsplit_once('@').map(|(local_part, _)| local_part);
    folded.trim() == known || local_part == Some(folded)
}

#[cfg(test)]
mod tests {
    use super::{Password, PasswordProblem};

    const CONTEXT: &[&str] = &["Hannelore.Meier@example.org", "Hannelore Meier", ""];

    fn problem(text: &str) -> Option<PasswordProblem> {
        Password::parse(text, CONTEXT).err()
    }

    #[test]
    fn a_password_has_8_to_1024_bytes() {
        let too_short = PasswordProblem::TooShort { min_bytes: 8 };
        let too_long = PasswordProblem::TooLong { max_bytes: 1024 };
        for (text, expected) in [
            (String::new(), Some(too_short)),
            ("x7%kQ2b".to_owned(), Some(too_short)),
            ("x7%kQ2b_".to_owned(), None),
            ("äöüß".to_owned(), None),
            ("z".repeat(1024), None),
            ("z".repeat(1025), Some(too_long)),
            ("z".repeat(1_000_000), Some(too_long)),
            // One of the letters that are longer in their composed form.
            ("\u{1D160}".repeat(256), Some(too_long)),
        ] {
            assert_eq!(problem(&text), expected, "{} bytes", text.len());
        }
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_written() {
        for text in ["password", "PassWord", "12345678", "QWERTYUIOP", "iloveyou"] {
            assert_eq!(problem(text), Some(PasswordProblem::Common), "{text}");
        }
    }

    #[test]
    fn the_address_and_the_name_of_the_person_are_refused() {
        for text in [
            "hannelore.meier@example.org",
            "HANNELORE.MEIER@EXAMPLE.ORG",
            "Hannelore.Meier",
            "hannelore meier",
            "Hannelore\u{a0}Meier ",
        ] {
            assert_eq!(problem(text), Some(PasswordProblem::Personal), "{text}");
        }
        assert_eq!(problem("hannelore meier kocht gern"), None);
    }

    #[test]
    fn to_sign_in_only_the_upper_bound_counts() {
        for text in ["", "a", "password", "Hannelore Meier"] {
            assert!(Password::for_sign_in(text).is_ok(), "{text}");
        }
        assert!(Password::for_sign_in(&"z".repeat(1025)).is_err());
    }

    #[test]
    fn it_is_the_same_on_another_keyboard() {
        let bytes = |text: &str| Password::for_sign_in(text).expect("short").as_bytes().to_vec();
        assert_eq!(bytes("Ka\u{308}sebrot"), bytes("K\u{e4}sebrot"));
        assert_eq!(bytes("viel\u{a0}zu\u{3000}tun"), bytes("viel zu tun"));
        assert_ne!(bytes("Kasebrot"), bytes("K\u{e4}sebrot"));
        assert_ne!(bytes("k\u{e4}sebrot"), bytes("K\u{e4}sebrot"));
        assert_ne!(bytes(" Brot"), bytes("Brot"));
    }

    #[test]
    fn it_is_never_shown() {
        let password = Password::for_sign_in("hunter2hunter2").expect("short");
        assert_eq!(format!("{password:?} {:?}", Some(&password)), "*** Some(***)");
    }
}
