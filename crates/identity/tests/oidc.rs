//! Sign-in by another provider: what passes, and what must not. `e2e/oidc` does the same with a real
//! provider.

mod support;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use formhold_identity::oidc::{Callback, Claims, OidcProblem};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::{
    provider::{DISCOVERY, KEYS, Key, Provider, Say, TOKEN, USER_INFO, unsigned},
    scene::{BACK, ID, Scene},
};
use url::Url;

fn bad_proof<T: std::fmt::Debug>(result: Result<T, OidcProblem>, why: &str) {
    match result {
        Err(OidcProblem::BadProof(text)) => assert!(text.contains(why), "{text}, not {why}"),
        other => panic!("{other:?}, not {why}"),
    }
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, OidcProblem>, why: &str) {
    match result {
        Err(OidcProblem::Unavailable(text)) => assert!(text.contains(why), "{text}, not {why}"),
        other => panic!("{other:?}, not {why}"),
    }
}

/// A token with a signature that whoever knows the secret can make.
fn by_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let text = unsigned(header, claims);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    mac.update(text.as_bytes());
    format!("{text}.{}", BASE64URL.encode(mac.finalize().into_bytes()))
}

fn back() -> Url {
    Url::parse(BACK).expect("an address")
}

#[tokio::test]
async fn a_person_signs_in() {
    let scene = Scene::new().await;
    assert_eq!(scene.oidc.providers().collect::<Vec<_>>(), [(ID, "The Example")]);
    assert!(scene.provider.calls(DISCOVERY).is_empty(), "nobody is asked before a sign-in");
    let claims = scene.sign_in(json!({})).await;
    let expected = Claims {
        issuer: scene.provider.address.clone(),
        subject: "alice-1".to_owned(),
        email: Some("alice@example.org".to_owned()),
        email_verified: true,
        name: Some("Alice".to_owned()),
    };
    assert_eq!(claims, Ok(expected));
    assert!(scene.provider.calls(USER_INFO).is_empty(), "the proof says it all");
}

#[tokio::test]
async fn the_provider_is_asked_as_the_standard_says() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    let query = |key: &str| begun.query.get(key).map(String::as_str);
    assert_eq!(query("response_type"), Some("code"));
    assert_eq!(query("client_id"), Some("us"));
    assert_eq!(query("redirect_uri"), Some(BACK));
    assert_eq!(query("scope"), Some("openid email profile"));
    assert_eq!(query("code_challenge_method"), Some("S256"));
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(query(random).map(str::len), Some(43), "{random}");
    }
    scene.give(scene.key.sign(&scene.good_claims(&begun)));
    assert!(scene.finish(&begun).await.is_ok());

    let [call] = &scene.provider.calls(TOKEN)[..] else { panic!("it is asked once") };
    assert!(call.head.starts_with("POST /token HTTP/1.1"), "{}", call.head);
    let verifier = &call.form["code_verifier"];
    assert_eq!(Some(BASE64URL.encode(Sha256::digest(verifier)).as_str()), query("code_challenge"));
    assert_eq!(call.form["grant_type"], "authorization_code");
    assert_eq!(call.form["code"], "the-code");
    assert_eq!(call.form["redirect_uri"], BACK);
    // `us:secret%25hunter2`
    assert!(call.head.to_lowercase().contains("authorization: basic "), "{}", call.head);
    assert!(call.head.contains("dXM6c2VjcmV0JTI1aHVudGVyMg=="), "{}", call.head);
    assert!(!call.form.contains_key("client_secret"));
}

#[tokio::test]
async fn nothing_of_one_sign_in_is_in_another() {
    let scene = Scene::new().await;
    let (one, other) = (scene.begin().await, scene.begin().await);
    for random in ["state", "nonce", "code_challenge"] {
        assert_ne!(one.query[random], other.query[random], "{random}");
    }
}

