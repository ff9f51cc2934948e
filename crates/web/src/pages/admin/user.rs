//! `/admin/users/{id}`: one user.

use askama::Template;

use crate::{
    pages::{FormState, Frame, Named, Person, TimeView, labels},
    public::assets,
};

/// One user. Fields: `version`, `name`, `role`, `language`; the rest are buttons with paths of their
/// own.
#[derive(Debug, Template)]
#[template(path = "pages/admin/user.html", whitespace = "minimize")]
pub struct UserPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// Who.
    pub user: &'a UserDetail<'a>,
    /// What can be edited.
    pub form: &'a FormState,
    /// The workspaces that they are in.
    pub memberships: &'a [MembershipRow<'a>],
    /// Whether the user looks at the own page.
    pub is_self: bool,
}

/// A link with which a user sets a new password, shown once to who made it.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_link.html", whitespace = "minimize")]
pub struct PasswordLinkPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// For whom.
    pub user: Named<'a>,
    /// The whole link.
    pub link: &'a str,
}

/// What is known of a user.
#[derive(Debug, Clone)]
pub struct UserDetail<'a> {
    /// Who.
    pub person: Person<'a>,
    /// The version that is shown: what was changed by somebody else since is not overwritten.
    pub version: u32,
    /// `admin` or `user`.
    pub role: &'a str,
    /// `active`, `unconfirmed` or `disabled`.
    pub state: &'a str,
    /// When the account was made.
    pub created: TimeView,
    /// When they were seen last.
    pub last_seen: Option<TimeView>,
    /// Whether there is a password.
    pub has_password: bool,
    /// Whether signing in asks for a code from an app.
    pub has_totp: bool,
    /// How many passkeys there are.
    pub passkeys: u64,
    /// How many sessions are open.
    pub sessions: u64,
}

/// A workspace that somebody is in.
#[derive(Debug, Clone, Copy)]
pub struct MembershipRow<'a> {
    /// The workspace's id.
    pub workspace_id: &'a str,
    /// Its name.
    pub workspace: &'a str,
    /// `owner`, `editor` or `viewer`.
    pub role: &'a str,
}

impl UserPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/users"
    }

    fn path(&self, verb: &str) -> String {
        format!("/admin/users/{}/{verb}", self.user.person.id)
    }
}

impl PasswordLinkPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/users"
    }
}

impl UserDetail<'_> {
    fn is_disabled(&self) -> bool {
        self.state == "disabled"
    }
}
