//! What tests of workspaces and invitations need: callers with rights, and secrets from letters.

use formhold_domain::{
    Bearer, UserId, WorkspaceId,
    access::{Caller, InstanceRole, WorkspaceRole},
};
use formhold_service::{App, ServiceError, sessions, sessions::Opened, workspaces};
use formhold_testkit::TestApp;

use super::{letters::letter_to, operator, signed_in, user, visitor};

/// Somebody who is signed in.
pub(super) struct Somebody {
    pub(super) id: UserId,
    pub(super) email: String,
    opened: Opened,
}

impl Somebody {
    /// A new user, signed in.
    pub(super) async fn new(app: &TestApp, email: &str, role: InstanceRole) -> Self {
        let id = user(app, email, role).await;
        let opened = signed_in(app, email).await;
        Self { id, email: email.to_owned(), opened }
    }

    /// A new user who is a member of a workspace, signed in.
    pub(super) async fn member(
        app: &TestApp,
        email: &str,
        workspace: WorkspaceId,
        role: WorkspaceRole,
    ) -> Self {
        let somebody = Self::new(app, email, InstanceRole::User).await;
        let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
        change.put_member(workspace, somebody.id, role).await.expect("a member");
        change.commit().await.expect("committed");
        somebody
    }

    /// The caller that a request of theirs to this node has.
    pub(super) async fn on(&self, node: &App) -> Caller {
        let actor = sessions::actor_of_session(node, &self.opened.secret).await.expect("an actor");
        Caller { actor, ..visitor() }
    }

    pub(super) async fn caller(&self, app: &TestApp) -> Caller {
        self.on(&app.app).await
    }
}

/// A new workspace without members.
pub(super) async fn workspace(app: &TestApp, name: &str) -> WorkspaceId {
    workspaces::create_workspace(&app.app, &operator(), name).await.expect("a workspace").id
}

/// The secret in the newest of so many invitations to an address.
pub(super) async fn invited(app: &TestApp, address: &str, many: usize) -> Bearer {
    let letter = letter_to(app, address, many).await;
    Bearer::parse(letter.token()).expect("a secret")
}

pub(super) fn is_hidden<T: std::fmt::Debug>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::NotFound(_)))
}

pub(super) fn is_forbidden<T: std::fmt::Debug>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Forbidden(_)))
}