#[tokio::test]
async fn a_provider_that_wants_the_secret_in_the_body_gets_it_there() {
    let scene = Scene::new().await;
    let mut configuration = scene.provider.configuration();
    configuration["token_endpoint_auth_methods_supported"] =
        json!(["client_secret_post", "private_key_jwt"]);
    scene.provider.say(DISCOVERY, Say::Json(200, configuration));
    assert!(scene.sign_in(json!({})).await.is_ok());
    let [call] = &scene.provider.calls(TOKEN)[..] else { panic!("it is asked once") };
    assert_eq!(call.form["client_secret"], "secret%hunter2");
    assert!(!call.head.to_lowercase().contains("authorization"), "{}", call.head);
}

#[tokio::test]
async fn a_public_client_has_no_secret_to_send() {
    let key = Key::new("one");
    let provider = Provider::start(&key).await;
    let scene = Scene::with(key, provider, "");
    assert!(scene.sign_in(json!({})).await.is_ok());
    let [call] = &scene.provider.calls(TOKEN)[..] else { panic!("it is asked once") };
    assert_eq!(call.form["client_id"], "us");
    assert!(!call.form.contains_key("client_secret") && !call.head.contains("uthorization"));
}

#[tokio::test]
async fn who_did_not_begin_here_does_not_finish_here() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    let other = scene.begin().await;
    scene.give(scene.key.sign(&scene.good_claims(&begun)));
    let with = |state: &str| Callback { state: state.to_owned(), ..begun.callback.clone() };
    let cut = &begun.callback.state[..42];
    for state in ["", "x", cut, &format!("{}x", begun.callback.state), &other.callback.state] {
        let result = scene.oidc.finish(ID, &begun.kept, &with(state)).await;
        assert_eq!(result, Err(OidcProblem::WrongState), "{state}");
    }
    for kept in ["", "{}", "null", &other.kept, "{\"state\":\"x\"}"] {
        let result = scene.oidc.finish(ID, kept, &begun.callback).await;
        assert_eq!(result, Err(OidcProblem::WrongState), "{kept}");
    }
    let elsewhere = begun.kept.replace("\"provider\":\"example\"", "\"provider\":\"other\"");
    assert_ne!(elsewhere, begun.kept);
    let result = scene.oidc.finish(ID, &elsewhere, &begun.callback).await;
    assert_eq!(result, Err(OidcProblem::WrongState));
    assert!(scene.provider.calls(TOKEN).is_empty(), "no code was shown to the provider");
    assert!(scene.finish(&begun).await.is_ok());
}

#[tokio::test]
async fn who_takes_too_long_begins_again() {
    let scene = Scene::new().await;
    for (minutes, passes) in [(14, true), (16, false)] {
        let begun = scene.begin().await;
        scene.clock.pass(Duration::from_secs(minutes * 60));
        scene.give(scene.key.sign(&scene.good_claims(&begun)));
        let result = scene.finish(&begun).await;
        assert_eq!(result.is_ok(), passes, "{minutes} minutes: {result:?}");
        assert!(passes || result == Err(OidcProblem::WrongState));
    }
}

#[tokio::test]
async fn an_unknown_provider_is_told() {
    let scene = Scene::new().await;
    let result = scene.oidc.begin("other", &back()).await;
    assert_eq!(result, Err(OidcProblem::UnknownProvider));
    let begun = scene.begin().await;
    let result = scene.oidc.finish("other", &begun.kept, &begun.callback).await;
    assert_eq!(result, Err(OidcProblem::UnknownProvider));
}

#[tokio::test]
async fn a_code_that_was_used_is_refused() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    scene.give(scene.key.sign(&scene.good_claims(&begun)));
    assert!(scene.finish(&begun).await.is_ok());
    scene.provider.say(TOKEN, Say::Json(400, json!({ "error": "invalid_grant" })));
    assert_eq!(scene.finish(&begun).await, Err(OidcProblem::CodeRefused));
}

