//! Sign-in by another provider, which misbehaves where a test asks it to. `e2e/oidc` has a real one.

use std::collections::BTreeMap;

use formhold_domain::{
    Secret,
    access::InstanceRole,
    accounts::{Registration, UserState},
};
use formhold_identity::ProviderSettings;
use formhold_service::{sessions, users};
use formhold_testkit::{Stack, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};
use url::Url;

use super::{
    PASSWORD,
    app_codes::code_at,
    browser::{Browser, Seen},
    factors::turn_on,
    letters::letter,
    operator,
    provider::{Key, Provider, Say, TOKEN, USER_INFO},
    signed_in, user, visitor,
};

const HANNA: &str = "hanna@example.org";
const START: &str = "/login/oidc/example";

/// A Formhold, a provider, and the key that it signs with.
struct Scene {
    app: TestApp,
    provider: Provider,
    key: Key,
}

/// A sign-in while the person is at the provider.
struct Away {
    state: String,
    nonce: String,
}

impl Scene {
    /// On each stack that is there.
    async fn all() -> Vec<Self> {
        Self::all_with(Registration::Closed).await
    }

    async fn all_with(registration: Registration) -> Vec<Self> {
        let mut all = Vec::new();
        for stack in Stack::all().into_iter().filter(|stack| stack.is_there()) {
            let key = Key::new("one");
            let provider = Provider::start(&key).await;
            let settings = ProviderSettings {
                name: "The Example".to_owned(),
                issuer: provider.address.clone(),
                client_id: "us".to_owned(),
                client_secret: Secret::from("hunter2".to_owned()),
                ..ProviderSettings::default()
            };
            let app = TestApp::start_with(stack, |all| {
                all.auth.registration = registration;
                all.auth.oidc.insert("example".to_owned(), settings);
            })
            .await;
            all.push(Self { app, provider, key });
        }
        all
    }

    /// Goes to the provider.
    async fn begin(&self, browser: &mut Browser<'_>, next: &str) -> Away {
        let seen = browser.post("/login", START, &[("next", next)]).await;
        assert_eq!(seen.status, 200, "{}", seen.html);
        let refresh = seen.headers["refresh"].to_str().expect("text");
        let url =
            Url::parse(refresh.strip_prefix("0; url=").expect("where to")).expect("an address");
        assert!(url.as_str().starts_with(&format!("{}/auth?", self.provider.address)), "{url}");
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let back = format!("http://{}{START}/callback", self.app.address);
        assert_eq!(query["redirect_uri"], back);
        Away { state: query["state"].clone(), nonce: query["nonce"].clone() }
    }

    /// Lets the provider prove this of the person who is away.
    fn prove(&self, away: &Away, changes: Value) {
        let now_seconds = self.app.app.clock.now_ms() / 1000;
        let mut claims = json!({
            "iss": self.provider.address, "sub": "hanna-1", "aud": "us", "nonce": away.nonce,
            "exp": now_seconds + 300, "iat": now_seconds,
            "email": HANNA, "email_verified": true, "name": "Hanna",
        });
        let changes = changes.as_object().expect("an object").clone();
        claims.as_object_mut().expect("an object").extend(changes);
        let token = self.key.sign(&claims);
        // Asked where the token tells no address.
        self.provider.say(USER_INFO, Say::Json(200, json!({ "sub": claims["sub"] })));
        let body = json!({ "access_token": "a", "token_type": "Bearer", "id_token": token });
        self.provider.say(TOKEN, Say::Json(200, body));
    }

    async fn sign_in(&self, browser: &mut Browser<'_>, changes: Value) -> Seen {
        let away = self.begin(browser, "").await;
        self.prove(&away, changes);
        browser.get(&back(&away)).await
    }

    async fn refuses(&self, changes: Value, status: u16, words: &str) {
        let mut browser = Browser::new(&self.app);
        let seen = self.sign_in(&mut browser, changes.clone()).await;
        assert_eq!(seen.status.as_u16(), status, "{changes}: {}", seen.html);
        assert!(seen.html.contains(words), "{changes}: {}", seen.html);
        assert_eq!(browser.session(), None);
        assert!(seen.html.contains("name=\"password\""), "other ways are offered");
    }
}

