//! What tests of workspaces and invitations need: callers with rights, and letters that arrived.

use std::time::{Duration, Instant};

use formhold_domain::{
    Bearer, UserId, WorkspaceId,
    access::{Caller, InstanceRole, WorkspaceRole},
};
use formhold_service::{App, ServiceError, sessions, sessions::Opened, workspaces};
use formhold_testkit::TestApp;

use super::{operator, signed_in, user, visitor};

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

/// The letters to an address, oldest first, as soon as there are so many.
pub(super) async fn letters_to(app: &TestApp, address: &str, many: usize) -> Vec<String> {
    let folder = app.database.folder.path().join("mail");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect())
            .unwrap_or_default();
        files.sort();
        let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("a letter"));
        let to = format!("To: {address}\n");
        let found: Vec<_> =
            texts.filter(|text| text.starts_with(&to) && text.ends_with("address.\n")).collect();
        if found.len() >= many {
            return found;
        }
        assert!(Instant::now() < deadline, "{} of {many} letters to {address}", found.len());
        // Letters are written beside the request: there is no clock to move.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The secret in the newest of so many letters to an address.
pub(super) async fn invited(app: &TestApp, address: &str, many: usize) -> Bearer {
    let letters = letters_to(app, address, many).await;
    let letter = letters.last().expect("a letter");
    let (_, rest) = letter.split_once("/invitation?token=").expect("a link");
    Bearer::parse(rest.split_whitespace().next().expect("a token")).expect("a secret")
}

pub(super) fn is_hidden<T: std::fmt::Debug>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::NotFound(_)))
}

pub(super) fn is_forbidden<T: std::fmt::Debug>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Forbidden(_)))
}
