//! `/setup?token=`: the first account of an installation.

use askama::Template;

use super::{Card, FormState};
use crate::public::assets;

/// Makes the first account. Fields: `token`, `name`, `email`, `password`, `workspace_name`.
#[derive(Debug, Template)]
#[template(path = "pages/setup.html", whitespace = "minimize")]
pub struct SetupPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// What was entered.
    pub form: &'a FormState,
    /// The token of the link.
    pub token: &'a str,
    /// What passwords must be like, as `At least 12 characters.`
    pub password_hint: &'a str,
}