#[tokio::test]
async fn what_the_person_comes_back_with_in_place_of_a_code_is_told() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    let state = || begun.callback.state.clone();
    let with = |error: Option<&str>, code: Option<&str>| Callback {
        state: state(),
        code: code.map(str::to_owned),
        error: error.map(str::to_owned),
        iss: None,
    };
    let refused = |why: &str| OidcProblem::Refused(why.to_owned());
    for (callback, expected) in [
        (with(Some("access_denied"), None), OidcProblem::Declined),
        (with(Some("access_denied"), Some("the-code")), OidcProblem::Declined),
        (with(Some("server_error"), None), refused("server_error")),
        (with(Some("<b>\u{1b}[31m \n"), None), refused("b31m")),
        (with(None, None), refused("no code")),
        (with(None, Some("")), refused("no code")),
    ] {
        let result = scene.oidc.finish(ID, &begun.kept, &callback).await;
        assert_eq!(result, Err(expected), "{:?}", callback.error);
    }
    assert!(scene.provider.calls(TOKEN).is_empty());
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    scene.give(scene.key.sign(&scene.good_claims(&begun)));
    let with = |iss: &str| Callback { iss: Some(iss.to_owned()), ..begun.callback.clone() };
    let right = scene.provider.address.clone();
    for iss in ["", "https://evil.example", &format!("{right}/"), &right.replace("http", "https")] {
        let result = scene.oidc.finish(ID, &begun.kept, &with(iss)).await;
        assert_eq!(result, Err(OidcProblem::WrongIssuer), "{iss}");
    }
    assert!(scene.provider.calls(TOKEN).is_empty(), "no code was shown to the provider");
    assert!(scene.oidc.finish(ID, &begun.kept, &with(&right)).await.is_ok());
}

#[tokio::test]
async fn an_issuer_that_says_that_it_names_itself_must() {
    let scene = Scene::new().await;
    let mut configuration = scene.provider.configuration();
    configuration["authorization_response_iss_parameter_supported"] = json!(true);
    scene.provider.say(DISCOVERY, Say::Json(200, configuration));
    let mut begun = scene.begin().await;
    scene.give(scene.key.sign(&scene.good_claims(&begun)));
    assert_eq!(scene.finish(&begun).await, Err(OidcProblem::WrongIssuer));
    begun.callback.iss = Some(scene.provider.address.clone());
    assert!(scene.finish(&begun).await.is_ok());
}

#[tokio::test]
async fn a_proof_with_wrong_claims_proves_nothing() {
    let scene = Scene::new().await;
    let now_seconds = 1_800_000_000;
    for (changes, why) in [
        (json!({ "nonce": "another" }), "another sign-in"),
        (json!({ "nonce": null }), "another sign-in"),
        (json!({ "nonce": "" }), "another sign-in"),
        (json!({ "iss": "https://evil.example" }), "another issuer"),
        (json!({ "iss": format!("{}/", scene.provider.address) }), "another issuer"),
        (json!({ "aud": "somebody else" }), "somebody else"),
        (json!({ "aud": ["us", "somebody else"] }), "somebody else"),
        (json!({ "aud": [] }), "somebody else"),
        (json!({ "exp": now_seconds }), "expired"),
        (json!({ "exp": now_seconds - 3600 }), "expired"),
        (json!({ "sub": "" }), "subject"),
        (json!({ "sub": "a".repeat(256) }), "subject"),
    ] {
        bad_proof(scene.sign_in(changes).await, why);
    }
    for taken in ["iss", "sub", "aud", "exp", "iat"] {
        assert!(scene.sign_in(json!({ taken: null })).await.is_err(), "{taken}");
    }
    assert!(scene.sign_in(json!({ "sub": "a".repeat(255) })).await.is_ok());
}

