//! Who does something.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{InstanceRole, Scopes, WorkspaceRole};
use crate::{SessionId, TokenId, UserId, WorkspaceId};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Formhold itself, or who may run its program; the text says which part.
    System(&'static str),
    /// Somebody who did not say who they are.
    Visitor,
    /// A user.
    Person(Person),
}

/// A user who is signed in, or whose token was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user_id: UserId,
    /// What they are in the instance.
    pub role: InstanceRole,
    /// What they are in workspaces.
    pub memberships: Vec<Membership>,
    /// How they proved it.
    pub via: Via,
}

/// What a user is in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The role in it.
    pub role: WorkspaceRole,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// Signed in, in a browser.
    Session(SessionId),
    /// By an API token, which may less.
    Token {
        /// Which.
        id: TokenId,
        /// What it may be used for.
        scopes: Scopes,
        /// The only workspace that it reaches.
        workspace: Option<WorkspaceId>,
    },
}

impl Person {
    /// Whether this is an admin of the instance.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == InstanceRole::Admin
    }

    /// What this person is in a workspace; admins are owners of all.
    #[must_use]
    pub fn role_in(&self, workspace: WorkspaceId) -> Option<WorkspaceRole> {
        if self.is_admin() {
            return Some(WorkspaceRole::Owner);
        }
        let found = self.memberships.iter().find(|it| it.workspace_id == workspace);
        found.map(|membership| membership.role)
    }
}

/// Who asks, and from where: the audit trail keeps both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// From where, behind trusted proxies.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
}

impl Caller {
    /// Formhold itself, or who may run its program; `part` says which part, as `command line`.
    #[must_use]
    pub fn system(part: &'static str) -> Self {
        Self { actor: Actor::System(part), address: None, user_agent: None }
    }

    /// The user, where it is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match &self.actor {
            Actor::Person(person) => Some(person),
            Actor::System(_) | Actor::Visitor => None,
        }
    }
}
