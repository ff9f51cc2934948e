//! One-time codes of authenticator apps, by RFC 6238: SHA-1, six digits, 30 seconds, which is what
//! every app can do.

use std::fmt;

use formhold_domain::Ids;
use qrcode::{QrCode, render::svg};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

const SECRET_BYTES: usize = 20;
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// Clocks go wrong and people type slowly: one step either way is taken.
const STEPS_EITHER_WAY: u16 = 1;
/// Longer names would not fit into a code that a camera can read.
const MAX_NAME_BYTES: usize = 100;
const MIN_QR_PIXELS: u32 = 200;

/// What an app and we share. It is in no output, and its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl TotpSecret {
    /// A new secret.
    #[must_use]
    pub fn generate(ids: &dyn Ids) -> Self {
        let random = Zeroizing::new(ids.secret());
        let mut bytes = [0; SECRET_BYTES];
        bytes.copy_from_slice(&random[..SECRET_BYTES]);
        Self::from_bytes(bytes)
    }

    /// The secret that was kept as these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What the caller keeps, where nobody can read it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// The secret as people type it into an app: 32 letters and digits, in groups of four.
    #[must_use]
    pub fn to_typed(&self) -> String {
        let letters = self.totp("", "").secret().to_base32();
        let groups: Vec<&str> = (0..letters.len())
            .step_by(4)
            .map(|at| &letters[at..letters.len().min(at + 4)])
            .collect();
        groups.join(" ")
    }

    /// The address that an app takes, by a QR code or a tap:
    /// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>. The issuer is this
    /// installation, the account is the person's address; both are shown in the app.
    #[must_use]
    pub fn to_url(&self, issuer: &str, account: &str) -> String {
        let url = self.totp(&name(issuer), &name(account)).to_url();
        url.expect("names are not empty and have no colon")
    }

    /// That address as a QR code: how many modules it is wide, and its modules row by row; true is
    /// dark.
    #[must_use]
    pub fn to_qr_modules(&self, issuer: &str, account: &str) -> (usize, Vec<bool>) {
        let code = QrCode::new(self.to_url(issuer, account))
            .expect("names are short enough for the largest code");
        let is_dark = |color: &qrcode::Color| *color == qrcode::Color::Dark;
        (code.width(), code.to_colors().iter().map(is_dark).collect())
    }

    /// That address as a QR code: an `<svg>` for a page, of 200 pixels or a little more, without
    /// styles and scripts. It has no text, so label what it stands in.
    #[must_use]
    pub fn to_qr_svg(&self, issuer: &str, account: &str) -> String {
        let code = QrCode::new(self.to_url(issuer, account))
            .expect("names are short enough for the largest code");
        let image =
            code.render::<svg::Color<'_>>().min_dimensions(MIN_QR_PIXELS, MIN_QR_PIXELS).build();
        // Within a page there is no XML declaration.
        let start = image.find("<svg").unwrap_or_default();
        image[start..].to_owned()
    }

    /// Checks a code at a time (milliseconds since the Unix epoch) and returns the step that it is
    /// of. Spaces in it do not count.
    ///
    /// A code works once: keep the step, and give it here the next time. Keep it in a way that of two
    /// at once only one can. Say how often one may try: a code has a million values, and three of
    /// them are good.
    #[must_use]
    pub fn verify(&self, code: &str, now_ms: i64, last_used_step: Option<i64>) -> Option<i64> {
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let now_seconds = u64::try_from(now_ms / 1000).unwrap_or_default();
        let step = self.totp("", "").check(&digits, now_seconds)?;
        let step = i64::try_from(step).ok()?;
        (last_used_step.is_none_or(|last| step > last)).then_some(step)
    }

    fn totp(&self, issuer: &str, account: &str) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_step_duration(STEP_SECONDS)
            .with_skew(STEPS_EITHER_WAY)
            .with_secret(*self.0)
            .with_issuer(Some(issuer))
            .with_account_name(account)
            .build()
            .expect("the names have no colon, and all else is fixed")
    }
}

/// A name as the format takes it: not empty, and without the colon that parts the two.
fn name(text: &str) -> String {
    let name = text.replace(|letter: char| letter == ':' || letter.is_control(), " ");
    let name = name.trim();
    let name = name[..name.floor_char_boundary(MAX_NAME_BYTES)].trim_end();
    if name.is_empty() { "-".to_owned() } else { name.to_owned() }
}
