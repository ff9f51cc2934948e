//! What the vendors' verifiers may say, and what comes of it.

mod support;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use formhold_captcha::{Answer, ContentSecurity, FailureCode, Kind, Settings, Verdict};
use formhold_domain::CaptchaAnswer;
use serde_json::{Value, json};
use support::{
    fake::{Fake, Say},
    scene::{Scene, answer, form},
};

const VENDORS: [&str; 4] = ["hcaptcha", "recaptcha_v2", "recaptcha_v3", "turnstile"];

/// Settings in which all vendors are asked at one address.
fn settings(verify_url: &str) -> Settings {
    let mut table = toml::Table::try_from(Settings::default()).expect("a table");
    for vendor in VENDORS {
        table.insert(format!("{vendor}_site_key"), format!("site-{vendor}").into());
        table.insert(format!("{vendor}_secret"), format!("hidden-{vendor}").into());
        table.insert(format!("{vendor}_verify_url"), verify_url.into());
    }
    let settings: Settings = table.try_into().expect("settings");
    assert_eq!(settings.problems(), []);
    settings
}

/// What a vendor says to an answer that is good in every way.
fn yes(vendor: &str) -> Value {
    let mut reply = json!({
        "success": true,
        "challenge_ts": "2026-06-01T12:00:00Z",
        "hostname": "www.example.org",
        "error-codes": [],
    });
    if vendor == "recaptcha_v3" {
        reply["score"] = json!(0.7);
        reply["action"] = json!("submit");
    }
    if vendor == "turnstile" {
        reply["action"] = json!("");
        reply["cdata"] = json!(form(1).to_string());
        reply["metadata"] = json!({ "interactive": false });
    }
    reply
}

fn yes_but(vendor: &str, changes: Value) -> Value {
    let mut reply = yes(vendor);
    for (key, value) in changes.as_object().expect("an object") {
        reply[key] = value.clone();
    }
    reply
}

async fn ask(vendor: &str, fake: &Fake, answer: Answer<'_>) -> Verdict {
    let scene = Scene::new(&settings(&fake.address));
    scene.captchas.provider(vendor).expect("it is configured").verify(&answer).await
}

fn code(verdict: &Verdict) -> FailureCode {
    match verdict {
        Verdict::Failed { code, reason } => {
            assert!(!reason.contains("hidden-"), "{reason}");
            *code
        }
        other => panic!("{other:?}"),
    }
}

