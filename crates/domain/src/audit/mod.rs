//! The audit trail: who did what, and the chain of hashes that shows when somebody changed it.

mod action;
mod chain;

use serde_json::Value;

pub use action::AuditAction;
pub use chain::{AuditHash, START, details_hash, entry_hash};

use crate::{
    WorkspaceId,
    access::{Actor, Caller, Via},
};

/// What somebody did, before it has a place in the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// What was done.
    pub action: AuditAction,
    /// Who did it: `user`, `token`, `system` or `visitor`.
    pub actor_kind: &'static str,
    /// The user, or the part of the system.
    pub actor_id: Option<String>,
    /// The token or session that was used.
    pub via: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// The workspace that it belongs to.
    pub workspace_id: Option<WorkspaceId>,
    /// What it was done to: a noun, as `user`.
    pub target_kind: Option<&'static str>,
    /// The id of that.
    pub target_id: Option<String>,
    /// What changed: `before` and `after`, without secrets. Null where there is nothing to say.
    pub details: Value,
}

impl AuditEntry {
    /// An entry for what this caller does.
    #[must_use]
    pub fn new(action: AuditAction, caller: &Caller) -> Self {
        let (actor_kind, actor_id, via) = match &caller.actor {
            Actor::System(part) => ("system", Some((*part).to_owned()), None),
            Actor::Visitor => ("visitor", None, None),
            Actor::Person(person) => match &person.via {
                Via::Session(id) => {
                    ("user", Some(person.user_id.to_string()), Some(id.to_string()))
                }
                Via::Token { id, .. } => {
                    ("token", Some(person.user_id.to_string()), Some(id.to_string()))
                }
            },
        };
        Self {
            action,
            actor_kind,
            actor_id,
            via,
            address: caller.address.map(|address| address.to_string()),
            workspace_id: None,
            target_kind: None,
            target_id: None,
            details: Value::Null,
        }
    }

    /// Says what it was done to.
    #[must_use]
    pub fn on(mut self, kind: &'static str, id: impl ToString) -> Self {
        self.target_kind = Some(kind);
        self.target_id = Some(id.to_string());
        self
    }

    /// Says which workspace it belongs to.
    #[must_use]
    pub fn within(mut self, workspace: WorkspaceId) -> Self {
        self.workspace_id = Some(workspace);
        self
    }

    /// Says what changed.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// An entry in its place in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number: one more than that of the entry before it.
    pub sequence: u64,
    /// When it was written.
    pub at_ms: i64,
    /// What was done; a name that this version may not know.
    pub action: String,
    /// Who did it: `user`, `token`, `system` or `visitor`.
    pub actor_kind: String,
    /// The user, or the part of the system.
    pub actor_id: Option<String>,
    /// The token or session that was used.
    pub via: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// The workspace that it belongs to.
    pub workspace_id: Option<WorkspaceId>,
    /// What it was done to.
    pub target_kind: Option<String>,
    /// The id of that.
    pub target_id: Option<String>,
    /// What changed, as JSON text; none where it was taken out later, or nothing was said.
    pub details: Option<String>,
    /// The hash of `details` as they were written.
    pub details_hash: AuditHash,
    /// The hash over all of the above and the entry before.
    pub hash: AuditHash,
}
