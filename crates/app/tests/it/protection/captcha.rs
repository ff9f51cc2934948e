//! Captchas: asked for, answered once, for their form only.

use formhold_domain::SubmissionState;
use formhold_testkit::{Stack, TestApp, on_both_stacks};
use serde_json::{Value, json};

use super::{post, post_to};

const FREE_PORT: &str = "http://127.0.0.1:1/siteverify";

/// Asks for a challenge of version 1 and solves it: the number whose hash is the challenge.
async fn solve(app: &TestApp, form: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let url = app.url(&format!("/f/{form}/challenge?version=1"));
    let response = app.client.get(url).send().await.expect("a reply");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let challenge: Value = response.json().await.expect("JSON");
    let text = |key: &str| challenge[key].as_str().expect(key).to_owned();
    let number = (0..=challenge["maxnumber"].as_u64().expect("a number")).find(|number| {
        let hash = Sha256::digest(format!("{}{number}", text("salt")));
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == text("challenge")
    });
    let answer = json!({
        "algorithm": text("algorithm"),
        "challenge": text("challenge"),
        "number": number.expect("a solution"),
        "salt": text("salt"),
        "signature": text("signature"),
    });
    base64(&answer.to_string())
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place)) as usize & 63];
            encoded.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    encoded
}

fn altcha(when: &str) -> Value {
    json!({ "protection": { "captcha": { "when": when } } })
}

on_both_stacks! {
    async fn a_proof_of_work_counts_once_on_all_nodes_and_for_its_form_only(app: TestApp) {
        let form = app.form(altcha("always")).await;
        app.form(json!({ "slug": "other", "protection": { "captcha": { "when": "always" } } })).await;
        let (status, code, _) = post(&app, "/f/test", &[("a", "1")]).await;
        assert_eq!((status, code.as_str()), (422, "CAPTCHA_MISSING"));
        for field in ["g-recaptcha-response", "h-captcha-response", "cf-turnstile-response"] {
            let answer = solve(&app, "test").await;
            let (status, code, _) = post(&app, "/f/test", &[("a", "1"), (field, &answer)]).await;
            assert_eq!((status, code.as_str()), (422, "CAPTCHA_MISSING"), "{field}");
        }
        let answer = solve(&app, "test").await;
        let (status, code, _) = post(&app, "/f/other", &[("a", "1"), ("altcha", &answer)]).await;
        assert_eq!((status, code.as_str()), (422, "CAPTCHA_WRONG"));
        assert_eq!(post(&app, "/f/test", &[("a", "1"), ("altcha", &answer)]).await.0, 200);
        let second = if app.database.redis_url.is_some() { app.second_address().await } else { app.address };
        for node in [app.address, second] {
            let (status, code, _) = post_to(&app, node, "/f/test", &[("a", "1"), ("altcha", &answer)]).await;
            assert_eq!((status, code.as_str()), (422, "CAPTCHA_EXPIRED"));
        }
        let stored = app.submissions(&form).await;
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].answers.iter().count(), 1, "the captcha's answer is none of the form's");
        let late = solve(&app, "test").await;
        app.clock.advance_ms(3_600_000);
        let (status, code, _) = post(&app, "/f/test", &[("a", "1"), ("altcha", &late)]).await;
        assert_eq!((status, code.as_str()), (422, "CAPTCHA_EXPIRED"));
    }

    async fn a_second_try_with_its_key_needs_no_second_answer(app: TestApp) {
        app.form(altcha("always")).await;
        let answer = solve(&app, "test").await;
        let pairs = [("a", "1"), ("altcha", answer.as_str()), ("_id", "one")];
        let (status, _, first) = post(&app, "/f/test", &pairs).await;
        assert_eq!(status, 200);
        let (status, _, again) = post(&app, "/f/test", &pairs).await;
        assert_eq!((status, &again["id"]), (200, &first["id"]));
    }

    async fn equal_requests_at_once_with_one_key_and_one_answer_get_one_reply(app: TestApp) {
        let form = app.form(altcha("always")).await;
        let answer = solve(&app, "test").await;
        let second = if app.database.redis_url.is_some() { app.second_address().await } else { app.address };
        let nodes = [app.address, second];
        let pairs = [("a", "1"), ("altcha", answer.as_str()), ("_id", "one")];
        let all = (0..20).map(|number| post_to(&app, nodes[number % 2], "/f/test", &pairs));
        let replies = futures_util::future::join_all(all).await;
        let id = &replies[0].2["id"];
        for (status, code, body) in &replies {
            assert_eq!((*status, &body["id"]), (200, id), "{code}: {body}");
        }
        assert_eq!(app.submissions(&form).await.len(), 1);
        // Another attempt with the same answer is another one.
        let other = [("a", "2"), ("altcha", answer.as_str()), ("_id", "two")];
        assert_eq!(post(&app, "/f/test", &other).await.1, "CAPTCHA_EXPIRED");
    }

    async fn what_the_owner_banned_stays_banned_after_the_work(app: TestApp) {
        let spam = json!({ "banned_words": ["casino"] });
        let captcha = json!({ "when": "suspicious" });
        let form = app.form(json!({ "protection": { "captcha": captcha, "spam": spam } })).await;
        let answer = solve(&app, "test").await;
        assert_eq!(post(&app, "/f/test", &[("a", "casino"), ("altcha", &answer)]).await.0, 200);
        assert_eq!(app.submissions(&form).await[0].state, SubmissionState::Spam);
    }

    async fn only_suspicious_submissions_are_asked_where_the_owner_wants_it_so(app: TestApp) {
        let spam = json!({ "spam_from": 4 });
        let captcha = json!({ "when": "suspicious" });
        let form = app.form(json!({ "protection": { "captcha": captcha, "spam": spam } })).await;
        assert_eq!(post(&app, "/f/test", &[("a", "honest")]).await.0, 200);
        let links = "see https://a.example https://b.example https://c.example";
        let (status, code, _) = post(&app, "/f/test", &[("a", links)]).await;
        assert_eq!((status, code.as_str()), (422, "CAPTCHA_MISSING"));
        let answer = solve(&app, "test").await;
        assert_eq!(post(&app, "/f/test", &[("a", links), ("altcha", &answer)]).await.0, 200);
        let states: Vec<_> = app.submissions(&form).await.iter().map(|one| one.state).collect();
        assert_eq!(states, [SubmissionState::Inbox; 2]);
    }

    async fn without_an_answer_the_owner_may_want_to_look_at_it(app: TestApp) {
        let captcha = json!({ "when": "always", "without_answer": "spam_folder" });
        let form = app.form(json!({ "protection": { "captcha": captcha } })).await;
        assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 200);
        let kept = app.submissions(&form).await.remove(0);
        assert_eq!(kept.state, SubmissionState::Spam);
        assert_eq!(kept.context.spam_reasons[0].message, "the captcha was not answered");
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_what_the_owner_says() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.captcha.turnstile_site_key = "site".to_owned();
        settings.captcha.turnstile_secret = "secret".to_owned().into();
        settings.captcha.turnstile_verify_url = FREE_PORT.to_owned();
    })
    .await;
    let answered = [("a", "1"), ("cf-turnstile-response", "token")];
    for (when_down, status, state) in [
        ("accept", 200, Some(SubmissionState::Inbox)),
        ("spam_folder", 200, Some(SubmissionState::Spam)),
        ("refuse", 503, None),
    ] {
        let captcha = json!({ "when": "always", "provider": "turnstile", "when_down": when_down });
        let slug = when_down.replace('_', "-");
        let definition = json!({ "slug": slug, "protection": { "captcha": captcha } });
        let form = app.form(definition).await;
        assert_eq!(post(&app, &format!("/f/{slug}"), &answered).await.0, status, "{when_down}");
        let stored = app.submissions(&form).await;
        assert_eq!(stored.first().map(|one| one.state), state, "{when_down}");
    }
}

