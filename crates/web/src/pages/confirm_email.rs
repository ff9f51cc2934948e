//! `/confirm?token=`: proves that an address is one's own.

use askama::Template;

use super::Card;
use crate::public::assets;

/// Asks for a press of a button: mail scanners open links, so opening one changes nothing. Field:
/// `token`.
#[derive(Debug, Template)]
#[template(path = "pages/confirm_email.html", whitespace = "minimize")]
pub struct ConfirmEmailPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// The token of the link.
    pub token: &'a str,
    /// The address.
    pub email: &'a str,
}
