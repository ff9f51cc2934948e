//! Accounts: setting up, signing in, what ends sessions, and the audit trail.

mod audit;
mod browser;
mod commands;
mod letters;
mod own_email;
mod own_password;
mod own_picture;
mod own_submissions;
mod pages;
mod registering;
mod set_up;
mod signing_in;

use formhold_domain::{
    UserId,
    access::{Caller, InstanceRole},
    accounts::Registration,
};
use formhold_service::{
    sessions::{self, Opened},
    sign_in::{self, Refused, Step},
    users::{self, UserIn},
};
use formhold_testkit::TestApp;

const PASSWORD: &str = "correct horse, battery";

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

async fn user(app: &TestApp, email: &str, role: InstanceRole) -> UserId {
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

async fn signed_in(app: &TestApp, email: &str) -> Opened {
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
async fn caller_of(app: &TestApp, opened: &Opened) -> Caller {
    let actor = sessions::actor_of_session(&app.app, &opened.secret).await.expect("an actor");
    Caller { actor, ..visitor() }
}
