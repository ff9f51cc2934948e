//! `/account/password`: changes the password, or sets the first one.

use askama::Template;

use crate::{
    pages::{FormState, Frame},
    public::assets,
};

/// The password. Fields: `current_password`, `new_password`.
#[derive(Debug, Template)]
#[template(path = "pages/account/password.html", whitespace = "minimize")]
pub struct PasswordPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was wrong.
    pub form: &'a FormState,
    /// Whether there is one already.
    pub has_password: bool,
    /// What passwords must be like, as `At least 12 characters.`
    pub password_hint: &'a str,
}

impl PasswordPage<'_> {
    fn here(&self) -> &'static str {
        "/account/password"
    }
}