#[tokio::test]
async fn a_proof_that_the_provider_did_not_sign_proves_nothing() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    let claims = scene.good_claims(&begun);
    let good = scene.key.sign(&claims);
    let (text, signature) = good.rsplit_once('.').expect("three parts");
    let other_claims = scene.changed_claims(&begun, json!({ "sub": "bob-1" }));
    let header = |alg: &str| json!({ "alg": alg, "kid": "one" });
    let public_key = scene.key.public().to_string();
    let tokens = [
        ("another key of the same name", Key::new("one").sign(&claims)),
        ("a key that nobody knows", Key::new("two").sign(&claims)),
        ("other claims", format!("{}.{signature}", unsigned(&header("ES256"), &other_claims))),
        ("no signature", format!("{}.", unsigned(&header("none"), &claims))),
        ("no signature, but the name of one", format!("{text}.")),
        ("none with a signature", format!("{}.{signature}", unsigned(&header("none"), &claims))),
        ("another algorithm", format!("{}.{signature}", unsigned(&header("ES384"), &claims))),
        ("our secret", by_secret(b"secret%hunter2", &json!({ "alg": "HS256" }), &claims)),
        ("the public key", by_secret(public_key.as_bytes(), &header("HS256"), &claims)),
    ];
    for (what, token) in tokens {
        scene.give(token);
        let result = scene.finish(&begun).await;
        assert!(matches!(result, Err(OidcProblem::BadProof(_))), "{what}: {result:?}");
    }
    scene.give(good);
    assert!(scene.finish(&begun).await.is_ok());
}

#[tokio::test]
async fn our_secret_signs_nobody_in_though_the_provider_would_let_it() {
    let scene = Scene::new().await;
    let mut configuration = scene.provider.configuration();
    configuration["id_token_signing_alg_values_supported"] = json!(["HS256", "none", "ES256"]);
    scene.provider.say(DISCOVERY, Say::Json(200, configuration));
    let begun = scene.begin().await;
    let claims = scene.good_claims(&begun);
    scene.give(by_secret(b"secret%hunter2", &json!({ "alg": "HS256" }), &claims));
    bad_proof(scene.finish(&begun).await, "not signed");
    scene.give(format!("{}.", unsigned(&json!({ "alg": "none" }), &claims)));
    bad_proof(scene.finish(&begun).await, "not signed");
}

#[tokio::test]
async fn keys_are_asked_for_once_an_hour_and_when_there_is_a_new_one() {
    let scene = Scene::new().await;
    let asked = || (scene.provider.calls(DISCOVERY).len(), scene.provider.calls(KEYS).len());
    for _ in 0..3 {
        assert!(scene.sign_in(json!({})).await.is_ok());
    }
    assert_eq!(asked(), (1, 1));

    let new = Key::new("two");
    scene.provider.say(KEYS, Say::Json(200, json!({ "keys": [new.public()] })));
    let begun = scene.begin().await;
    scene.give(new.sign(&scene.good_claims(&begun)));
    assert!(scene.finish(&begun).await.is_ok());
    assert_eq!(asked(), (2, 2));
    bad_proof(scene.sign_in(json!({})).await, "not signed");
    assert_eq!(asked(), (3, 3));

    scene.clock.pass(Duration::from_secs(3599));
    scene.begin().await;
    assert_eq!(asked(), (3, 3));
    scene.clock.pass(Duration::from_secs(1));
    scene.begin().await;
    assert_eq!(asked(), (4, 4));
}

#[tokio::test]
async fn many_at_once_ask_the_provider_once() {
    let scene = Scene::new().await;
    let back = back();
    let begin = || scene.oidc.begin(ID, &back);
    let (a, b, c, d) = tokio::join!(begin(), begin(), begin(), begin());
    assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok());
    assert_eq!(scene.provider.calls(DISCOVERY).len(), 1);
}

#[tokio::test]
async fn an_address_that_the_provider_has_not_seen_to_is_told_apart() {
    let scene = Scene::new().await;
    for (said, verified) in [
        (json!({ "email_verified": false }), false),
        (json!({ "email_verified": null }), false),
        (json!({ "email_verified": "false" }), false),
        (json!({ "email_verified": "true" }), true),
        (json!({ "email_verified": true }), true),
    ] {
        let claims = scene.sign_in(said.clone()).await.expect("it is good");
        assert_eq!(claims.email.as_deref(), Some("alice@example.org"));
        assert_eq!(claims.email_verified, verified, "{said}");
    }
}

