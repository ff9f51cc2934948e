//! Accounts: setting up, signing in, what ends sessions, and the audit trail.

mod admin_pages;
mod app_codes;
mod attacks;
mod audit;
mod audit_log;
#[path = "../../../../identity/tests/support/authenticator.rs"]
mod authenticator;
pub(crate) mod browser;
mod commands;
mod factors;
mod forwarding;
mod invitations;
mod letters;
mod matrix;
mod oidc;
mod own_email;
mod own_password;
mod own_picture;
mod own_submissions;
mod pages;
mod passkeys;
mod people;
#[path = "../../../../identity/tests/support/provider.rs"]
#[expect(dead_code, reason = "the crate's own tests let it misbehave in more ways")]
mod provider;
mod registering;
mod routes;
mod set_up;
mod signing_in;
mod tokens_made;
mod workspaces;

use formhold_domain::{
    TokenId, UserId, WorkspaceId,
    access::{Caller, InstanceRole, WorkspaceRole},
    accounts::{Registration, WorkspaceName},
};
use formhold_service::{
    sessions::{self, Opened},
    sign_in::{self, Refused, Step},
    tokens::{self, TokenIn},
    users::{self, UserIn},
};
use formhold_testkit::TestApp;

pub(crate) const PASSWORD: &str = "correct horse, battery";

fn operator() -> Caller {
    Caller::system("test")
}

fn visitor() -> Caller {
    Caller {
        actor: formhold_domain::access::Actor::Visitor,
        address: Some([192, 0, 2, 7].into()),
        user_agent: Some("Test/1".to_owned()),
    }
}

pub(crate) async fn user(app: &TestApp, email: &str, role: InstanceRole) -> UserId {
    let user = UserIn {
        name: "Hanna Meier".to_owned(),
        email: email.to_owned(),
        role,
        language: None,
        password: Some(PASSWORD.to_owned()),
    };
    users::create_user(&app.app, &operator(), user).await.expect("a user").id
}

async fn try_password(app: &TestApp, email: &str, password: &str) -> Result<Step, Refused> {
    sign_in::by_password(&app.app, &visitor(), email, password).await
}

pub(crate) async fn signed_in(app: &TestApp, email: &str) -> Opened {
    match try_password(app, email, PASSWORD).await.expect("signed in") {
        Step::Done(opened) => opened,
        Step::Factor(_) => panic!("no second factor was set"),
    }
}

/// The same with another setting of who may register, on a socket of its own.
async fn with_registration(mut app: TestApp, registration: Registration) -> TestApp {
    app.app.auth.registration = registration;
    app.address = app.address_of(&app.app).await;
    app
}

/// Somebody who holds this session.
pub(crate) async fn caller_of(app: &TestApp, opened: &Opened) -> Caller {
    let actor = sessions::actor_of_session(&app.app, &opened.secret).await.expect("an actor");
    Caller { actor, ..visitor() }
}

pub(crate) async fn workspace(app: &TestApp, name: &str) -> WorkspaceId {
    let id = WorkspaceId(app.app.ids.uuid());
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    let name = WorkspaceName::parse(name).expect("a name");
    change.insert_workspace(id, &name).await.expect("a workspace");
    change.commit().await.expect("committed");
    id
}

pub(crate) async fn member(
    app: &TestApp,
    workspace: WorkspaceId,
    user: UserId,
    role: WorkspaceRole,
) {
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    change.put_member(workspace, user, role).await.expect("a member");
    change.commit().await.expect("committed");
}

/// Makes a token with these scopes; gives its id and the text that proves it.
async fn token(
    app: &TestApp,
    caller: &Caller,
    scopes: &str,
    workspace_id: Option<WorkspaceId>,
) -> (TokenId, String) {
    let wanted = TokenIn {
        name: "Script".to_owned(),
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        workspace_id,
        expires_in_days: None,
    };
    let made = tokens::create_token(&app.app, caller, wanted).await.expect("a token");
    (made.token.id, made.secret.expose_token())
}
