//! What somebody is, in the whole instance and in a workspace.

use serde::{Deserialize, Serialize};

/// What a user is in the whole instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceRole {
    /// Runs the instance: manages users and every workspace.
    Admin,
    /// Has the own account, the own submissions, and what workspaces give.
    User,
}

impl InstanceRole {
    /// Both, the mightier first.
    pub const ALL: [Self; 2] = [Self::Admin, Self::User];

    /// The role's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// What a user is in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceRole {
    /// Sees forms and what was submitted.
    Viewer,
    /// Also changes forms and submissions.
    Editor,
    /// Also decides who belongs to the workspace, and whether it exists.
    Owner,
}

impl WorkspaceRole {
    /// All, the mightiest first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Editor, Self::Viewer];

    /// The role's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}
