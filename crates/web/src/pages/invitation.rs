//! `/invitation?token=`: joins a workspace.

use askama::Template;

use super::{Card, labels};
use crate::public::assets;

/// Asks whether to join. Field: `token`.
#[derive(Debug, Template)]
#[template(path = "pages/invitation.html", whitespace = "minimize")]
pub struct InvitationPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// The token of the link.
    pub token: &'a str,
    /// The workspace's name.
    pub workspace: &'a str,
    /// The invited address.
    pub email: &'a str,
    /// The role in the workspace: `owner`, `editor` or `viewer`.
    pub role: &'a str,
    /// Who invited, where they still have an account.
    pub invited_by: Option<&'a str>,
    /// Who looks at the page.
    pub visitor: Visitor<'a>,
}

/// Who looks at an invitation.
#[derive(Debug, Clone, Copy)]
pub enum Visitor<'a> {
    /// Nobody knows yet.
    SignedOut {
        /// Whether the invitation is enough to make an account.
        may_register: bool,
    },
    /// Whom it is for.
    Invited,
    /// Somebody who is signed in with another address.
    SomebodyElse {
        /// That address.
        email: &'a str,
    },
}

impl InvitationPage<'_> {
    /// Where to come back to after signing in.
    fn own_path(&self) -> String {
        let token =
            percent_encoding::utf8_percent_encode(self.token, percent_encoding::NON_ALPHANUMERIC);
        format!("/invitation?token={token}")
    }
}
