//! A sign-in by a provider, step by step.

use std::{collections::BTreeMap, sync::Arc};

use formhold_domain::{Clock as _, RandomIds};
use formhold_identity::{
    Settings,
    oidc::{Callback, Claims, Oidc, OidcProblem},
};
use serde_json::{Value, json};
use url::Url;

use super::{
    clock::MovableClock,
    provider::{Key, Provider, Say, TOKEN},
};

/// The id of the provider in the settings.
pub(crate) const ID: &str = "example";
/// Where the provider sends people back to.
pub(crate) const BACK: &str = "https://forms.example.org/sign-in/oidc/example";

/// A provider and who relies on it.
pub(crate) struct Scene {
    pub(crate) key: Key,
    pub(crate) provider: Provider,
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) oidc: Oidc,
}

/// A sign-in while the person is at the provider.
pub(crate) struct Begun {
    /// What was put into the address of the provider.
    pub(crate) query: BTreeMap<String, String>,
    /// What is kept.
    pub(crate) kept: String,
    /// What the person comes back with, if all is well.
    pub(crate) callback: Callback,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let key = Key::new("one");
        let provider = Provider::start(&key).await;
        Self::with(key, provider, "secret%hunter2")
    }

    /// With a secret of ours, or none.
    pub(crate) fn with(key: Key, provider: Provider, secret: &str) -> Self {
        let clock = Arc::new(MovableClock::new());
        let oidc =
            Oidc::new(&settings(&provider.address, secret), clock.clone(), Arc::new(RandomIds));
        Self { key, provider, clock, oidc: oidc.expect("it is set up") }
    }

    pub(crate) async fn begin(&self) -> Begun {
        let back = Url::parse(BACK).expect("an address");
        let begun = self.oidc.begin(ID, &back).await.expect("it begins");
        let query: BTreeMap<_, _> = begun.url.query_pairs().into_owned().collect();
        let callback = Callback {
            state: query["state"].clone(),
            code: Some("the-code".to_owned()),
            ..Callback::default()
        };
        Begun { query, kept: begun.state, callback }
    }

    pub(crate) async fn finish(&self, begun: &Begun) -> Result<Claims, OidcProblem> {
        self.oidc.finish(ID, &begun.kept, &begun.callback).await
    }

    /// What a good proof says.
    pub(crate) fn good_claims(&self, begun: &Begun) -> Value {
        let now_seconds = self.clock.now_ms() / 1000;
        json!({
            "iss": self.provider.address,
            "sub": "alice-1",
            "aud": "us",
            "exp": now_seconds + 300,
            "iat": now_seconds,
            "nonce": begun.query["nonce"],
            "email": "alice@example.org",
            "email_verified": true,
            "name": "Alice",
        })
    }

    /// A good proof with some claims changed, or taken out by null.
    pub(crate) fn changed_claims(&self, begun: &Begun, changes: Value) -> Value {
        let mut claims = self.good_claims(begun);
        for (key, value) in changes.as_object().expect("an object") {
            match value {
                Value::Null => claims.as_object_mut().expect("an object").remove(key),
                value => {
                    claims.as_object_mut().expect("an object").insert(key.clone(), value.clone())
                }
            };
        }
        claims
    }

    /// Lets the provider give this proof for a code.
    pub(crate) fn give(&self, token: String) {
        let body = json!({
            "access_token": "the-access",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": token,
        });
        self.provider.say(TOKEN, Say::Json(200, body));
    }

    /// A whole sign-in with some claims changed.
    pub(crate) async fn sign_in(&self, changes: Value) -> Result<Claims, OidcProblem> {
        let begun = self.begin().await;
        self.give(self.key.sign(&self.changed_claims(&begun, changes)));
        self.finish(&begun).await
    }
}

fn settings(issuer: &str, secret: &str) -> Settings {
    let text = format!(
        "{}\n[oidc.{ID}]\nname = \"The Example\"\nissuer = \"{issuer}\"\nclient_id = \"us\"\n\
         client_secret = \"{secret}\"\n",
        include_str!("../identity.toml")
    );
    let settings: Settings = toml::from_str(&text).expect("settings");
    assert_eq!(settings.problems(), []);
    settings
}
