//! Slack, Discord, Telegram and ntfy: what they are sent, and what their answers mean.

use std::time::Duration;

use formhold_channels::{Event, Message, Outcome};
use formhold_domain::Language;
use serde_json::{Value, json};

use crate::support::{Server, message, send};

/// What each chat is told to use a server, and the path that it calls.
fn chats(url: &str) -> [(&'static str, Value, &'static str); 4] {
    let hook = format!("{url}/hook/secret");
    [
        ("slack", json!({ "webhook_url": hook }), "/hook/secret"),
        ("discord", json!({ "webhook_url": hook }), "/hook/secret"),
        (
            "telegram",
            json!({ "api_url": url, "bot_token": "123:A-b_c", "chat_id": "-1001" }),
            "/bot123:A-b_c/sendMessage",
        ),
        ("ntfy", json!({ "server_url": url, "topic": "forms" }), "/"),
    ]
}

async fn sent(name: &str, message: &Message) -> Value {
    let server = Server::answering(&["200 OK\n\nok"]).await;
    let found = chats(&server.url).into_iter().find(|(known, ..)| *known == name);
    let (_, given, _) = found.expect("it is one of them");
    assert_eq!(send(name, &given, message).await.outcome, Outcome::Delivered);
    server.seen().remove(0).json()
}

#[tokio::test]
async fn every_chat_is_called_where_it_should_be() {
    let server = Server::answering(&["200 OK\n\nok"]).await;
    for (index, (name, given, path)) in chats(&server.url).into_iter().enumerate() {
        let report = send(name, &given, &message()).await;
        assert_eq!(report.outcome, Outcome::Delivered, "{name}");
        let seen = &server.seen()[index];
        assert_eq!(seen.line, format!("POST {path} HTTP/1.1"), "{name}");
        assert_eq!(seen.header("content-type"), "application/json", "{name}");
    }
}

