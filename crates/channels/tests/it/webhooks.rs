//! Webhooks: what is sent, signed with what, and what each answer means.

use std::time::Duration;

use formhold_channels::{Outcome, Problem, mail::Settings, rotate_secret};
use formhold_domain::RandomIds;
use formhold_outbound::Failure;
use serde_json::json;

use crate::support::{NOW_MS, Server, config, message, send, send_with, tools, tools_at};

#[tokio::test]
async fn a_webhook_is_json_with_type_timestamp_and_data() {
    let server = Server::answering(&["200 OK\n\nthanks"]).await;
    let report = send("webhook", &json!({ "url": server.url }), &message()).await;
    assert_eq!((report.outcome, report.status), (Outcome::Delivered, Some(200)));
    assert_eq!((report.answer.as_str(), report.problem), ("thanks", None));
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("content-type"), "application/json");
    let body = seen.json();
    assert_eq!(body["type"], "submission.created");
    assert_eq!(body["timestamp"], "2026-09-21T14:13:20.123Z");
    assert_eq!(body["data"]["fields"], json!({ "name": "Ada", "colours": ["red", "green"] }));
    assert_eq!(body["data"]["form"]["key"], "abcdefghij");
    assert_eq!(body["data"]["files"][0]["name"], "plan.pdf");
}

#[tokio::test]
async fn a_webhook_can_be_pairs_as_a_form_sends_them() {
    let server = Server::answering(&["204 No Content"]).await;
    let mut message = message();
    message.answers[0].name = "_event".to_owned();
    message.answers[0].values = vec!["a&b=c".to_owned()];
    let given = json!({ "url": server.url, "format": "form" });
    assert_eq!(send("webhook", &given, &message).await.outcome, Outcome::Delivered);
    let seen = server.seen().remove(0);
    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    let pairs: Vec<_> = url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
    let values = |name: &str| {
        let found = pairs.iter().filter(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(values("_event"), ["submission.created"], "no answer takes our names");
    assert_eq!(values("__event"), ["a&b=c"]);
    assert_eq!(values("colours"), ["red", "green"]);
    assert_eq!(values("plan"), ["plan.pdf"]);
}

#[tokio::test]
async fn id_and_body_stay_the_same_over_tries_and_the_timestamp_is_that_of_the_try() {
    let server = Server::answering(&["500 Oops", "200 OK"]).await;
    let config = config("webhook", &json!({ "url": server.url }));
    let later = NOW_MS + 5_000;
    for (now_ms, outcome) in [(NOW_MS, Outcome::Retry { after: None }), (later, Outcome::Delivered)]
    {
        let tools = tools_at(&Settings::default(), now_ms);
        assert_eq!(send_with(&tools, "webhook", &config, &message()).await.outcome, outcome);
    }
    let seen = server.seen();
    assert_eq!(seen[0].header("webhook-id"), "msg_00000000000000000000000000000007");
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(seen[0].header("webhook-timestamp"), "1790000000");
    assert_eq!(seen[1].header("webhook-timestamp"), "1790000005");
    assert_ne!(seen[0].header("webhook-signature"), seen[1].header("webhook-signature"));
}

#[tokio::test]
async fn after_a_change_both_secrets_sign_for_a_day() {
    let server = Server::answering(&["200 OK"]).await;
    let mut config = config("webhook", &json!({ "url": server.url }));
    let first = config.text("secret").to_owned();
    rotate_secret(&mut config, &RandomIds, NOW_MS);
    assert_ne!(config.text("secret"), first);
    assert_eq!(config.text("old_secret"), first);
    let day_ms = 24 * 60 * 60 * 1000;
    for (now_ms, signatures) in [(NOW_MS, 2), (NOW_MS + day_ms - 1, 2), (NOW_MS + day_ms, 1)] {
        let tools = tools_at(&Settings::default(), now_ms);
        send_with(&tools, "webhook", &config, &message()).await;
        let seen = server.seen().pop().expect("a call");
        let header = seen.header("webhook-signature").to_owned();
        assert_eq!(header.matches("v1,").count(), signatures, "{header}");
    }
}

#[tokio::test]
async fn each_answer_means_what_the_standard_says() {
    let retry = |seconds: Option<u64>| Outcome::Retry { after: seconds.map(Duration::from_secs) };
    let gone = Outcome::Failed { permanent: true };
    let table = [
        ("200 OK", Outcome::Delivered),
        ("202 Accepted", Outcome::Delivered),
        ("299 Odd", Outcome::Delivered),
        ("301 Moved\nLocation: http://127.0.0.1:1/", retry(None)),
        ("302 Found\nLocation: http://127.0.0.1:1/", retry(None)),
        ("400 Bad", retry(None)),
        ("401 No", retry(None)),
        ("404 Not Found", retry(None)),
        ("410 Gone", gone),
        ("429 Slow\nRetry-After: 90", retry(Some(90))),
        ("429 Slow", retry(None)),
        ("500 Oops\nRetry-After: 90", retry(None)),
        ("503 Later\nRetry-After: Mon, 21 Sep 2026 14:15:20 GMT", retry(Some(119))),
        ("503 Later\nRetry-After: 99999999", retry(Some(86_400))),
    ];
    for (answer, outcome) in table {
        let server = Server::answering(&[answer]).await;
        let report = send("webhook", &json!({ "url": server.url }), &message()).await;
        let asked = |outcome| match outcome {
            Outcome::Retry { after } => after.map(|after: Duration| after.as_secs()),
            _ => None,
        };
        assert_eq!(asked(report.outcome), asked(outcome), "{answer}");
        assert_eq!(
            std::mem::discriminant(&report.outcome),
            std::mem::discriminant(&outcome),
            "{answer}"
        );
        let status: u16 = answer[..3].parse().expect("a number");
        let problem = (outcome != Outcome::Delivered).then(|| Failure::Status(status).into());
        assert_eq!(report.problem, problem, "{answer}");
        assert_eq!(server.seen().len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_public_is_not_called_and_not_tried_again() {
    let server = Server::answering(&["200 OK"]).await;
    let url = server.url.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    let report = send("webhook", &json!({ "url": url }), &message()).await;
    assert_eq!(report.outcome, Outcome::Failed { permanent: false });
    assert_eq!(report.problem, Some(Problem::Call(Failure::Refused)));
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
    let url = format!("http://{}/", free.expect("an address"));
    let report = send("webhook", &json!({ "url": url }), &message()).await;
    assert_eq!(report.outcome, Outcome::Retry { after: None });
    assert_eq!(report.problem, Some(Problem::Call(Failure::NoConnection)));
}

#[tokio::test]
async fn of_an_answer_the_first_kib_is_kept_and_cannot_harm_a_terminal() {
    let answer = format!("200 OK\n\n\u{1b}[31mred\u{7}{}", "ä".repeat(2000));
    let server = Server::answering(&[&answer]).await;
    let config = config("webhook", &json!({ "url": server.url }));
    let report = send_with(&tools(&Settings::default()), "webhook", &config, &message()).await;
    assert!(report.answer.starts_with("\u{fffd}[31mred\u{fffd}ää"), "{}", report.answer);
    assert!(report.answer.len() <= 1024 && report.answer.len() > 1000);
}
