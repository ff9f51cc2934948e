//! `/admin/workspaces/{id}`: who is in a workspace.

use askama::Template;

use crate::{
    pages::{FormState, Frame, Person, TimeView, labels},
    public::assets,
};

/// One workspace. Renamed by `version` and `name`; invitations go to `/invitations` with `email` and `role`, a
/// member's `role` to `/members/{user id}`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/workspace.html", whitespace = "minimize")]
pub struct WorkspacePage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The workspace's id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The version that is shown: what was changed by somebody else since is not overwritten.
    pub version: u32,
    /// The form that changes the name.
    pub rename: &'a FormState,
    /// The form that invites somebody.
    pub invite: &'a FormState,
    /// Who is in it.
    pub members: &'a [MemberRow<'a>],
    /// The address of the next page of members.
    pub next_members: Option<&'a str>,
    /// Who was invited and did not join yet.
    pub invitations: &'a [InvitationRow<'a>],
    /// The address of the next page of invitations.
    pub next_invitations: Option<&'a str>,
    /// Whether this person may change members and the name.
    pub may_manage: bool,
    /// Whether this person may delete it.
    pub may_delete: bool,
}

/// One member.
#[derive(Debug, Clone, Copy)]
pub struct MemberRow<'a> {
    /// Who.
    pub person: Person<'a>,
    /// `owner`, `editor` or `viewer`.
    pub role: &'a str,
}

/// One open invitation.
#[derive(Debug, Clone)]
pub struct InvitationRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// Who was invited.
    pub email: &'a str,
    /// `owner`, `editor` or `viewer`.
    pub role: &'a str,
    /// Who invited, where they still have an account.
    pub invited_by: Option<&'a str>,
    /// Until when the link works.
    pub expires: TimeView,
}

impl WorkspacePage<'_> {
    fn here(&self) -> &'static str {
        "/admin/workspaces"
    }

    fn member_path(&self, member: &MemberRow) -> String {
        format!("/admin/workspaces/{}/members/{}", self.id, member.person.id)
    }

    fn revoke_path(&self, invitation: &InvitationRow) -> String {
        format!("/admin/workspaces/{}/invitations/{}/revoke", self.id, invitation.id)
    }
}
