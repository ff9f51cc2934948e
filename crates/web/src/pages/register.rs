//! `/register`: a new account, by oneself or on an invitation.

use askama::Template;

use super::{Card, FormState};
use crate::public::assets;

/// Makes an account. Fields: `name`, `email`, `password`, and `token` on an invitation.
#[derive(Debug, Template)]
#[template(path = "pages/register.html", whitespace = "minimize")]
pub struct RegisterPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// What was entered.
    pub form: &'a FormState,
    /// The invitation that is followed.
    pub invitation: Option<InvitedView<'a>>,
    /// What passwords must be like, as `At least 12 characters.`
    pub password_hint: &'a str,
}

/// An invitation that somebody without an account follows.
#[derive(Debug, Clone, Copy)]
pub struct InvitedView<'a> {
    /// The token of the link.
    pub token: &'a str,
    /// The invited address, which cannot be changed.
    pub email: &'a str,
    /// The workspace's name.
    pub workspace: &'a str,
}
