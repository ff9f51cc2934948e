//! Passkeys, with an authenticator as the standard describes it. `e2e/browser` has a real one.

use formhold_domain::{
    access::{Actor, Caller, InstanceRole},
    accounts::UserState,
};
use formhold_service::{App, passkeys, sessions, sign_in::Refused, users};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    PASSWORD,
    authenticator::Authenticator,
    browser::{Browser, Seen},
    factors::turn_on,
    letters::letter,
    operator, signed_in, user, visitor,
};

const PAGE: &str = "/account/factors";
const HANNA: &str = "hanna@example.org";
const ADDED: &str = "/account/factors?done=passkey-added";

/// The device of somebody who goes to the page by its name.
fn device(app: &TestApp) -> Authenticator {
    Authenticator::on(&format!("http://localhost:{}", app.address.port()), "localhost")
}

/// The token of a page's scripts.
fn script_token(page: &Seen) -> String {
    let (_, rest) = page.html.split_once("data-csrf=\"").expect("a place for a passkey");
    rest.split('"').next().expect("its end").to_owned()
}

async fn add(browser: &mut Browser<'_>, device: &mut Authenticator, name: &str) -> Seen {
    let token = script_token(&browser.get(PAGE).await);
    let options = browser.post_json(&token, "/account/passkeys/options", &json!({})).await;
    assert_eq!(options.status, 200, "{}", options.html);
    let credential: Value = serde_json::from_str(&device.create(&options.html)).expect("JSON");
    let body = json!({ "credential": credential, "name": name });
    browser.post_json(&token, "/account/passkeys", &body).await
}

async fn use_it(browser: &mut Browser<'_>, device: &mut Authenticator, next: &str) -> Seen {
    let token = script_token(&browser.get("/login").await);
    let options = browser.post_json(&token, "/login/passkey/options", &json!({})).await;
    assert_eq!(options.status, 200, "{}", options.html);
    let credential: Value = serde_json::from_str(&device.get(&options.html)).expect("JSON");
    let body = json!({ "credential": credential, "next": next });
    browser.post_json(&token, "/login/passkey", &body).await
}

/// Somebody with a passkey, and the device that has it.
async fn with_passkey<'a>(app: &'a TestApp, email: &str) -> (Browser<'a>, Authenticator) {
    user(app, email, InstanceRole::User).await;
    let (mut browser, mut device) = (Browser::new(app), device(app));
    browser.sign_in(email, PASSWORD).await;
    let added = add(&mut browser, &mut device, "Laptop").await;
    assert_eq!((added.status.as_u16(), added.json()), (200, json!({ "location": ADDED })));
    (browser, device)
}

fn id_on(page: &Seen) -> String {
    let (_, rest) = page.html.split_once("href=\"/account/passkeys/").expect("a passkey");
    rest.split('/').next().expect("its end").to_owned()
}

fn refused(seen: &Seen, status: u16) {
    assert_eq!(seen.status.as_u16(), status, "{}", seen.html);
    assert_eq!(seen.headers["content-type"], "application/problem+json");
    assert!(seen.json()["detail"].as_str().is_some_and(|text| text.len() > 20), "{}", seen.html);
}

async fn answer_on(node: &App, device: &mut Authenticator, browser: &str) -> String {
    let options = passkeys::begin_sign_in(node, &visitor(), browser).await.expect("options");
    device.get(&options)
}

