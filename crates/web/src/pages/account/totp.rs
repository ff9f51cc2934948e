//! `/account/factors/totp`: sets up codes from an app, and shows recovery codes once.

use std::fmt::Write;

use askama::Template;

use crate::{
    pages::{FormState, Frame},
    public::assets,
};

/// Adds Formhold to an authenticator app. Field: `code`.
#[derive(Debug, Template)]
#[template(path = "pages/account/totp.html", whitespace = "minimize")]
pub struct TotpPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was wrong.
    pub form: &'a FormState,
    /// The picture of `uri`.
    pub qr: &'a QrCode,
    /// The key in base 32, in groups for typing.
    pub secret: &'a str,
    /// The key as an `otpauth:` address.
    pub uri: &'a str,
}

/// Recovery codes, right after they were made.
#[derive(Debug, Template)]
#[template(path = "pages/account/recovery_codes.html", whitespace = "minimize")]
pub struct RecoveryCodesPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The codes.
    pub codes: &'a [String],
}

impl TotpPage<'_> {
    fn here(&self) -> &'static str {
        "/account/factors"
    }
}

impl RecoveryCodesPage<'_> {
    fn here(&self) -> &'static str {
        "/account/factors"
    }
}

/// A QR code as a page draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    width: usize,
    path: String,
}

impl QrCode {
    /// Draws a code of `width` by `width` modules, given row by row; true is dark.
    #[must_use]
    pub fn from_modules(width: usize, modules: &[bool]) -> Self {
        let mut path = String::new();
        for (y, row) in modules.chunks(width.max(1)).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, next| one == next) {
                if run[0] {
                    let length = run.len();
                    // Writing into a string cannot fail.
                    let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
                }
                x += run.len();
            }
        }
        Self { width, path }
    }

    /// With a quiet zone of four modules around, which scanners need (ISO/IEC 18004, 5.3.8).
    fn view_box(&self) -> String {
        let side = self.width + 8;
        format!("-4 -4 {side} {side}")
    }

    fn path(&self) -> &str {
        &self.path
    }
}