#[tokio::test]
async fn what_the_proof_does_not_say_is_asked_for() {
    let scene = Scene::new().await;
    let without = || json!({ "email": null, "email_verified": null, "name": null });
    let told =
        json!({ "sub": "alice-1", "email": "a@example.org", "email_verified": true, "name": "A" });
    scene.provider.say(USER_INFO, Say::Json(200, told));
    let claims = scene.sign_in(without()).await.expect("it is good");
    assert_eq!(claims.email.as_deref(), Some("a@example.org"));
    assert_eq!((claims.email_verified, claims.name.as_deref()), (true, Some("A")));
    let [call] = &scene.provider.calls(USER_INFO)[..] else { panic!("it is asked once") };
    assert!(call.head.to_lowercase().contains("authorization: bearer the-access"), "{}", call.head);

    // What the proof says of an address that it does not name is of no address.
    let told = json!({ "sub": "alice-1", "email": "a@example.org" });
    scene.provider.say(USER_INFO, Say::Json(200, told));
    let claims = scene.sign_in(json!({ "email": null })).await.expect("it is good");
    assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("a@example.org"), false));
    scene.provider.say(USER_INFO, Say::Json(200, json!({ "sub": "alice-1" })));
    let claims = scene.sign_in(json!({ "email": null })).await.expect("it is good");
    assert_eq!((claims.email, claims.email_verified), (None, false));
}

