//! `/account/delete`: the end of an account, by its owner.

use askama::Template;

use crate::{
    pages::{FormState, Frame, Named},
    public::assets,
};

/// Asks once more. Field: `current_password`, or `email` where there is no password.
#[derive(Debug, Template)]
#[template(path = "pages/account/delete.html", whitespace = "minimize")]
pub struct DeleteAccountPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was wrong.
    pub form: &'a FormState,
    /// Whether there is a password to ask for.
    pub has_password: bool,
    /// Workspaces that would be left without an owner; they are in the way.
    pub last_owner_of: &'a [Named<'a>],
}

impl DeleteAccountPage<'_> {
    fn here(&self) -> &'static str {
        "/account"
    }
}