#[tokio::test]
async fn a_network_that_sends_wrong_answers_pays_more() {
    let app = TestApp::start(Stack::Sqlite).await;
    app.form(altcha("always")).await;
    let cost = async || {
        let url = app.url("/f/test/challenge?version=1");
        let challenge: Value =
            app.client.get(url).send().await.expect("a reply").json().await.expect("JSON");
        challenge["maxnumber"].as_u64().expect("a number")
    };
    let before = cost().await;
    for _ in 0..6 {
        assert_eq!(post(&app, "/f/test", &[("a", "1"), ("altcha", "bm9uc2Vuc2U=")]).await.0, 422);
    }
    assert_eq!(cost().await, before * 4);
    app.clock.advance_ms(16 * 60_000);
    assert_eq!(cost().await, before, "after a while it is forgiven");
}

#[tokio::test]
async fn challenges_are_limited_too() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.limits.challenges = "3/min".to_owned().try_into().expect("a limit");
    })
    .await;
    app.form(altcha("always")).await;
    let url = app.url("/f/test/challenge");
    for expected in [200, 200, 200, 429] {
        assert_eq!(app.client.get(&url).send().await.expect("a reply").status(), expected);
    }
    let nothing = app.client.get(app.url("/f/nothing/challenge")).send().await.expect("a reply");
    assert_eq!(nothing.status(), 404);
}

#[tokio::test]
async fn the_public_definition_names_the_captcha_and_no_secret() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.captcha.hcaptcha_site_key = "public-key".to_owned();
        settings.captcha.hcaptcha_secret = "very-secret".to_owned().into();
    })
    .await;
    let captcha = json!({ "when": "always", "provider": "hcaptcha" });
    app.form(json!({ "protection": { "captcha": captcha } })).await;
    let text = app.client.get(app.url("/f/test/schema")).send().await.expect("a reply");
    let text = text.text().await.expect("text");
    assert!(text.contains("public-key") && !text.contains("very-secret"), "{text}");
}
