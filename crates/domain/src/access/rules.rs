//! The permission table. `service` alone reads it; the documents and the tests show it.

use super::{Action, Actor, Person, Scope, Via, WorkspaceRole};
use crate::WorkspaceId;

/// Where an action takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In one's own account: everybody who is signed in may.
    Own,
    /// In the whole instance: admins may.
    Instance,
    /// In one workspace: admins may, and members from this role on.
    Workspace(WorkspaceRole),
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What is done.
    pub action: Action,
    /// Where, and who may.
    pub place: Place,
    /// What a token needs for it; none: no token is enough, one must be signed in.
    pub scope: Option<Scope>,
}

const fn rule(action: Action, place: Place, scope: Option<Scope>) -> Rule {
    Rule { action, place, scope }
}

/// The table: one row an action.
pub const RULES: &[Rule] = {
    use Action::*;
    use Place::{Instance, Own, Workspace};
    use Scope::*;
    use WorkspaceRole::{Editor, Owner, Viewer};
    &[
        rule(SeeOwnAccount, Own, Some(UsersRead)),
        rule(ChangeOwnAccount, Own, None),
        rule(SeeOwnSubmissions, Own, Some(SubmissionsRead)),
        rule(SeeUsers, Instance, Some(UsersRead)),
        rule(ChangeUsers, Instance, Some(UsersWrite)),
        rule(SeeAllWorkspaces, Instance, Some(UsersRead)),
        rule(CreateWorkspaces, Instance, Some(UsersWrite)),
        rule(SeeAudit, Instance, Some(SystemRead)),
        rule(SeeSystem, Instance, Some(SystemRead)),
        rule(SeeJobs, Instance, Some(SystemRead)),
        rule(ChangeJobs, Instance, None),
        rule(SeeWorkspace, Workspace(Viewer), Some(UsersRead)),
        rule(ChangeWorkspace, Workspace(Owner), Some(UsersWrite)),
        rule(SeeMembers, Workspace(Viewer), Some(UsersRead)),
        rule(ChangeMembers, Workspace(Owner), Some(UsersWrite)),
        rule(SeeWorkspaceAudit, Workspace(Owner), Some(SystemRead)),
        rule(SeeStats, Workspace(Viewer), Some(SubmissionsRead)),
        rule(SeeForms, Workspace(Viewer), Some(FormsRead)),
        rule(ChangeForms, Workspace(Editor), Some(FormsWrite)),
        rule(SeeSubmissions, Workspace(Viewer), Some(SubmissionsRead)),
        rule(ChangeSubmissions, Workspace(Editor), Some(SubmissionsWrite)),
        rule(ExportSubmissions, Workspace(Viewer), Some(ExportsRead)),
        rule(ForwardSubmissions, Workspace(Editor), Some(SubmissionsForward)),
    ]
};

/// What the table says of somebody and an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Yes.
    Allowed,
    /// Not before one says who one is.
    SignIn,
    /// No.
    Forbidden,
    /// No, and one may not even know that the place is there.
    Hidden,
    /// The role would allow it; this token does not, for want of the scope.
    MissingScope(Scope),
    /// Tokens are never enough for this.
    SessionOnly,
}

impl Actor {
    /// Whether this actor may do that, in this workspace where the action takes place in one.
    #[must_use]
    pub fn may(&self, action: Action, workspace: Option<WorkspaceId>) -> Ruling {
        let person = match self {
            Self::System(_) => return Ruling::Allowed,
            Self::Visitor => return Ruling::SignIn,
            Self::Person(person) => person,
        };
        // An action without a row is nobody's; a test looks that each has one.
        let Some(rule) = RULES.iter().find(|rule| rule.action == action) else {
            return Ruling::Forbidden;
        };
        match by_role(person, rule, workspace) {
            Ruling::Allowed => by_token(person, rule, workspace),
            other => other,
        }
    }
}

impl Person {
    /// Whether a token with this scope could do anything for this person, in this workspace alone
    /// where one is given.
    #[must_use]
    pub fn has_use_for(&self, scope: Scope, only: Option<WorkspaceId>) -> bool {
        RULES.iter().filter(|rule| rule.scope == Some(scope)).any(|rule| match (rule.place, only) {
            (Place::Own, _) => true,
            (Place::Instance, None) => self.is_admin(),
            (Place::Instance, Some(_)) => false,
            (Place::Workspace(least), Some(id)) => self.role_in(id) >= Some(least),
            (Place::Workspace(least), None) => {
                self.is_admin() || self.memberships.iter().any(|it| it.role >= least)
            }
        })
    }
}

fn by_role(person: &Person, rule: &Rule, workspace: Option<WorkspaceId>) -> Ruling {
    match rule.place {
        Place::Own => Ruling::Allowed,
        Place::Instance if person.is_admin() => Ruling::Allowed,
        Place::Instance => Ruling::Forbidden,
        Place::Workspace(least) => match workspace.and_then(|id| person.role_in(id)) {
            Some(role) if role >= least => Ruling::Allowed,
            Some(_) => Ruling::Forbidden,
            None => Ruling::Hidden,
        },
    }
}

fn by_token(person: &Person, rule: &Rule, workspace: Option<WorkspaceId>) -> Ruling {
    let Via::Token { scopes, workspace: only, .. } = &person.via else { return Ruling::Allowed };
    match rule.place {
        Place::Workspace(_) if only.is_some() && *only != workspace => return Ruling::Hidden,
        // A token of one workspace reaches nothing of the instance.
        Place::Instance if only.is_some() => return Ruling::Forbidden,
        _ => {}
    }
    match rule.scope {
        None => Ruling::SessionOnly,
        Some(scope) if scopes.contains(scope) => Ruling::Allowed,
        Some(scope) => Ruling::MissingScope(scope),
    }
}
