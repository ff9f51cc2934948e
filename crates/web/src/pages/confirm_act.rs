//! Asks once more before something is lost: the page behind every dangerous button.

use askama::Template;

use super::{FormState, Frame, Named, Person};
use crate::public::assets;

/// A question and a button. The same path shows it (GET) and does it (POST); where a name must be
/// typed, it comes as `confirm`.
#[derive(Debug, Template)]
#[template(path = "pages/confirm_act.html", whitespace = "minimize")]
pub struct ConfirmActPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was wrong.
    pub form: &'a FormState,
    /// What would be done.
    pub act: Act<'a>,
}

impl ConfirmActPage<'_> {
    fn here(&self) -> &'static str {
        match self.act {
            Act::DisableUser(_) | Act::DeleteUser(_) | Act::ResetFactors(_) => "/admin/users",
            Act::DeleteWorkspace(_) | Act::RemoveMember { .. } => "/admin/workspaces",
            Act::TrashForm(_) => "/admin/forms",
            Act::DeleteSubmission(_) => "/admin/forms",
            Act::RevokeToken(_) => "/account/tokens",
            Act::RemovePasskey(_) => "/account/factors",
            Act::DeleteChannel(_) => "/admin/forms",
        }
    }
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Act<'a> {
    /// `/admin/users/{id}/disable`
    DisableUser(Named<'a>),
    /// `/admin/users/{id}/delete`; the address is typed.
    DeleteUser(Person<'a>),
    /// `/admin/users/{id}/factors/reset`
    ResetFactors(Named<'a>),
    /// `/admin/workspaces/{id}/delete`; the name is typed.
    DeleteWorkspace(Named<'a>),
    /// `/admin/workspaces/{id}/members/{user id}/remove`
    RemoveMember {
        /// From where.
        workspace: Named<'a>,
        /// Whom.
        member: Named<'a>,
    },
    /// `/admin/forms/{id}/delete`
    TrashForm(Named<'a>),
    /// `/admin/submissions/{id}/delete`
    DeleteSubmission(Named<'a>),
    /// `/account/tokens/{id}/revoke`
    RevokeToken(Named<'a>),
    /// `/account/passkeys/{id}/remove`
    RemovePasskey(Named<'a>),
    /// `/admin/channels/{id}/delete`
    DeleteChannel(Named<'a>),
}

impl Act<'_> {
    fn question(&self) -> String {
        match self {
            Self::DisableUser(user) => format!("Disable {}?", user.name),
            Self::DeleteUser(user) => format!("Delete {}?", user.name),
            Self::ResetFactors(user) => format!("Reset the second step of {}?", user.name),
            Self::DeleteWorkspace(workspace) => format!("Delete {}?", workspace.name),
            Self::RemoveMember { workspace, member } => {
                format!("Remove {} from {}?", member.name, workspace.name)
            }
            Self::TrashForm(form) => format!("Delete the form {}?", form.name),
            Self::DeleteSubmission(submission) => format!("Delete {} for good?", submission.name),
            Self::RevokeToken(token) => format!("Revoke the token {}?", token.name),
            Self::RemovePasskey(passkey) => format!("Remove the passkey {}?", passkey.name),
            Self::DeleteChannel(channel) => format!("Delete the channel {}?", channel.name),
        }
    }

    fn consequence(&self) -> &'static str {
        match self {
            Self::DisableUser(_) => {
                "They are signed out everywhere, cannot sign in, and their tokens do not work. Nothing is lost, and you can enable them again."
            }
            Self::DeleteUser(_) => {
                "Their profile, sessions, passkeys and tokens are deleted, and they leave all workspaces. Forms and submissions stay with their workspaces. This cannot be undone."
            }
            Self::ResetFactors(_) => {
                "Codes from their app, recovery codes and passkeys stop working, and they are signed out everywhere. Do this only when you are sure who asked for it."
            }
            Self::DeleteWorkspace(_) => {
                "Its forms stop taking submissions, and nobody can see them any more. This cannot be undone."
            }
            Self::RemoveMember { .. } => {
                "They lose access to its forms and submissions at once. You can invite them again."
            }
            Self::TrashForm(_) => {
                "It takes no submissions from now on. For 30 days it lies in the trash and can come back with everything that was submitted to it; after that it is deleted for good."
            }
            Self::DeleteSubmission(_) => {
                "Its answers, files, notes and history are deleted. This cannot be undone."
            }
            Self::RevokeToken(_) => {
                "Programs that use it are refused from now on. This cannot be undone."
            }
            Self::RemovePasskey(_) => {
                "You cannot sign in with it any more. Remove it from your device, too."
            }
            Self::DeleteChannel(_) => {
                "Nobody is told by it any more, and what waits for it is not sent. Its secrets are gone. This cannot be undone."
            }
        }
    }

    fn button(&self) -> &'static str {
        match self {
            Self::DisableUser(_) => "Disable",
            Self::DeleteUser(_) => "Delete the user",
            Self::ResetFactors(_) => "Reset",
            Self::DeleteWorkspace(_) => "Delete the workspace",
            Self::RemoveMember { .. } | Self::RemovePasskey(_) => "Remove",
            Self::TrashForm(_) => "Put it into the trash",
            Self::DeleteSubmission(_) => "Delete for good",
            Self::RevokeToken(_) => "Revoke",
            Self::DeleteChannel(_) => "Delete the channel",
        }
    }

    fn path(&self) -> String {
        match self {
            Self::DisableUser(it) => format!("/admin/users/{}/disable", it.id),
            Self::DeleteUser(it) => format!("/admin/users/{}/delete", it.id),
            Self::ResetFactors(it) => format!("/admin/users/{}/factors/reset", it.id),
            Self::DeleteWorkspace(it) => format!("/admin/workspaces/{}/delete", it.id),
            Self::RemoveMember { workspace, member } => {
                format!("/admin/workspaces/{}/members/{}/remove", workspace.id, member.id)
            }
            Self::TrashForm(it) => format!("/admin/forms/{}/delete", it.id),
            Self::DeleteSubmission(it) => format!("/admin/submissions/{}/delete", it.id),
            Self::RevokeToken(it) => format!("/account/tokens/{}/revoke", it.id),
            Self::RemovePasskey(it) => format!("/account/passkeys/{}/remove", it.id),
            Self::DeleteChannel(it) => format!("/admin/channels/{}/delete", it.id),
        }
    }

    fn back(&self) -> String {
        match self {
            Self::DeleteUser(user) => format!("/admin/users/{}", user.id),
            Self::DisableUser(user) | Self::ResetFactors(user) => {
                format!("/admin/users/{}", user.id)
            }
            Self::DeleteWorkspace(workspace) | Self::RemoveMember { workspace, .. } => {
                format!("/admin/workspaces/{}", workspace.id)
            }
            Self::TrashForm(form) => format!("/admin/forms/{}/settings", form.id),
            Self::DeleteSubmission(it) => format!("/admin/submissions/{}", it.id),
            Self::DeleteChannel(channel) => format!("/admin/channels/{}", channel.id),
            Self::RevokeToken(_) => "/account/tokens".to_owned(),
            Self::RemovePasskey(_) => "/account/factors".to_owned(),
        }
    }

    /// What must be typed, so that it does not happen by accident.
    fn typed_name(&self) -> Option<&str> {
        match self {
            Self::DeleteUser(user) => Some(user.email),
            Self::DeleteWorkspace(workspace) => Some(workspace.name),
            _ => None,
        }
    }

    fn ask_for_name(&self) -> &'static str {
        match self {
            Self::DeleteUser(_) => "Type the user's e-mail address to go on",
            _ => "Type the name to go on",
        }
    }
}
