//! `/forgot`: asks for a link that sets a new password.

use askama::Template;

use super::{Card, FormState};
use crate::public::assets;

/// Sends the link. Field: `email`.
#[derive(Debug, Template)]
#[template(path = "pages/forgot.html", whitespace = "minimize")]
pub struct ForgotPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// What was entered.
    pub form: &'a FormState,
}
