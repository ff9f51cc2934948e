//! Mail through SendGrid's API: the service itself cannot be reached from a test, so a local server
//! keeps what it would have been sent, and the shape is that of its documents:
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.

use std::time::Duration;

use formhold_channels::{
    Attachment, Outcome, Problem,
    mail::{Carrier, Settings},
};
use formhold_outbound::Failure;
use serde_json::{Value, json};

use crate::support::{Server, config, message, send_with, tools};

fn settings(url: &str) -> Settings {
    Settings {
        sendgrid_api_key: "SG.key".to_owned().into(),
        sendgrid_url: url.to_owned(),
        from: "Forms <forms@example.org>".to_owned(),
        timeout_seconds: 5,
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_mail_has_the_documented_shape() {
    let server = Server::answering(&["202 Accepted\nX-Message-Id: x"]).await;
    let mut message = message();
    message.unsubscribe_link = Some("https://forms.example.org/no-more".to_owned());
    message.attachments = vec![Attachment {
        name: "../a\r\nb.txt".to_owned(),
        content_type: "text/plain\r\nX: y".to_owned(),
        content: "hello".into(),
    }];
    let config = config("email", &json!({ "to": "bob@example.org", "attach_files": true }));
    let report = send_with(&tools(&settings(&server.url)), "email", &config, &message).await;
    assert_eq!((report.outcome, report.status), (Outcome::Delivered, Some(202)));
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST /v3/mail/send HTTP/1.1");
    assert_eq!(seen.header("authorization"), "Bearer SG.key");
    assert_eq!(seen.header("content-type"), "application/json");
    let mut body = seen.json();
    let contents = body["content"].take();
    assert_eq!(
        body,
        json!({
            "personalizations": [{ "to": [{ "email": "bob@example.org" }] }],
            "from": { "email": "forms@example.org", "name": "Ada" },
            "reply_to": { "email": "ada@example.org" },
            "subject": "New submission: Contact",
            "content": null,
            "headers": {
                "Message-ID": "<00000000000000000000000000000007@example.org>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": "<https://forms.example.org/no-more>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            "attachments": [{
                "content": "aGVsbG8=",
                "type": "application/octet-stream",
                "filename": ".._a b.txt",
                "disposition": "attachment",
            }],
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": { "enable": false },
                "subscription_tracking": { "enable": false },
            },
        })
    );
    let kinds: Vec<_> = contents.as_array().expect("a list").iter().map(|it| &it["type"]).collect();
    assert_eq!(kinds, ["text/plain", "text/html"], "in the order that the service wants");
    assert!(contents[0]["value"].as_str().is_some_and(|text| text.contains("Ada")));
}

#[tokio::test]
async fn what_the_service_says_decides_what_comes_next() {
    let retry = |seconds: Option<u64>| Outcome::Retry { after: seconds.map(Duration::from_secs) };
    let table = [
        ("202 Accepted", Outcome::Delivered),
        ("400 Bad", Outcome::Failed { permanent: false }),
        ("413 Large", Outcome::Failed { permanent: false }),
        ("401 Unauthorized", retry(None)),
        ("403 Forbidden", retry(None)),
        ("429 Slow\nX-RateLimit-Reset: 1790000060", retry(Some(60))),
        ("429 Slow\nRetry-After: 5", retry(Some(5))),
        ("500 Oops", retry(None)),
        ("302 Found\nLocation: http://127.0.0.1:1/", retry(None)),
    ];
    let config = config("email", &json!({ "to": "bob@example.org" }));
    for (answer, outcome) in table {
        let body = r#"{"errors":[{"message":"why","field":null,"help":null}]}"#;
        let server = Server::answering(&[&format!("{answer}\n\n{body}")]).await;
        let tools = tools(&settings(&server.url));
        let report = send_with(&tools, "email", &config, &message()).await;
        assert_eq!(report.outcome, outcome, "{answer}");
        assert!(report.answer.contains("why"), "{answer}");
        assert_eq!(server.seen().len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn the_second_way_is_tried_where_the_first_fails() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
    let smtp_url = format!("smtp://{}", free.expect("an address"));
    let server = Server::answering(&["202 Accepted"]).await;
    let config = config("email", &json!({ "to": "bob@example.org" }));
    let both = Settings { smtp_url: smtp_url.clone().into(), ..settings(&server.url) };
    let report = send_with(&tools(&both), "email", &config, &message()).await;
    assert_eq!(report.outcome, Outcome::Delivered);
    let failing = Server::answering(&["400 Bad"]).await;
    let both = Settings {
        smtp_url: smtp_url.into(),
        order: vec![Carrier::Sendgrid, Carrier::Smtp],
        ..settings(&failing.url)
    };
    let report = send_with(&tools(&both), "email", &config, &message()).await;
    assert_eq!(report.outcome, Outcome::Retry { after: None }, "the server may come back");
    assert_eq!(report.problem, Some(Problem::Call(Failure::NoConnection)));
    assert_eq!(failing.seen().len(), 1);
}

#[tokio::test]
async fn without_a_way_to_send_mail_it_is_tried_again_later() {
    let config = config("email", &json!({ "to": "bob@example.org" }));
    let report = send_with(&tools(&Settings::default()), "email", &config, &message()).await;
    assert_eq!(report.outcome, Outcome::Retry { after: None });
    assert_eq!(report.problem, Some(Problem::NoMailServer));
}

#[test]
fn wrong_settings_are_told_with_their_key() {
    let good = settings("https://api.sendgrid.com");
    assert_eq!(good.problems(), []);
    assert_eq!(Settings::default().problems(), []);
    let table = [
        ("smtp_url", Settings { smtp_url: "mail.example.org".to_owned().into(), ..good.clone() }),
        ("smtp_url", Settings { smtp_url: "***".to_owned().into(), ..good.clone() }),
        (
            "sendgrid_api_key",
            Settings { sendgrid_api_key: "a b".to_owned().into(), ..good.clone() },
        ),
        ("sendgrid_url", Settings { sendgrid_url: "http://example.org".into(), ..good.clone() }),
        ("from", Settings { from: String::new(), ..good.clone() }),
        ("from", Settings { from: "forms".to_owned(), ..good.clone() }),
        ("from", Settings { from: "förms@example.org".to_owned(), ..good.clone() }),
        ("timeout_seconds", Settings { timeout_seconds: 0, ..good.clone() }),
    ];
    for (key, settings) in table {
        let problems = settings.problems();
        assert_eq!(problems.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key]);
    }
    let written: Settings = toml::from_str(
        "smtp_url = \"smtps://u:p@mail.example.org\"\nsmtp_ca_file = \"\"\nsendgrid_api_key = \"\"\n\
         sendgrid_url = \"https://api.eu.sendgrid.com\"\norder = [\"sendgrid\", \"smtp\"]\n\
         from = \"forms@example.org\"\nfolder = \"\"\ntimeout_seconds = 30\n",
    )
    .expect("it is good");
    assert_eq!(written.order, [Carrier::Sendgrid, Carrier::Smtp]);
    let shown: Value = serde_json::to_value(&written).expect("JSON");
    assert_eq!(shown["smtp_url"], "***", "the password is in it");
}
