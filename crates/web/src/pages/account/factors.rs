//! `/account/factors`: what protects the account beside the password.

use askama::Template;

use crate::{
    pages::{FormState, Frame, TimeView},
    public::assets,
};

/// Codes from an app, recovery codes and passkeys. Turning off and new recovery codes ask for
/// `current_password`, or for `code` where there is no password.
#[derive(Debug, Template)]
#[template(path = "pages/account/factors.html", whitespace = "minimize")]
pub struct FactorsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// Whether signing in asks for a code.
    pub has_totp: bool,
    /// What was wrong with turning the codes off.
    pub totp_off: &'a FormState,
    /// How many recovery codes were not used.
    pub recovery_codes_left: usize,
    /// What was wrong with making new recovery codes.
    pub recovery: &'a FormState,
    /// Whether there is a password to ask for.
    pub has_password: bool,
    /// The passkeys.
    pub passkeys: &'a [PasskeyRow<'a>],
    /// Whether passkeys can be used here.
    pub passkeys_available: bool,
}

/// One passkey.
#[derive(Debug, Clone)]
pub struct PasskeyRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// When it was added.
    pub added: TimeView,
    /// When it was used last.
    pub last_used: Option<TimeView>,
}

impl FactorsPage<'_> {
    fn here(&self) -> &'static str {
        "/account/factors"
    }
}
