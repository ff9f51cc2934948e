//! `/reset?token=`: sets a new password.

use askama::Template;

use super::{Card, FormState};
use crate::public::assets;

/// Sets the password. Fields: `token`, `new_password`.
#[derive(Debug, Template)]
#[template(path = "pages/reset.html", whitespace = "minimize")]
pub struct ResetPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// What was wrong.
    pub form: &'a FormState,
    /// The token of the link.
    pub token: &'a str,
    /// Whose password it is, for password managers.
    pub email: Option<&'a str>,
    /// What passwords must be like, as `At least 12 characters.`
    pub password_hint: &'a str,
}
