//! The REST API: what all of it shares, and one file a noun.

mod document;
mod forms;
mod idempotency;
mod lists;
mod matrix;
mod nouns;
mod rails;
mod rights;
mod sessions;
mod stats;
mod submission_exports;
mod submissions;

use formhold_domain::{
    UserId, WorkspaceId,
    access::{Caller, InstanceRole},
};
use formhold_service::{
    sessions::actor_of_session,
    sign_in::{self, Step},
    tokens::{self, TokenIn},
    users::{self, UserIn},
};
use formhold_testkit::TestApp;
use http::{HeaderMap, Method};
use serde_json::Value;

const PASSWORD: &str = "correct horse, battery";
pub(crate) const ADMIN: &str = "ada@example.org";

/// An answer of the API.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// A program with a token, or none.
pub(crate) struct Program<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

impl<'a> Program<'a> {
    async fn of_admin(app: &'a TestApp) -> Self {
        user(app, ADMIN, InstanceRole::Admin).await;
        Self::of(app, ADMIN, &["users:read", "users:write", "system:read"], None).await
    }

    pub(crate) async fn of(
        app: &'a TestApp,
        email: &str,
        scopes: &[&str],
        workspace_id: Option<WorkspaceId>,
    ) -> Self {
        let caller = caller(app, email).await;
        let wanted = TokenIn {
            name: "Test".to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            workspace_id,
            expires_in_days: None,
        };
        let made = tokens::create_token(&app.app, &caller, wanted).await.expect("a token");
        Self { app, token: Some(made.secret.expose_token()) }
    }

    fn nobody(app: &'a TestApp) -> Self {
        Self { app, token: None }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.app.client.request(method, self.app.url(&format!("/api/v1{path}")));
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("a reply");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    if status >= 400 && body != Value::Null {
        assert_eq!(headers["content-type"], "application/problem+json", "{text}");
        assert_eq!(body["status"], status, "{text}");
        assert_eq!(body["request_id"], headers["x-request-id"].to_str().expect("text"), "{text}");
    }
    Answer { status, headers, body }
}

fn operator() -> Caller {
    Caller::system("test")
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

/// Somebody who is signed in.
async fn caller(app: &TestApp, email: &str) -> Caller {
    let visitor = Caller {
        actor: formhold_domain::access::Actor::Visitor,
        address: Some([192, 0, 2, 7].into()),
        user_agent: None,
    };
    let step = sign_in::by_password(&app.app, &visitor, email, PASSWORD).await;
    let Ok(Step::Done(opened)) = step else { panic!("{email} cannot sign in") };
    let actor = actor_of_session(&app.app, &opened.secret).await.expect("an actor");
    Caller { actor, ..visitor }
}