fn back(away: &Away) -> String {
    format!("{START}/callback?code=the-code&state={}", away.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_found_by_its_address_once_and_by_its_subject_from_then_on() {
    for scene in Scene::all().await {
        let id = user(&scene.app, HANNA, InstanceRole::User).await;
        let mut browser = Browser::new(&scene.app);
        let page = browser.get("/login").await;
        assert!(page.html.contains("Sign in with The Example"), "{}", page.html);
        let away = scene.begin(&mut browser, "/account/sessions").await;
        scene.prove(&away, json!({}));
        let seen = browser.get(&back(&away)).await;
        assert_eq!(
            (seen.status.as_u16(), seen.location()),
            (303, "/account/sessions"),
            "{}",
            seen.html
        );
        assert_eq!(browser.get("/account").await.status, 200);
        assert!(!browser.cookies.contains_key("__Host-formhold_provider"));
        letter(&scene.app, HANNA, "can now be opened by a sign-in provider").await;

        // Whatever the provider says of the address from now on.
        for changes in [
            json!({ "email": "new@example.org" }),
            json!({ "email_verified": false }),
            json!({ "email": null }),
        ] {
            let seen = scene.sign_in(&mut Browser::new(&scene.app), changes).await;
            assert_eq!(seen.location(), "/account", "{}", seen.html);
        }
        let rows =
            scene.app.app.store.list_audit(&Default::default(), None, 50).await.expect("rows");
        let links = rows.iter().filter(|row| row.action == "user.identity.link").count();
        let by_oidc = rows
            .iter()
            .filter(|row| row.details.as_deref() == Some("{\"factor\":\"oidc\"}"))
            .count();
        assert_eq!((links, by_oidc), (1, 4));
        assert!(
            !format!("{rows:?}").contains("hanna-1"),
            "the provider's name for a person is theirs"
        );

        users::set_user_state(&scene.app.app, &operator(), id, UserState::Disabled)
            .await
            .expect("disabled");
        scene.refuses(json!({}), 403, "was disabled by an administrator").await;
        users::set_user_state(&scene.app.app, &operator(), id, UserState::Active)
            .await
            .expect("enabled");
        users::reset_factors(&scene.app.app, &operator(), id).await.expect("reset");
        scene
            .refuses(
                json!({ "email_verified": false }),
                403,
                "does not say that your e-mail address is yours",
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_alone_opens_nothing_that_both_sides_did_not_see_to() {
    for scene in Scene::all().await {
        user(&scene.app, HANNA, InstanceRole::Admin).await;
        user(&scene.app, "kim@example.org", InstanceRole::User).await;
        scene
            .app
            .database
            .execute(
                "UPDATE users SET email_confirmed_at_ms = NULL WHERE email = 'kim@example.org'",
            )
            .await;
        // The same words whether or not there is an account.
        for email in [HANNA, "kim@example.org", "nobody@example.org", "no address"] {
            for verified in [json!(false), json!(null)] {
                let changes = json!({ "email": email, "email_verified": verified });
                scene.refuses(changes, 403, "does not say that your e-mail address is yours").await;
            }
        }
        scene
            .refuses(
                json!({ "email": null }),
                403,
                "does not say that your e-mail address is yours",
            )
            .await;
        scene.refuses(json!({ "email": "kim@example.org" }), 403, "that was never confirmed").await;
        scene
            .refuses(
                json!({ "email": "nobody@example.org" }),
                403,
                "There is no account for you here yet",
            )
            .await;
        for (wrong, why) in [
            (json!({ "iss": "https://evil.example" }), "issuer"),
            (json!({ "aud": "others" }), "audience"),
            (json!({ "nonce": "another" }), "nonce"),
            (json!({ "exp": 1 }), "expired"),
        ] {
            let mut browser = Browser::new(&scene.app);
            let seen = scene.sign_in(&mut browser, wrong).await;
            assert_eq!((seen.status.as_u16(), browser.session()), (502, None), "{why}");
        }
        assert_eq!(scene.app.database.number("SELECT COUNT(*) FROM oidc_identities").await, 0);
        assert_eq!(scene.app.database.number("SELECT COUNT(*) FROM sessions").await, 0);
        assert_eq!(scene.app.database.number("SELECT COUNT(*) FROM users").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_may_register_a_verified_address_gets_an_account() {
    for scene in Scene::all_with(Registration::Open).await {
        user(&scene.app, HANNA, InstanceRole::Admin).await;
        let kim = json!({ "sub": "kim-1", "email": "Kim@example.org", "name": "Kim\u{7}" });
        let mut browser = Browser::new(&scene.app);
        let seen = scene.sign_in(&mut browser, kim.clone()).await;
        assert_eq!(seen.location(), "/account", "{}", seen.html);
        assert_eq!(browser.get("/account/factors").await.status, 200);
        let made = "SELECT COUNT(*) FROM users WHERE name = 'Kim' AND role = 'user' AND password_hash IS NULL AND email_confirmed_at_ms IS NOT NULL";
        assert_eq!(scene.app.database.number(made).await, 1, "the name has no bell in it");
        assert_eq!(scene.sign_in(&mut Browser::new(&scene.app), kim).await.location(), "/account");
        let unverified =
            json!({ "sub": "eve-1", "email": "eve@example.org", "email_verified": false });
        scene.refuses(unverified, 403, "does not say that your e-mail address is yours").await;
        assert_eq!(scene.app.database.number("SELECT COUNT(*) FROM users").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_returns_at_once_on_two_nodes_one_signs_in() {
    for scene in Scene::all().await {
        user(&scene.app, HANNA, InstanceRole::User).await;
        let mut browser = Browser::new(&scene.app);
        let away = scene.begin(&mut browser, "").await;
        // The provider takes its code again and again.
        scene.prove(&away, json!({}));
        let cookie: Vec<_> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (cookie, client) = (cookie.join("; "), &scene.app.client);
        let nodes = match scene.app.database.redis_url {
            Some(_) => [scene.app.address, scene.app.second_address().await],
            None => [scene.app.address; 2],
        };
        let tries = (0..20).map(|at| {
            let url = format!("http://{}{}", nodes[at % 2], back(&away));
            let request = client.get(url).header("cookie", &cookie);
            async move { request.send().await.expect("a reply").status().as_u16() }
        });
        let mut statuses = join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (303, &[401; 19][..]));
        assert_eq!(scene.app.database.number("SELECT COUNT(*) FROM sessions").await, 1);
        let later = browser.get(&back(&away)).await;
        assert_eq!(later.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_in_by_what_was_begun_in_another_browser() {
    for scene in Scene::all().await {
        user(&scene.app, "mallory@example.org", InstanceRole::User).await;
        let (mut mallory, mut hanna) = (Browser::new(&scene.app), Browser::new(&scene.app));
        let away = scene.begin(&mut mallory, "").await;
        scene.prove(&away, json!({ "sub": "mallory-1", "email": "mallory@example.org" }));
        // Mallory gets Hanna to follow the way back that is his own.
        let seen = hanna.get(&back(&away)).await;
        assert_eq!((seen.status.as_u16(), hanna.session()), (401, None));
        assert!(seen.html.contains("was not begun in this browser"), "{}", seen.html);
        // Also while she is at the provider herself; her own sign-in goes on then.
        let hers = scene.begin(&mut hanna, "").await;
        assert_eq!(hanna.get(&back(&away)).await.status, 401);
        scene.prove(&hers, json!({ "sub": "mallory-1", "email": "mallory@example.org" }));
        for wrong in ["", "x", &away.state] {
            let path = format!("{START}/callback?code=the-code&state={wrong}");
            assert_eq!(
                (hanna.get(&path).await.status.as_u16(), hanna.session()),
                (401, None),
                "{wrong}"
            );
        }
        let other = format!("/login/oidc/other/callback?code=the-code&state={}", hers.state);
        assert_eq!(hanna.get(&other).await.status, 404);
        let changed = hanna.cookies["__Host-formhold_provider"].clone();
        let mut forged = Browser::new(&scene.app);
        forged.cookies.insert("__Host-formhold_provider".to_owned(), format!("A{}", &changed[1..]));
        assert_eq!(forged.get(&back(&hers)).await.status, 401);
        assert_eq!(hanna.get(&back(&hers)).await.status, 303, "her own sign-in goes on");

        let denied = scene.begin(&mut mallory, "").await;
        let path = format!("{START}/callback?error=access_denied&state={}", denied.state);
        let seen = mallory.get(&path).await;
        assert_eq!(seen.status, 401);
        assert!(
            seen.html.contains("You were not signed in, as you said no there."),
            "{}",
            seen.html
        );
        let late = scene.begin(&mut mallory, "").await;
        scene.app.clock.advance_ms(16 * 60_000);
        scene.prove(&late, json!({}));
        assert_eq!(mallory.get(&back(&late)).await.status, 401);
        // A form of another site begins nothing.
        mallory.headers = vec![("origin", "https://evil.example".to_owned())];
        assert_eq!(mallory.post("/login", START, &[]).await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_codes_is_asked_for_one_and_linked_only_then() {
    for scene in Scene::all().await {
        user(&scene.app, HANNA, InstanceRole::User).await;
        let opened = signed_in(&scene.app, HANNA).await;
        let actor =
            sessions::actor_of_session(&scene.app.app, &opened.secret).await.expect("an actor");
        let (key, _) =
            turn_on(&scene.app, &formhold_domain::access::Caller { actor, ..visitor() }).await;
        let mut browser = Browser::new(&scene.app);
        let away = scene.begin(&mut browser, "/account/sessions").await;
        scene.prove(&away, json!({}));
        let seen = browser.get(&back(&away)).await;
        assert_eq!(seen.location(), "/login/factor?next=%2Faccount%2Fsessions");
        assert_eq!(browser.get("/account").await.status, 303);
        let linked = "SELECT COUNT(*) FROM oidc_identities";
        assert_eq!(scene.app.database.number(linked).await, 0, "not before the code is right");
        scene.app.clock.advance_ms(60_000);
        let code = code_at(&key, scene.app.app.clock.now_ms());
        let fields = [("code", code.as_str()), ("next", "/account/sessions")];
        assert_eq!(
            browser.post("/login/factor", "/login/factor", &fields).await.location(),
            "/account/sessions"
        );
        assert_eq!(scene.app.database.number(linked).await, 1);
        letter(&scene.app, HANNA, "can now be opened by a sign-in provider").await;
        let seen = scene.sign_in(&mut Browser::new(&scene.app), json!({})).await;
        assert_eq!(seen.location(), "/login/factor?next=", "and is asked again the next time");
        Browser::new(&scene.app).sign_in(HANNA, PASSWORD).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_or_another_one_is_told_and_others_ways_stay() {
    for scene in Scene::all().await {
        let id = user(&scene.app, HANNA, InstanceRole::User).await;
        assert_eq!(scene.sign_in(&mut Browser::new(&scene.app), json!({})).await.status, 303);
        let mut browser = Browser::new(&scene.app);
        let away = scene.begin(&mut browser, "").await;
        scene.provider.say(TOKEN, Say::Close);
        let seen = browser.get(&back(&away)).await;
        assert_eq!(seen.status, 502);
        assert!(seen.html.contains("The sign-in there did not work."), "{}", seen.html);
        assert_eq!(browser.post("/login", "/login/oidc/unknown", &[]).await.status, 404);
        assert_eq!(browser.sign_in(HANNA, PASSWORD).await.status, 303);
        // The same id in the settings, and the same subject, but somebody else: not her account.
        scene.app.database.execute("UPDATE oidc_identities SET provider = 'another issuer'").await;
        scene.refuses(json!({ "email_verified": false }), 403, "does not say that").await;
        users::delete_user(&scene.app.app, &operator(), id, None).await.expect("deleted");
        scene.refuses(json!({}), 403, "There is no account for you here yet").await;
        assert_eq!(scene.app.database.number("SELECT COUNT(*) FROM oidc_identities").await, 0);
    }
}
