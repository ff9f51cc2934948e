//! Codes on paper, for who has lost the second factor.

use std::fmt;

use formhold_domain::Ids;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// How many codes are made at a time.
pub const RECOVERY_CODES: usize = 10;

/// Crockford's: letters that look like digits are left out, so that they can be read as digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 75 bits: too many to find a code by its hash, even with a leaked database.
const LETTERS: usize = 15;
const GROUP: usize = 5;
/// More than this is not looked at.
const MAX_TYPED_BYTES: usize = 100;

/// A code that works once. It is shown to its owner and kept as its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; LETTERS]>);

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl RecoveryCode {
    /// Ten new codes.
    #[must_use]
    pub fn generate(ids: &dyn Ids) -> [Self; RECOVERY_CODES] {
        std::array::from_fn(|_| {
            let random = Zeroizing::new(ids.secret());
            // 256 is a multiple of 32, so each letter is as likely as any other.
            Self(Zeroizing::new(std::array::from_fn(|at| ALPHABET[usize::from(random[at] % 32)])))
        })
    }

    /// Reads a code as people type it: large letters, spaces, hyphens or none, `o` for `0`, `i` or
    /// `l` for `1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TYPED_BYTES {
            return None;
        }
        let mut code = Zeroizing::new([0; LETTERS]);
        let mut places = code.iter_mut();
        for letter in text.chars().filter(|letter| !is_between(*letter)) {
            *places.next()? = read(letter)?;
        }
        let is_whole = places.next().is_none();
        drop(places);
        is_whole.then_some(Self(code))
    }

    /// The code as it is shown: `xxxxx-xxxxx-xxxxx`.
    #[must_use]
    pub fn to_shown(&self) -> String {
        let groups = self.0.chunks(GROUP);
        let groups: Vec<String> =
            groups.map(|group| group.iter().copied().map(char::from).collect()).collect();
        groups.join("-")
    }

    /// What is kept of it: SHA-256, which is enough for what is random.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(*self.0).into()
    }
}

fn is_between(letter: char) -> bool {
    letter.is_whitespace() || "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}_.".contains(letter)
}

fn read(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        letter => letter,
    };
    let byte = u8::try_from(letter).ok()?;
    ALPHABET.contains(&byte).then_some(byte)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use formhold_domain::RandomIds;

    use super::RecoveryCode;

    #[test]
    fn ten_codes_are_made_that_are_all_different_and_can_be_read() {
        let codes: Vec<_> = (0..20).flat_map(|_| RecoveryCode::generate(&RandomIds)).collect();
        let shown: BTreeSet<String> = codes.iter().map(RecoveryCode::to_shown).collect();
        assert_eq!(shown.len(), 200);
        let letters: BTreeSet<char> = shown.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(letters.into_iter().collect::<String>(), "-0123456789abcdefghjkmnpqrstvwxyz");
        for code in codes {
            let shown = code.to_shown();
            assert_eq!(shown.len(), 17);
            assert_eq!([shown.as_bytes()[5], shown.as_bytes()[11]], [b'-'; 2]);
            assert_eq!(RecoveryCode::parse(&shown), Some(code));
        }
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let expected = RecoveryCode::parse("0abc1-1defg-hjk0z").expect("a code").hash();
        for typed in [
            "0abc11defghjk0z",
            "OABC1-IDEFG-HJKOZ",
            " oabcl ldefg hjkoz\r\n",
            "0abc1\u{2013}1defg\u{2013}hjk0z",
            "0-a-b-c-1-1-d-e-f-g-h-j-k-0-z",
            "0abc1.1defg_hjk0z",
        ] {
            let code = RecoveryCode::parse(typed).unwrap_or_else(|| panic!("{typed} is a code"));
            assert_eq!(code.hash(), expected, "{typed}");
        }
        let other = RecoveryCode::parse("0abc1-1defg-hjk0y").expect("a code").hash();
        assert_ne!(other, expected);
    }

    #[test]
    fn what_is_no_code_is_none() {
        let padded = format!("0abc1-1defg-hjk0z{}", " ".repeat(100));
        for typed in
            ["", "-", "0abc1-1defg", "0abc1-1defg-hjk0zz", "0abc1-1defg-hjk0u", "äbc", &padded]
        {
            assert_eq!(RecoveryCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_code_is_kept_as_the_sha_256_of_its_letters() {
        let code = RecoveryCode::parse("00000-11111-22222").expect("a code");
        let hash: String = code.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "4e4db8b0973cd12771c5d2bca74233e42b92b2bb4835d0c97565149d3f97cb36");
        assert_eq!(format!("{code:?}"), "***");
    }
}
