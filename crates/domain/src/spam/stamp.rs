//! The stamp that tells when a page was handed out: signed, so that it cannot be made up.

use std::fmt::Write as _;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{TimeToFill, secret::mac_of_form};
use crate::FormId;

/// Signs and reads stamps of one form.
///
/// A stamp is `<milliseconds since the Unix epoch>.<HMAC-SHA256 in hexadecimal>`, and holds no
/// secret. It can be sent more than once; how often the same text came is another layer's question.
#[derive(Clone)]
pub struct PageStamps {
    mac: Hmac<Sha256>,
}

impl PageStamps {
    /// How far ahead of this node's clock another node's may be.
    const MAX_SKEW_MS: u64 = 60_000;

    /// Stamps of a form, under the server's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32], form: FormId) -> Self {
        Self { mac: mac_of_form(secret, b"formhold page stamp 1\0", form) }
    }

    /// A stamp for a page that is handed out now.
    #[must_use]
    pub fn sign(&self, now_ms: i64) -> String {
        let mut stamp = format!("{now_ms}.");
        let mac = self.mac.clone().chain_update(now_ms.to_be_bytes()).finalize();
        for byte in mac.as_bytes() {
            let _ = write!(stamp, "{byte:02x}");
        }
        stamp
    }

    /// How long ago a stamp was made; `Missing` when there is none or it is blank.
    ///
    /// A stamp from the near future, made by another node, took no time at all.
    #[must_use]
    pub fn time_to_fill(&self, stamp: Option<&str>, now_ms: i64) -> TimeToFill {
        let Some(stamp) = stamp.map(str::trim).filter(|stamp| !stamp.is_empty()) else {
            return TimeToFill::Missing;
        };
        let Some(made_ms) = self.verify(stamp) else { return TimeToFill::Forged };
        match u64::try_from(now_ms.saturating_sub(made_ms)) {
            Ok(took_ms) => TimeToFill::TookMs(took_ms),
            Err(_) if made_ms.abs_diff(now_ms) <= Self::MAX_SKEW_MS => TimeToFill::TookMs(0),
            Err(_) => TimeToFill::Forged,
        }
    }

    fn verify(&self, stamp: &str) -> Option<i64> {
        let (time, mac) = stamp.split_once('.')?;
        let made_ms: i64 = time.parse().ok()?;
        // One time, one spelling: `+5` and `05` are not what we signed.
        if mac.len() != 64 || !mac.is_ascii() || made_ms.to_string() != time {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(mac.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).ok()?;
            let plain = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
            *byte = plain.then(|| u8::from_str_radix(digits, 16).ok()).flatten()?;
        }
        let mac = self.mac.clone().chain_update(made_ms.to_be_bytes());
        mac.verify_slice(&bytes).ok().map(|()| made_ms)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::PageStamps;
    use crate::{FormId, spam::TimeToFill};

    const NOW_MS: i64 = 1_795_000_000_000;

    fn stamps(secret: u8, form: u128) -> PageStamps {
        PageStamps::new(&[secret; 32], FormId(Uuid::from_u128(form)))
    }

    #[test]
    fn a_stamp_tells_how_long_the_page_was_open() {
        let stamps = stamps(1, 1);
        let stamp = stamps.sign(NOW_MS);
        assert_eq!(stamps.time_to_fill(Some(&stamp), NOW_MS + 12_345), TimeToFill::TookMs(12_345));
        assert_eq!(stamps.time_to_fill(Some(&stamp), NOW_MS), TimeToFill::TookMs(0));
    }

    #[test]
    fn a_stamp_is_good_for_one_form_and_one_secret() {
        let stamp = stamps(1, 1).sign(NOW_MS);
        for other in [stamps(1, 2), stamps(2, 1)] {
            assert_eq!(other.time_to_fill(Some(&stamp), NOW_MS + 1), TimeToFill::Forged);
        }
    }

    #[test]
    fn no_other_spelling_of_a_stamp_is_believed() {
        let stamps = stamps(1, 1);
        let stamp = stamps.sign(NOW_MS);
        let (time, mac) = stamp.split_once('.').expect("a stamp has a dot");
        let earlier = NOW_MS - 60_000;
        for forged in [
            format!("{earlier}.{mac}"),
            format!("+{time}.{mac}"),
            format!("0{time}.{mac}"),
            format!("{time}.{}", mac.to_uppercase()),
            format!("{time}.{}", &mac[..62]),
            format!("{time}.{mac}00"),
            format!("{time}.{}", "+1".repeat(32)),
            format!("{time}.{}", "ä".repeat(32)),
            format!("{time}{mac}"),
            format!("{}.{mac}", i64::MAX),
            time.to_owned(),
            ".".to_owned(),
            "9999999999999999999999.00".to_owned(),
        ] {
            assert_eq!(stamps.time_to_fill(Some(&forged), NOW_MS), TimeToFill::Forged, "{forged}");
        }
    }

    #[test]
    fn no_stamp_and_a_blank_one_are_missing() {
        for stamp in [None, Some(""), Some(" \t")] {
            assert_eq!(stamps(1, 1).time_to_fill(stamp, NOW_MS), TimeToFill::Missing);
        }
    }

    #[test]
    fn clocks_of_nodes_may_differ_by_a_minute() {
        let stamps = stamps(1, 1);
        let ahead = |ms: i64| stamps.time_to_fill(Some(&stamps.sign(NOW_MS + ms)), NOW_MS);
        assert_eq!(ahead(60_000), TimeToFill::TookMs(0));
        assert_eq!(ahead(60_001), TimeToFill::Forged);
        assert_eq!(stamps.time_to_fill(Some(&stamps.sign(i64::MAX)), i64::MIN), TimeToFill::Forged);
    }
}