on_both_stacks! {
    async fn a_passkey_is_added_renamed_used_without_a_code_and_removed(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
        there.sign_in(HANNA, PASSWORD).await;
        here.sign_in(HANNA, PASSWORD).await;
        let mut device = device(&app);
        let added = add(&mut here, &mut device, "").await;
        assert_eq!(added.json(), json!({ "location": ADDED }), "{}", added.html);
        assert_eq!(there.get("/account").await.status, 303, "the other browser is signed out");
        letter(&app, HANNA, "a passkey was added").await;
        let page = here.get(ADDED).await;
        assert!(page.html.contains("The passkey was added.") && page.html.contains("<bdi>Passkey</bdi>"));
        assert!(page.html.contains("Never used."), "{}", page.html);
        let path = format!("/account/passkeys/{}", id_on(&page));

        let named = here.post(PAGE, &path, &[("name", " <b>Tel</b> ü ")]).await;
        assert_eq!(named.location(), "/account/factors?done=passkey-renamed");
        let page = here.get(PAGE).await;
        assert!(page.html.contains("<bdi>&#60;b&#62;Tel&#60;/b&#62; ü</bdi>"), "{}", page.html);
        let nameless = here.post(PAGE, &path, &[("name", "  ")]).await;
        assert_eq!(nameless.status, 422);
        assert!(nameless.html.contains("The name must not be empty."), "{}", nameless.html);

        let actor = sessions::actor_of_session(&app.app, &signed_in(&app, HANNA).await.secret).await.expect("an actor");
        turn_on(&app, &Caller { actor, ..visitor() }).await;
        let mut new = Browser::new(&app);
        let seen = use_it(&mut new, &mut device, "/account/sessions").await;
        assert_eq!((seen.status.as_u16(), seen.json()), (200, json!({ "location": "/account/sessions" })));
        assert_eq!(new.get("/account").await.status, 200, "and no code was asked for");
        assert!(!new.get(PAGE).await.html.contains("Never used."));
        let elsewhere = use_it(&mut Browser::new(&app), &mut device, "//evil.example").await;
        assert_eq!(elsewhere.json(), json!({ "location": "/account" }));

        let question = new.get(&format!("{path}/remove")).await;
        assert!(question.html.contains("Remove the passkey &#60;b&#62;Tel"), "{}", question.html);
        let removed = new.post(&format!("{path}/remove"), &format!("{path}/remove"), &[]).await;
        assert_eq!(removed.location(), "/account/factors?done=passkey-removed");
        letter(&app, HANNA, "a passkey was removed").await;
        refused(&use_it(&mut Browser::new(&app), &mut device, "").await, 401);
        assert_eq!(new.post(PAGE, &format!("{path}/remove"), &[]).await.status, 404);
        let rows = app.app.store.list_audit(&Default::default(), None, 50).await.expect("rows");
        let seen: Vec<_> = rows.iter().rev().map(|row| &*row.action).filter(|it| it.contains("passkey")).collect();
        assert_eq!(seen, ["user.passkey.add", "user.passkey.change", "user.passkey.remove"]);
        assert!(rows.iter().any(|row| row.details.as_deref() == Some("{\"factor\":\"passkey\"}")));
    }

    async fn an_answer_signs_in_once_of_twenty_times_at_once_on_all_nodes(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        let mut device = device(&app);
        // A passkey that does not count its uses: nothing but the challenge can tell them apart.
        (device.counts, device.counter) = (false, 0);
        let mut browser = Browser::new(&app);
        browser.sign_in(HANNA, PASSWORD).await;
        assert_eq!(add(&mut browser, &mut device, "Telephone").await.status, 200);
        let other = app.second_node().await;
        other.kv.connected(std::time::Duration::from_secs(2)).await;
        let answer = answer_on(&app.app, &mut device, "browser").await;
        let caller = visitor();
        let nodes = if app.database.redis_url.is_some() { [&app.app, &other] } else { [&app.app, &app.app] };
        let tries = (0..20).map(|at| passkeys::sign_in(nodes[at % 2], &caller, "browser", &answer));
        let good = join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(good, 1);
        let later = passkeys::sign_in(&app.app, &caller, "browser", &answer).await;
        assert!(matches!(later, Err(Refused::Wrong)), "{later:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions").await, 2);
        if app.database.redis_url.is_some() {
            let answer = answer_on(&app.app, &mut device, "browser").await;
            passkeys::sign_in(&other, &caller, "browser", &answer).await.expect("asked here, answered there");
        }
    }

    async fn an_answer_is_of_one_browser_and_of_what_it_was_asked_for(app: TestApp) {
        let (mut browser, mut device) = with_passkey(&app, HANNA).await;
        let caller = visitor();
        let answer = answer_on(&app.app, &mut device, "browser").await;
        let foreign = passkeys::sign_in(&app.app, &caller, "another browser", &answer).await;
        assert!(matches!(foreign, Err(Refused::Wrong)), "{foreign:?}");
        for made_up in ["", "{}", "null", "{\"response\":{\"clientDataJSON\":\"e30\"}}"] {
            let seen = passkeys::sign_in(&app.app, &caller, "browser", made_up).await;
            assert!(matches!(seen, Err(Refused::Wrong)), "{made_up}: {seen:?}");
        }
        // The options of a registration do not sign in.
        let token = script_token(&browser.get(PAGE).await);
        let options = browser.post_json(&token, "/account/passkeys/options", &json!({})).await;
        let answer = device.get(&options.html);
        let seen = passkeys::sign_in(&app.app, &caller, "browser", &answer).await;
        assert!(matches!(seen, Err(Refused::Wrong)), "{seen:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions").await, 1);
    }

    async fn only_an_unlocked_passkey_of_an_account_in_use_signs_in(app: TestApp) {
        let (_, mut device) = with_passkey(&app, HANNA).await;
        let id = app.app.store.find_passkey(&{
            use sha2::Digest as _;
            sha2::Sha256::digest(&device.credential_id).into()
        }).await.expect("an answer").expect("a passkey").user_id;
        device.unlocked = false;
        refused(&use_it(&mut Browser::new(&app), &mut device, "").await, 401);
        device.unlocked = true;
        assert_eq!(use_it(&mut Browser::new(&app), &mut device, "").await.status, 200);
        // Two devices with one passkey: one of them counts behind.
        device.counter -= 2;
        refused(&use_it(&mut Browser::new(&app), &mut device, "").await, 401);
        device.counter += 5;
        assert_eq!(use_it(&mut Browser::new(&app), &mut device, "").await.status, 200);
        users::set_user_state(&app.app, &operator(), id, UserState::Disabled).await.expect("disabled");
        refused(&use_it(&mut Browser::new(&app), &mut device, "").await, 401);
        users::set_user_state(&app.app, &operator(), id, UserState::Active).await.expect("enabled");
        let honest = device.user_handle.clone();
        device.user_handle = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
        refused(&use_it(&mut Browser::new(&app), &mut device, "").await, 401);
        device.user_handle = honest;
        users::reset_factors(&app.app, &operator(), id).await.expect("reset");
        refused(&use_it(&mut Browser::new(&app), &mut device, "").await, 401);
        let failed = "SELECT COUNT(*) FROM audit_entries WHERE action = 'session.refuse'";
        assert_eq!(app.database.number(failed).await, 5);
    }

    async fn passkeys_of_others_are_not_there(app: TestApp) {
        let (mut hanna, _) = with_passkey(&app, HANNA).await;
        let id = id_on(&hanna.get(PAGE).await);
        user(&app, "mallory@example.org", InstanceRole::Admin).await;
        let mut mallory = Browser::new(&app);
        mallory.sign_in("mallory@example.org", PASSWORD).await;
        let path = format!("/account/passkeys/{id}");
        let remove = format!("{path}/remove");
        assert_eq!(mallory.get(&remove).await.status, 404);
        assert_eq!(mallory.post(PAGE, &remove, &[]).await.status, 404);
        assert_eq!(mallory.post(PAGE, &path, &[("name", "Mine")]).await.status, 404);
        assert_eq!(mallory.post(PAGE, "/account/passkeys/x/remove", &[]).await.status, 404);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM passkeys WHERE name = 'Laptop'").await, 1);
    }

    async fn scripts_of_other_pages_change_nothing(app: TestApp) {
        let (mut browser, mut device) = with_passkey(&app, HANNA).await;
        let token = script_token(&browser.get(PAGE).await);
        let login = script_token(&Browser::new(&app).get("/login").await);
        for wrong in ["", "x", &login] {
            refused(&browser.post_json(wrong, "/account/passkeys/options", &json!({})).await, 403);
        }
        let own = std::mem::replace(&mut browser.headers, vec![("origin", "https://evil.example".to_owned())]);
        refused(&browser.post_json(&token, "/account/passkeys/options", &json!({})).await, 403);
        browser.headers = own;
        let form = browser.post_with(&token, "/account/passkeys/options", &[]).await;
        assert_eq!(form.status, 403, "a form cannot send what a script does");
        let too_long = json!({ "credential": "x".repeat(80_000) });
        refused(&browser.post_json(&token, "/account/passkeys", &too_long).await, 403);
        refused(&browser.post_json(&token, "/account/passkeys", &json!({ "credential": {} })).await, 422);
        browser.post("/account", "/logout", &[]).await;
        let token = script_token(&browser.get("/login").await);
        let seen = browser.post_json(&token, "/account/passkeys/options", &json!({})).await;
        refused(&seen, 401);
        assert!(use_it(&mut browser, &mut device, "").await.status.is_success());
    }

    async fn a_passkey_is_added_once_and_there_is_a_most(app: TestApp) {
        let (mut browser, mut device) = with_passkey(&app, HANNA).await;
        let again = add(&mut browser, &mut device, "Again").await;
        assert!(again.status == 409 || again.status == 422, "{}", again.html);
        let token = script_token(&browser.get(PAGE).await);
        let options = browser.post_json(&token, "/account/passkeys/options", &json!({})).await;
        let mut other = self::device(&app);
        let credential: Value = serde_json::from_str(&other.create(&options.html)).expect("JSON");
        let body = json!({ "credential": credential, "name": "Key" });
        assert_eq!(browser.post_json(&token, "/account/passkeys", &body).await.status, 200);
        refused(&browser.post_json(&token, "/account/passkeys", &body).await, 422);
        for number in 2..20 {
            let added = add(&mut browser, &mut self::device(&app), &format!("Key {number}")).await;
            assert_eq!(added.status, 200, "{number}: {}", added.html);
        }
        let one_more = browser.post_json(&token, "/account/passkeys/options", &json!({})).await;
        refused(&one_more, 409);
        assert!(one_more.html.contains("you have 20 passkeys already"), "{}", one_more.html);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM passkeys").await, 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late_is_refused() {
    let app = TestApp::start(formhold_testkit::Stack::Sqlite).await;
    let (_, mut device) = with_passkey(&app, HANNA).await;
    let answer = answer_on(&app.app, &mut device, "browser").await;
    app.clock.advance_ms(301_000);
    let late = passkeys::sign_in(&app.app, &visitor(), "browser", &answer).await;
    assert!(matches!(late, Err(Refused::Wrong)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_browsers_make_no_passkeys_none_are_offered() {
    let app = TestApp::start_with(formhold_testkit::Stack::Sqlite, |settings| {
        settings.server.public_url = "http://192.0.2.1".to_owned();
    })
    .await;
    user(&app, HANNA, InstanceRole::User).await;
    let request = app.client.get(app.url("/login")).header("host", "192.0.2.1");
    let page = request.send().await.expect("a reply").text().await.expect("a page");
    assert!(page.contains("Password") && !page.contains("data-passkey"), "{page}");
    let options = passkeys::begin_sign_in(&app.app, &visitor(), "browser").await;
    assert!(options.is_err());
    let opened = signed_in(&app, HANNA).await;
    let actor = sessions::actor_of_session(&app.app, &opened.secret).await.expect("an actor");
    assert!(matches!(actor, Actor::Person(_)));
}