fn why_unverifiable(verdict: Verdict) -> String {
    match verdict {
        Verdict::Unverifiable { reason } => {
            assert!(!reason.contains("hidden-"), "{reason}");
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_yes_passes_and_the_vendor_was_asked_by_a_form_post() {
    for vendor in VENDORS {
        let fake = Fake::saying(yes(vendor)).await;
        let client: IpAddr = "2001:db8::7".parse().expect("an address");
        let token = "03AGdBq25_-.~+/=token";
        let verdict = ask(vendor, &fake, Answer { client: Some(client), ..answer(token) }).await;
        let score = (vendor == "recaptcha_v3").then_some(0.7);
        assert_eq!(verdict, Verdict::Passed { score, replay_key: None }, "{vendor}");

        let [call] = &fake.calls()[..] else { panic!("{vendor} is asked once") };
        assert!(call.head.starts_with("post /siteverify http/1.1"), "{}", call.head);
        assert!(call.head.contains("content-type: application/x-www-form-urlencoded"));
        let mut expected = vec![
            ("remoteip".to_owned(), "2001:db8::7".to_owned()),
            ("response".to_owned(), token.to_owned()),
            ("secret".to_owned(), format!("hidden-{vendor}")),
        ];
        if vendor == "hcaptcha" {
            expected.push(("sitekey".to_owned(), "site-hcaptcha".to_owned()));
        }
        assert_eq!(call.form, expected.into_iter().collect(), "{vendor}");
    }
}

#[tokio::test]
async fn without_a_client_address_none_is_told() {
    let fake = Fake::saying(yes("turnstile")).await;
    let verdict = ask("turnstile", &fake, answer("token")).await;
    assert!(matches!(verdict, Verdict::Passed { .. }), "{verdict:?}");
    assert!(!fake.calls()[0].form.contains_key("remoteip"));
}

#[tokio::test]
async fn a_no_fails_whatever_its_status_is() {
    for vendor in VENDORS {
        for status in ["200 OK", "400 Bad Request"] {
            for codes in [json!(["invalid-input-response"]), json!([]), json!(null)] {
                let body = json!({ "success": false, "error-codes": codes }).to_string();
                let fake = Fake::start(Say::Answer(status, body)).await;
                let verdict = ask(vendor, &fake, answer("token")).await;
                assert_eq!(code(&verdict), FailureCode::Refused, "{vendor} {status}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_was_used_before_fails() {
    for (vendor, said) in [
        ("hcaptcha", "already-seen-response"),
        ("hcaptcha", "expired-input-response"),
        ("recaptcha_v2", "timeout-or-duplicate"),
        ("recaptcha_v3", "timeout-or-duplicate"),
        ("turnstile", "timeout-or-duplicate"),
    ] {
        let fake = Fake::saying(json!({ "success": false, "error-codes": [said] })).await;
        let verdict = ask(vendor, &fake, answer("token")).await;
        assert_eq!(code(&verdict), FailureCode::Duplicate, "{vendor}");
    }
}

#[tokio::test]
async fn a_secret_of_ours_that_is_wrong_is_not_the_visitors_fault() {
    for vendor in VENDORS {
        for said in ["invalid-input-secret", "missing-input-secret", "internal-error"] {
            let fake = Fake::saying(json!({ "success": false, "error-codes": [said] })).await;
            why_unverifiable(ask(vendor, &fake, answer("token")).await);
        }
    }
}

#[tokio::test]
async fn no_code_that_a_visitor_can_bring_about_makes_an_answer_unverifiable() {
    for vendor in VENDORS {
        for said in [
            "bad-request",
            "invalid-input-response",
            "missing-input-response",
            "sitekey-secret-mismatch",
            "not-using-dummy-passcode",
            "something-new",
        ] {
            let fake = Fake::saying(json!({ "success": false, "error-codes": [said] })).await;
            let verdict = ask(vendor, &fake, answer("token")).await;
            assert_eq!(code(&verdict), FailureCode::Refused, "{vendor} {said}");
        }
    }
}

#[tokio::test]
async fn an_answer_given_on_another_host_fails() {
    let allowed = ["example.org".to_owned(), "*.example.org".to_owned()];
    for vendor in VENDORS {
        for (host, passes) in [
            ("www.example.org", true),
            ("example.org", true),
            ("evil.example", false),
            ("www.example.org.evil.example", false),
            ("evilexample.org", false),
        ] {
            let fake = Fake::saying(yes_but(vendor, json!({ "hostname": host }))).await;
            let verdict = ask(vendor, &fake, Answer { hosts: &allowed, ..answer("token") }).await;
            if passes {
                assert!(matches!(verdict, Verdict::Passed { .. }), "{vendor} {host} {verdict:?}");
            } else {
                assert_eq!(code(&verdict), FailureCode::WrongHost, "{vendor} {host}");
            }
        }
    }
}

#[tokio::test]
async fn hosts_of_the_settings_count_for_every_form() {
    let fake = Fake::saying(yes("turnstile")).await;
    for (allowed, passes) in [("www.example.org", true), ("other.example", false)] {
        let mut settings = settings(&fake.address);
        settings.allowed_hosts = vec![allowed.to_owned()];
        let scene = Scene::new(&settings);
        let provider = scene.captchas.provider("turnstile").expect("it is configured");
        let verdict = provider.verify(&answer("token")).await;
        assert_eq!(matches!(verdict, Verdict::Passed { .. }), passes, "{verdict:?}");
    }
}

#[tokio::test]
async fn a_vendor_that_always_names_the_host_must_do_so() {
    let allowed = ["example.org".to_owned()];
    for (vendor, passes) in [("turnstile", false), ("hcaptcha", true), ("recaptcha_v2", true)] {
        let fake = Fake::saying(yes_but(vendor, json!({ "hostname": null }))).await;
        let verdict = ask(vendor, &fake, Answer { hosts: &allowed, ..answer("token") }).await;
        assert_eq!(matches!(verdict, Verdict::Passed { .. }), passes, "{vendor} {verdict:?}");
    }
}

#[tokio::test]
async fn a_low_score_and_another_action_fail() {
    for (changes, expected) in [
        (json!({ "score": 0.4 }), FailureCode::LowScore),
        (json!({ "score": 0 }), FailureCode::LowScore),
        (json!({ "action": "login" }), FailureCode::WrongAction),
        (json!({ "action": null }), FailureCode::WrongAction),
    ] {
        let fake = Fake::saying(yes_but("recaptcha_v3", changes)).await;
        let verdict = ask("recaptcha_v3", &fake, answer("token")).await;
        assert_eq!(code(&verdict), expected);
    }
    let fake = Fake::saying(yes_but("recaptcha_v3", json!({ "score": 0.5 }))).await;
    let verdict = ask("recaptcha_v3", &fake, answer("token")).await;
    assert_eq!(verdict, Verdict::Passed { score: Some(0.5), replay_key: None });
}

#[tokio::test]
async fn keys_of_the_other_version_of_recaptcha_are_told() {
    let fake = Fake::saying(yes_but("recaptcha_v2", json!({ "score": 0.1 }))).await;
    let reason = why_unverifiable(ask("recaptcha_v2", &fake, answer("token")).await);
    assert!(reason.contains("version 3"), "{reason}");
    let fake = Fake::saying(yes("recaptcha_v2")).await;
    let reason = why_unverifiable(ask("recaptcha_v3", &fake, answer("token")).await);
    assert!(reason.contains("not of reCAPTCHA version 3"), "{reason}");
}

#[tokio::test]
async fn an_answer_that_turnstile_ties_to_another_form_fails() {
    let other = form(2).to_string();
    let fake = Fake::saying(yes_but("turnstile", json!({ "cdata": other }))).await;
    assert_eq!(code(&ask("turnstile", &fake, answer("token")).await), FailureCode::OtherForm);
    for cdata in [json!(null), json!(""), json!("something of the site's own")] {
        let fake = Fake::saying(yes_but("turnstile", json!({ "cdata": cdata }))).await;
        let verdict = ask("turnstile", &fake, answer("token")).await;
        assert!(matches!(verdict, Verdict::Passed { .. }), "{verdict:?}");
    }
}

#[tokio::test]
async fn errors_and_nonsense_of_the_verifier_are_unverifiable() {
    for vendor in VENDORS {
        let good = yes(vendor).to_string();
        for (status, body) in [
            ("500 Internal Server Error", good.clone()),
            ("503 Service Unavailable", good.clone()),
            ("429 Too Many Requests", good.clone()),
            ("200 OK", "<html>Sign in to the hotel's network</html>".to_owned()),
            ("200 OK", String::new()),
            ("200 OK", "[]".to_owned()),
            ("200 OK", "{}".to_owned()),
            ("200 OK", "{\"success\": \"true\"}".to_owned()),
            ("403 Forbidden", "no".to_owned()),
        ] {
            let fake = Fake::start(Say::Answer(status, body.clone())).await;
            why_unverifiable(ask(vendor, &fake, answer("token")).await);
        }
        let fake = Fake::start(Say::Endless).await;
        let reason = why_unverifiable(ask(vendor, &fake, answer("token")).await);
        assert!(reason.contains("larger than 65536 bytes"), "{reason}");
    }
}

#[tokio::test]
async fn a_redirect_of_the_verifier_is_not_followed() {
    let elsewhere = Fake::saying(yes("turnstile")).await;
    let fake = Fake::start(Say::Redirect(elsewhere.address.clone())).await;
    let reason = why_unverifiable(ask("turnstile", &fake, answer("token")).await);
    assert!(reason.contains("307"), "{reason}");
    assert_eq!(elsewhere.calls(), []);
}

#[tokio::test]
async fn a_verifier_that_says_nothing_is_given_up_at_the_limit() {
    let fake = Fake::start(Say::Nothing).await;
    let mut settings = settings(&fake.address);
    settings.timeout_ms = 300;
    let scene = Scene::new(&settings);
    let started = Instant::now();
    for vendor in VENDORS {
        let provider = scene.captchas.provider(vendor).expect("it is configured");
        let reason = why_unverifiable(provider.verify(&answer("token")).await);
        assert!(reason.contains("did not answer in time"), "{reason}");
    }
    let elapsed = started.elapsed();
    assert!(
        (Duration::from_millis(1200)..Duration::from_secs(6)).contains(&elapsed),
        "{elapsed:?}"
    );
}

#[tokio::test]
async fn a_verifier_that_is_not_there_is_unverifiable() {
    // Nothing listens on the port of a server that has ended.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}/", free.local_addr().expect("an address"));
    drop(free);
    let scene = Scene::new(&settings(&address));
    let provider = scene.captchas.provider("hcaptcha").expect("it is configured");
    let reason = why_unverifiable(provider.verify(&answer("token")).await);
    assert!(reason.contains("hCaptcha cannot be reached"), "{reason}");
}

#[tokio::test]
async fn what_cannot_be_an_answer_is_not_sent_to_the_vendor() {
    let fake = Fake::saying(yes("hcaptcha")).await;
    let long = "x".repeat(8193);
    for (token, expected) in [
        ("", FailureCode::Missing),
        (long.as_str(), FailureCode::TooLong),
        ("a b", FailureCode::Malformed),
        ("a\r\nb", FailureCode::Malformed),
        ("ä", FailureCode::Malformed),
        ("a\0", FailureCode::Malformed),
    ] {
        assert_eq!(code(&ask("hcaptcha", &fake, answer(token)).await), expected);
    }
    assert_eq!(fake.calls(), []);
}

#[test]
fn the_answer_in_another_vendors_field_is_none() {
    let given: Vec<CaptchaAnswer> = [
        ("g-recaptcha-response", "of google"),
        ("h-captcha-response", "  "),
        ("cf-turnstile-response", ""),
        ("cf_turnstile_response", " of cloudflare "),
        ("altcha", "of ours"),
    ]
    .into_iter()
    .map(|(field, token)| CaptchaAnswer { field: field.to_owned(), token: token.to_owned() })
    .collect();
    for (name, expected) in [
        ("hcaptcha", None),
        ("recaptcha_v2", Some("of google")),
        ("recaptcha_v3", Some("of google")),
        ("turnstile", Some("of cloudflare")),
        ("altcha", Some("of ours")),
    ] {
        assert_eq!(Kind::named(name).expect("a kind").answer_in(&given), expected, "{name}");
    }
}

#[test]
fn a_vendor_without_keys_is_not_there_and_ours_always_is() {
    let scene = Scene::new(&Settings::default());
    for vendor in VENDORS {
        assert!(scene.captchas.provider(vendor).is_none(), "{vendor}");
    }
    assert!(scene.captchas.provider("altcha").is_some());
    assert!(scene.captchas.provider("").is_none());
    let all = Scene::new(&settings("http://127.0.0.1:1/"));
    assert_eq!(all.captchas.providers().count(), VENDORS.len() + 1);
}

#[test]
fn widgets_name_the_site_key_and_never_the_secret() {
    let scene = Scene::new(&settings("http://127.0.0.1:1/"));
    for vendor in VENDORS {
        let widget = scene.captchas.provider(vendor).expect("it is there").widget(form(1));
        let key = format!("site-{vendor}");
        assert_eq!(widget.site_key.as_deref(), Some(key.as_str()));
        assert!(widget.attributes.contains(&("data-sitekey", key)));
        let script = widget.script_url.clone().expect("vendors have scripts");
        let policy = widget.content_security;
        let allowed = policy.script.iter().any(|source| {
            let suffix = source.strip_prefix("https://*.");
            script.starts_with(source)
                || suffix.is_some_and(|host| script.contains(&format!(".{host}/")))
        });
        assert!(allowed && !policy.frame.is_empty(), "{vendor}: {script} by {policy:?}");
        assert!(!format!("{widget:?}{:?}", scene.captchas).contains("hidden-"));
    }
    let own = scene.captchas.provider("altcha").expect("it is there").widget(form(1));
    assert_eq!((own.script_url, own.content_security), (None, ContentSecurity::default()));
}

#[test]
fn where_recaptcha_net_is_asked_visitors_load_from_there() {
    let scene = Scene::new(&settings("https://www.recaptcha.net/recaptcha/api/siteverify"));
    for (name, script) in [
        ("recaptcha_v2", "https://www.recaptcha.net/recaptcha/api.js"),
        ("recaptcha_v3", "https://www.recaptcha.net/recaptcha/api.js?render=site-recaptcha_v3"),
    ] {
        let widget = scene.captchas.provider(name).expect("it is there").widget(form(1));
        assert_eq!(widget.script_url.as_deref(), Some(script));
        let hosts = widget.content_security.script.join(" ");
        assert!(hosts.contains("recaptcha.net") && !hosts.contains("google.com"), "{hosts}");
    }
}
