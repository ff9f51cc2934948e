//! What channels are told: checked by their fields, kept, changed and shown.

use formhold_channels::{ALL, Config, ConfigProblem};
use formhold_domain::{RandomIds, Secret};
use serde_json::{Map, Value, json};

use crate::support::channel;

fn parse(
    name: &str,
    given: &Value,
    previous: Option<&Config>,
) -> Result<Config, Vec<ConfigProblem>> {
    let given: &Map<_, _> = given.as_object().expect("an object");
    Config::parse(channel(name).about(), given, previous)
}

fn problem(name: &str, given: &Value) -> (String, String) {
    let mut problems = parse(name, given, None).expect_err("it is wrong");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let ConfigProblem { field, message } = problems.remove(0);
    (field, message)
}

#[test]
fn every_channel_and_field_has_a_name_of_its_own_and_explains_itself() {
    let mut names = Vec::new();
    for about in ALL.iter().map(|channel| channel.about()) {
        assert!(!names.contains(&about.name), "{}", about.name);
        names.push(about.name);
        assert!(about.description.ends_with('.'), "{}", about.name);
        for (index, field) in about.fields.iter().enumerate() {
            assert!(!field.label.is_empty() && field.help.ends_with('.'), "{}", field.name);
            let plain = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(field.name.chars().all(plain), "{}", field.name);
            assert!(about.fields[..index].iter().all(|other| other.name != field.name));
        }
    }
}

