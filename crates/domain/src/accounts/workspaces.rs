//! Workspaces: forms and the people who see them.

use super::{PersonName, WorkspaceName};
use crate::{EmailAddress, InvitationId, UserId, WorkspaceId, access::WorkspaceRole};

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: WorkspaceName,
    /// Goes up by one with each change; for `ETag`.
    pub version: u32,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// A user in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: PersonName,
    /// Their address.
    pub email: EmailAddress,
    /// What they are in the workspace.
    pub role: WorkspaceRole,
    /// Since when.
    pub created_at_ms: i64,
}

/// An invitation that was not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The workspace that it leads to.
    pub workspace_id: WorkspaceId,
    /// Who is invited.
    pub email: EmailAddress,
    /// What they will be.
    pub role: WorkspaceRole,
    /// Who invited.
    pub invited_by: Option<UserId>,
    /// When.
    pub created_at_ms: i64,
    /// Until when it can be accepted.
    pub expires_at_ms: i64,
}
