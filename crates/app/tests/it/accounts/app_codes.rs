//! An authenticator app: RFC 4226, RFC 6238 and base 32, written from the standards.

use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// The code that the app shows for a key as people type it.
pub(super) fn code_at(typed: &str, now_ms: i64) -> String {
    let step = u64::try_from(now_ms / 30_000).expect("after 1970");
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(typed));
    let digest = sign(&key, &step.to_be_bytes());
    let digest = digest.as_ref();
    let at = usize::from(digest[19] & 0x0f);
    let four = [digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

fn base32(typed: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u64, 0, Vec::new());
    for letter in typed.chars().filter(|letter| !letter.is_whitespace()) {
        bits = bits << 5 | ALPHABET.find(letter).expect("base 32") as u64;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn the_apps_code_is_that_of_the_standards_example() {
    // RFC 6238, appendix B: 59 s, the last six of eight digits.
    let typed = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
    assert_eq!(code_at(typed, 59_000), "287082");
}
