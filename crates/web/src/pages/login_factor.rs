//! `/login/factor`: the second step of signing in.

use askama::Template;

use super::{Card, FormState};
use crate::public::assets;

/// Asks for a code. Fields: `code` or `recovery_code`, and `next`.
#[derive(Debug, Template)]
#[template(path = "pages/login_factor.html", whitespace = "minimize")]
pub struct FactorPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// What was wrong.
    pub form: &'a FormState,
    /// The path to go to afterwards; empty for the usual one.
    pub next: &'a str,
}