#[tokio::test]
async fn what_is_told_of_somebody_else_is_not_taken() {
    let scene = Scene::new().await;
    let told = json!({ "sub": "bob-1", "email": "bob@example.org", "email_verified": true });
    scene.provider.say(USER_INFO, Say::Json(200, told));
    bad_proof(scene.sign_in(json!({ "email": null })).await, "another person");
    for rubbish in [
        Say::Json(200, json!({ "email": "bob@example.org" })),
        Say::Json(500, json!({})),
        Say::Text(200, "content-type: text/html\r\n", "<p>".to_owned()),
        Say::Close,
    ] {
        scene.provider.say(USER_INFO, rubbish);
        let result = scene.sign_in(json!({ "email": null })).await;
        assert!(matches!(result, Err(OidcProblem::Unavailable(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_provider_without_an_address_for_more_leaves_it_open() {
    let scene = Scene::new().await;
    let mut configuration = scene.provider.configuration();
    configuration.as_object_mut().expect("an object").remove("userinfo_endpoint");
    scene.provider.say(DISCOVERY, Say::Json(200, configuration));
    let claims = scene.sign_in(json!({ "email": null })).await.expect("it is good");
    assert_eq!((claims.email, claims.email_verified), (None, false));
}

fn rubbish() -> Vec<Say> {
    let text = |status, headers, body: &str| Say::Text(status, headers, body.to_owned());
    vec![
        Say::Close,
        text(200, "", ""),
        text(200, "content-type: application/json\r\n", "{"),
        text(200, "content-type: application/json\r\n", "\0\0"),
        text(200, "content-type: text/html\r\n", "<p>Welcome"),
        text(302, "location: http://127.0.0.1:1/\r\n", ""),
        text(503, "content-type: text/plain\r\n", "later"),
        Say::Json(200, json!({})),
        Say::Json(200, json!([])),
        Say::Json(200, json!(null)),
        Say::Json(500, json!({})),
        Say::Json(200, json!({ "padding": "x".repeat(1_000_000) })),
    ]
}

#[tokio::test]
async fn a_provider_that_talks_rubbish_of_itself_is_unavailable_and_may_recover() {
    let scene = Scene::new().await;
    for what in rubbish() {
        scene.provider.say(DISCOVERY, what);
        unavailable(scene.oidc.begin(ID, &back()).await, "");
    }
    let mut configuration = scene.provider.configuration();
    configuration["issuer"] = json!("https://evil.example");
    scene.provider.say(DISCOVERY, Say::Json(200, configuration));
    unavailable(scene.oidc.begin(ID, &back()).await, "calls itself otherwise");
    for part in ["authorization_endpoint", "jwks_uri"] {
        let mut configuration = scene.provider.configuration();
        configuration[part] = json!("http://192.0.2.1/");
        scene.provider.say(DISCOVERY, Say::Json(200, configuration));
        unavailable(scene.oidc.begin(ID, &back()).await, "not https");
    }
    scene.provider.say(DISCOVERY, Say::Json(200, scene.provider.configuration()));
    for what in rubbish() {
        scene.provider.say(KEYS, what);
        unavailable(scene.oidc.begin(ID, &back()).await, "");
    }
    scene.provider.say(KEYS, Say::Json(200, json!({ "keys": [scene.key.public()] })));
    assert!(scene.sign_in(json!({})).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_answers_a_code_with_rubbish_is_unavailable() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    for what in rubbish() {
        scene.provider.say(TOKEN, what);
        unavailable(scene.finish(&begun).await, "");
    }
    let without = json!({ "access_token": "the-access", "token_type": "Bearer" });
    scene.provider.say(TOKEN, Say::Json(200, without));
    bad_proof(scene.finish(&begun).await, "there is none");
    scene.provider.say(TOKEN, Say::Json(401, json!({ "error": "invalid_client" })));
    let refused = Err(OidcProblem::Refused("invalid_client".to_owned()));
    assert_eq!(scene.finish(&begun).await, refused);
}

#[tokio::test]
async fn secrets_go_nowhere_without_https() {
    for part in ["token_endpoint", "userinfo_endpoint"] {
        let scene = Scene::new().await;
        let mut configuration = scene.provider.configuration();
        configuration[part] = json!("http://192.0.2.1/");
        scene.provider.say(DISCOVERY, Say::Json(200, configuration));
        unavailable(scene.sign_in(json!({ "email": null })).await, "not https");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_unavailable() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    let Scene { provider, oidc, clock, .. } = scene;
    let address = provider.address.clone();
    drop(provider);
    // The port is free once the task has gone.
    while tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
    unavailable(oidc.finish(ID, &begun.kept, &begun.callback).await, "cannot be reached");
    clock.pass(Duration::from_secs(3600));
    unavailable(oidc.begin(ID, &back()).await, "cannot be reached");
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_unavailable_in_time() {
    let scene = Scene::new().await;
    let begun = scene.begin().await;
    scene.provider.say(TOKEN, Say::Nothing);
    scene.provider.say(DISCOVERY, Say::Nothing);
    // Time now passes by itself while nothing happens.
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    unavailable(scene.finish(&begun).await, "in time");
    assert_eq!(start.elapsed().as_secs(), 10);
    scene.clock.pass(Duration::from_secs(3600));
    unavailable(scene.oidc.begin(ID, &back()).await, "in time");
    assert!(start.elapsed().as_secs() <= 20, "{:?}", start.elapsed());
}

#[tokio::test]
async fn nothing_that_must_stay_secret_is_shown() {
    let scene = Scene::new().await;
    let begun = scene.oidc.begin(ID, &back()).await.expect("it begins");
    let shown = format!("{begun:?} {:?}", scene.begin().await.callback);
    assert!(!shown.contains("verifier") && !shown.contains("the-code"), "{shown}");
}

/// As a handler of a server needs it.
#[test]
fn both_steps_can_move_between_threads() {
    fn moves<T: Send>(_: impl Fn() -> T) {}
    fn both(oidc: &formhold_identity::oidc::Oidc, callback: &Callback, url: &Url) {
        moves(|| oidc.begin("", url));
        moves(|| oidc.finish("", "", callback));
    }
    let _ = both;
}
