//! `/account/email`: changes the address.

use askama::Template;

use crate::{
    pages::{FormState, Frame, TimeView},
    public::assets,
};

/// The address. Fields: `email`, `current_password`; a pending change is given up at
/// `/account/email/cancel`.
#[derive(Debug, Template)]
#[template(path = "pages/account/email.html", whitespace = "minimize")]
pub struct EmailPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was entered.
    pub form: &'a FormState,
    /// A new address that was not confirmed yet.
    pub pending: Option<PendingEmail<'a>>,
    /// Whether there is a password to ask for.
    pub has_password: bool,
}

/// An address that waits for its confirmation.
#[derive(Debug, Clone)]
pub struct PendingEmail<'a> {
    /// The new address.
    pub email: &'a str,
    /// Until when the link works.
    pub expires: TimeView,
}

impl EmailPage<'_> {
    fn here(&self) -> &'static str {
        "/account/email"
    }
}