#[test]
fn each_wrong_value_is_told_with_its_field() {
    let hook = "https://example.org/hook";
    let table = [
        ("webhook", json!({}), "url", "must be given"),
        ("webhook", json!({ "url": "" }), "url", "must be given"),
        ("webhook", json!({ "url": 7 }), "url", "must be text"),
        ("webhook", json!({ "url": "ftp://x" }), "url", "must begin with https:// or http://"),
        ("webhook", json!({ "url": hook, "format": "xml" }), "format", "must be one of json, form"),
        ("webhook", json!({ "url": hook, "color": 1 }), "color", "is no field of Webhook"),
        (
            "webhook",
            json!({ "url": hook, "old_secret": "x" }),
            "old_secret",
            "is no field of Webhook",
        ),
        (
            "webhook",
            json!({ "url": hook, "secret": "short" }),
            "secret",
            "must be `whsec_` and 24 to 64 bytes in base64",
        ),
        ("email", json!({ "to": [] }), "to", "must be given"),
        ("email", json!({ "to": [1] }), "to", "must be a list of mail addresses"),
        (
            "email",
            json!({ "to": "a@example.org\r\nBcc: b@example.org" }),
            "to",
            "must be a mail address like name@example.org: Bcc: b@example.org",
        ),
        (
            "email",
            json!({ "to": "a@example.org", "attach_files": "perhaps" }),
            "attach_files",
            "must be true or false",
        ),
        (
            "email",
            json!({ "to": "a@example.org", "html": "<p>\n{% if %}" }),
            "html",
            "is wrong in line 2 of the html: unexpected end of block",
        ),
        (
            "telegram",
            json!({ "bot_token": "1:x", "chat_id": "1\n2" }),
            "chat_id",
            "must be one line",
        ),
        ("ntfy", json!({ "topic": "x".repeat(65) }), "topic", "must have at most 64 bytes"),
    ];
    for (name, given, field, message) in table {
        assert_eq!(problem(name, &given), (field.to_owned(), message.to_owned()), "{given}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let given = json!({ "priority": "loud", "server_url": "nowhere", "x": 1 });
    let problems = parse("ntfy", &given, None).expect_err("it is wrong");
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["x", "server_url", "priority", "topic"]);
}

#[test]
fn a_form_and_the_api_say_the_same() {
    let by_form = json!({
        "to": " Ada@example.org, bob@example.org\nada@example.org ", "attach_files": "on",
        "subject": "",
    });
    let by_api = json!({ "to": ["Ada@example.org", "bob@example.org"], "attach_files": true, "subject": null });
    assert_eq!(parse("email", &by_form, None), parse("email", &by_api, None));
    assert!(parse("email", &by_form, None).is_ok());
}

#[test]
fn a_secret_is_kept_until_it_is_given_anew_or_the_address_changes() {
    let first = json!({
        "topic": "forms", "server_url": "https://ntfy.example.org/", "access_token": "tk_1",
    });
    let first = parse("ntfy", &first, None).expect("it is good");
    let change = |given: Value| parse("ntfy", &given, Some(&first)).expect("it is good");
    let server = "https://ntfy.example.org/";
    let kept = change(json!({ "topic": "other", "server_url": server }));
    assert_eq!((kept.text("topic"), kept.text("access_token")), ("other", "tk_1"));
    let masked = json!({ "topic": "forms", "server_url": server, "access_token": Secret::MASK });
    assert_eq!(change(masked).text("access_token"), "tk_1");
    let renewed = json!({ "topic": "forms", "server_url": server, "access_token": "tk_2" });
    assert_eq!(change(renewed).text("access_token"), "tk_2");
    for elsewhere in [
        json!({ "topic": "forms", "server_url": "https://evil.example/" }),
        json!({ "topic": "forms", "server_url": "https://ntfy.example.org:8443/" }),
        json!({ "topic": "forms", "server_url": "http://ntfy.example.org/" }),
        json!({ "topic": "forms" }),
        json!({ "topic": "forms", "server_url": "https://evil.example/", "access_token": "***" }),
    ] {
        assert_eq!(change(elsewhere.clone()).text("access_token"), "", "{elsewhere}");
    }
}

#[test]
fn a_secret_that_is_needed_is_asked_for_again_when_the_address_changes() {
    let first = json!({ "bot_token": "1:x", "chat_id": "1" });
    let first = parse("telegram", &first, None).expect("it is good");
    let moved = json!({ "chat_id": "1", "api_url": "https://evil.example/" });
    let problems = parse("telegram", &moved, Some(&first)).expect_err("it asks");
    assert_eq!(problems[0].field, "bot_token");
    assert_eq!(problems[0].message, "must be given, as the address is another");
}

#[test]
fn a_webhook_gets_a_secret_of_its_own_and_another_one_at_another_address() {
    let make = |url: &str, previous: Option<&Config>| {
        let mut config = parse("webhook", &json!({ "url": url }), previous).expect("it is good");
        channel("webhook").complete(&mut config, &RandomIds);
        config
    };
    let first = make("https://example.org/hook", None);
    assert!(first.text("secret").starts_with("whsec_"));
    let same = make("https://example.org/hook", Some(&first));
    assert_eq!(same, first);
    let moved = make("https://example.com/hook", Some(&first));
    assert_ne!(moved.text("secret"), first.text("secret"));
}

#[test]
fn secrets_are_not_shown_and_not_logged() {
    let given = json!({ "webhook_url": "https://hooks.slack.com/services/T0/B0/key" });
    let config = parse("slack", &given, None).expect("it is good");
    let shown = Value::Object(config.shown(channel("slack").about()));
    assert_eq!(shown, json!({ "webhook_url": "***" }));
    assert!(!format!("{config:?}").contains("key"));
    // Stored it is whole.
    let stored = serde_json::to_string(&config).expect("JSON");
    assert_eq!(serde_json::from_str::<Config>(&stored).expect("JSON"), config);
    assert!(stored.contains("key"));
}

#[test]
fn the_schema_has_each_field_with_its_type() {
    let schema = channel("webhook").about().schema();
    assert_eq!(schema["required"], json!(["url"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["format"]["enum"], json!(["json", "form"]));
    assert_eq!(schema["properties"]["secret"]["writeOnly"], true);
    assert_eq!(schema["properties"]["old_secret"]["readOnly"], true);
    assert_eq!(channel("email").about().schema()["properties"]["to"]["maxItems"], 20);
}
