//! Who may do what: roles, scopes of tokens, and the one table that ties both to actions.

mod action;
mod actor;
mod roles;
mod rules;
mod scopes;

pub use action::Action;
pub use actor::{Actor, Caller, Membership, Person, Via};
pub use roles::{InstanceRole, WorkspaceRole};
pub use rules::{Place, RULES, Rule, Ruling};
pub use scopes::{Scope, Scopes};