#[tokio::test]
async fn what_a_chat_refuses_for_good_ends_the_channel_and_the_rest_is_tried_again() {
    let retry = |seconds: Option<u64>| Outcome::Retry { after: seconds.map(Duration::from_secs) };
    let table = [
        ("400 Bad", Outcome::Failed { permanent: false }),
        ("302 Found\nLocation: http://127.0.0.1:1/", Outcome::Failed { permanent: false }),
        ("401 Unauthorized", Outcome::Failed { permanent: true }),
        ("403 Forbidden", Outcome::Failed { permanent: true }),
        ("404 Not Found", Outcome::Failed { permanent: true }),
        ("410 Gone", Outcome::Failed { permanent: true }),
        ("429 Slow\nRetry-After: 7", retry(Some(7))),
        ("500 Oops", retry(None)),
        ("503 Later\nRetry-After: 60", retry(Some(60))),
    ];
    for (answer, outcome) in table {
        let server = Server::answering(&[answer]).await;
        for (name, given, _) in chats(&server.url) {
            let report = send(name, &given, &message()).await;
            assert_eq!(report.outcome, outcome, "{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn telegram_says_in_the_body_how_long_to_wait() {
    let body = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":35}}"#;
    let server = Server::answering(&[&format!("429 Too Many Requests\n\n{body}")]).await;
    let given = json!({ "api_url": server.url, "bot_token": "1:x", "chat_id": "@forms" });
    let report = send("telegram", &given, &message()).await;
    assert_eq!(report.outcome, Outcome::Retry { after: Some(Duration::from_secs(35)) });
}

#[tokio::test]
async fn a_token_of_telegram_cannot_lead_to_another_method() {
    let server = Server::answering(&["200 OK"]).await;
    for token in ["1:x/../../other", "1:x/getMe?", "1:x#", "../../other"] {
        let given = json!({ "api_url": server.url, "bot_token": token, "chat_id": "1" });
        send("telegram", &given, &message()).await;
    }
    for seen in server.seen() {
        assert!(seen.line.ends_with("/sendMessage HTTP/1.1"), "{}", seen.line);
        assert_eq!(seen.line.matches('/').count(), 3, "{}", seen.line);
    }
    assert_eq!(server.seen().len(), 4);
}

/// A submission that wants to be more than text.
fn hostile() -> Message {
    let mut message = message();
    message.form.name = "Contact <!channel> @everyone\n*bold*".to_owned();
    message.answers[0].label = "[click](https://evil.example)".to_owned();
    message.answers[0].values = vec!["<https://evil.example|bank> & @here `x` <@U1>".to_owned()];
    message
}

#[tokio::test]
async fn in_slack_nothing_that_was_submitted_is_a_mention_or_a_link() {
    let body = sent("slack", &hostile()).await;
    assert_eq!(body["blocks"][0]["text"]["type"], "plain_text");
    assert_eq!(body["blocks"][1]["text"]["type"], "plain_text");
    let text = body["text"].as_str().expect("text");
    assert!(!text.contains(['<', '>']) && text.contains("&lt;!channel&gt;"), "{text}");
    let link = &body["blocks"][2]["text"];
    assert_eq!(link["type"], "mrkdwn");
    let expected = "<https://forms.example.org/admin/submissions/2|Open the submission>";
    assert_eq!(link["text"], expected);
}

#[tokio::test]
async fn in_discord_nothing_that_was_submitted_is_markdown_or_a_mention() {
    let body = sent("discord", &hostile()).await;
    assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
    let embed = &body["embeds"][0];
    let text = embed["description"].as_str().expect("text");
    assert!(text.starts_with(r"\[click\](https://evil.example): \<https://evil.example\|bank\>"));
    assert!(embed["title"].as_str().expect("text").contains(r"\*bold\*"));
    assert_eq!(embed["timestamp"], "2026-09-21T14:13:20.123Z");
}

#[tokio::test]
async fn in_telegram_a_text_is_a_text() {
    let body = sent("telegram", &hostile()).await;
    assert_eq!(body.get("parse_mode"), None);
    assert!(body["text"].as_str().expect("text").contains("<https://evil.example|bank>"));
    assert_eq!(body["chat_id"], "-1001");
}

#[tokio::test]
async fn long_submissions_fit_into_what_each_chat_takes() {
    let mut message = message();
    message.form.name = "ä".repeat(1000);
    message.answers[0].values = vec!["*ö👩‍👩‍👧\n".repeat(100_000)];
    let characters = |text: &Value| text.as_str().expect("text").chars().count();
    let slack = sent("slack", &message).await;
    assert!(characters(&slack["blocks"][0]["text"]["text"]) <= 150);
    assert!(characters(&slack["blocks"][1]["text"]["text"]) <= 3000);
    let discord = sent("discord", &message).await;
    assert!(characters(&discord["embeds"][0]["title"]) <= 256);
    assert!(characters(&discord["embeds"][0]["description"]) <= 4096);
    let telegram = sent("telegram", &message).await;
    assert!(characters(&telegram["text"]) <= 4096);
    assert!(telegram["text"].as_str().expect("text").ends_with("/admin/submissions/2"));
    let ntfy = sent("ntfy", &message).await;
    assert!(ntfy["message"].as_str().expect("text").len() <= 4096);
}

#[tokio::test]
async fn ntfy_gets_title_priority_link_and_token() {
    let server = Server::answering(&["200 OK\n\n{}"]).await;
    let given = json!({
        "server_url": server.url, "topic": "forms", "access_token": "tk_x", "priority": "high",
    });
    send("ntfy", &given, &message()).await;
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("authorization"), "Bearer tk_x");
    assert_eq!(
        seen.json(),
        json!({
            "topic": "forms",
            "title": "New submission: Contact",
            "message": "Your name: Ada\nColours: red, green\nFiles: plan.pdf",
            "priority": 4,
            "click": "https://forms.example.org/admin/submissions/2",
        })
    );
}

#[tokio::test]
async fn a_test_says_that_it_is_one_and_german_is_spoken() {
    let mut message = message();
    message.event = Event::Test;
    message.language = Language::parse("de").expect("German");
    let body = sent("ntfy", &message).await;
    assert_eq!(body["title"], "Test: Neue Einsendung: Contact");
}
