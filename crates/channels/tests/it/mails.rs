//! Mail servers that do not behave. Well-behaved ones are real, in `e2e/channels`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use formhold_channels::{Outcome, Problem, Report, mail::Settings};
use formhold_outbound::Failure;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use crate::support::{config, message, send_with, tools};

/// A server that gives one answer to each command in turn; an empty one is silence.
struct Scripted {
    settings: Settings,
    connections: Arc<AtomicUsize>,
}

impl Scripted {
    async fn saying(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let smtp_url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(converse(stream, answers));
            }
        });
        let from = "forms@example.org".to_owned();
        let settings =
            Settings { smtp_url: smtp_url.into(), from, timeout_seconds: 1, ..Settings::default() };
        Self { settings, connections }
    }

    async fn send(&self) -> Report {
        let config = config("email", &json!({ "to": "bob@example.org" }));
        send_with(&tools(&self.settings), "email", &config, &message()).await
    }
}

async fn converse(stream: tokio::net::TcpStream, answers: &[&str]) -> Option<()> {
    let mut stream = BufReader::new(stream);
    for (index, answer) in answers.iter().enumerate() {
        let mut line = Vec::new();
        // The mail itself ends with a dot.
        while index > 0 && stream.read_until(b'\n', &mut line).await.ok()? > 0 {
            if answers[index - 1].starts_with("354") && line.trim_ascii() != b"." {
                line.clear();
                continue;
            }
            break;
        }
        if answer.is_empty() {
            std::future::pending::<()>().await;
        }
        stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    // It stays there until the other side has had enough, and knows how to take leave.
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await.ok()? > 0 {
        if line == b"QUIT\r\n" {
            stream.get_mut().write_all(b"221 bye\r\n").await.ok()?;
        }
        line.clear();
    }
    Some(())
}

const HELLO: &str = "250-mail.example.org\r\n250 8BITMIME";

#[tokio::test]
async fn what_a_server_says_of_a_mail_counts_for_that_mail() {
    let failed = Outcome::Failed { permanent: false };
    let retry = Outcome::Retry { after: None };
    let table: [(&'static [&'static str], Outcome, u16); 7] = [
        (
            &["220 hi", HELLO, "250 ok", "250 ok", "354 go", "250 2.0.0 queued"],
            Outcome::Delivered,
            250,
        ),
        (&["220 hi", HELLO, "250 ok", "550 5.1.1 nobody of that name"], failed, 550),
        (&["220 hi", HELLO, "250 ok", "450 4.2.1 greylisted"], retry, 450),
        (&["220 hi", HELLO, "250 ok", "250 ok", "354 go", "554 5.7.1 spam"], failed, 554),
        (&["220 hi", HELLO, "250 ok", "250 ok", "354 go", "451 4.3.0 later"], retry, 451),
        (&["220 hi", HELLO, "550 5.7.1 not this sender"], failed, 550),
        (&["554 no service for you"], retry, 554),
    ];
    for (answers, outcome, status) in table {
        let report = Scripted::saying(answers).await.send().await;
        assert_eq!((report.outcome, report.status), (outcome, Some(status)), "{answers:?}");
        let last = answers.last().expect("an answer").split_once(' ').expect("a text").1;
        assert_eq!(report.answer, last);
        let problem = (outcome != Outcome::Delivered).then(|| Failure::Status(status).into());
        assert_eq!(report.problem, problem);
    }
}

#[tokio::test]
async fn silence_at_every_step_ends_when_the_time_is_up() {
    let steps: [&'static [&'static str]; 5] = [
        &[""],
        &["220 hi", ""],
        &["220 hi", HELLO, ""],
        &["220 hi", HELLO, "250 ok", "250 ok", ""],
        &["220 hi", HELLO, "250 ok", "250 ok", "354 go", ""],
    ];
    for answers in steps {
        let started = Instant::now();
        let report = Scripted::saying(answers).await.send().await;
        assert_eq!(report.outcome, Outcome::Retry { after: None });
        assert_eq!(report.problem, Some(Problem::Call(Failure::Timeout)), "{answers:?}");
        assert!(started.elapsed() < Duration::from_secs(4));
    }
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    let report = Scripted::saying(&["SSH-2.0-OpenSSH_9.2p1"]).await.send().await;
    assert_eq!(report.outcome, Outcome::Retry { after: None });
    assert_eq!(report.problem, Some(Problem::Call(Failure::BadAnswer)));
}

#[tokio::test]
async fn a_connection_on_which_the_time_ran_out_is_not_used_again() {
    let server = Scripted::saying(&["220 hi", HELLO, "250 ok", ""]).await;
    let tools = tools(&server.settings);
    let config = config("email", &json!({ "to": "bob@example.org" }));
    for connections in 1..=3 {
        let report = send_with(&tools, "email", &config, &message()).await;
        assert_eq!(report.problem, Some(Problem::Call(Failure::Timeout)));
        assert_eq!(server.connections.load(Ordering::SeqCst), connections);
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_and_no_password() {
    let mut server = Scripted::saying(&["220 hi", HELLO, "250 should not be asked"]).await;
    let url = server.settings.smtp_url.expose().replace("smtp://", "smtp://user:password@");
    server.settings.smtp_url = format!("{url}?starttls=required").into();
    let report = server.send().await;
    assert_eq!(report.outcome, Outcome::Retry { after: None });
    assert_eq!(report.problem, Some(Problem::Call(Failure::Tls)));
}

#[tokio::test]
async fn tls_to_a_server_that_speaks_none_fails() {
    let mut server = Scripted::saying(&["220 hi", HELLO]).await;
    let url = server.settings.smtp_url.expose().replace("smtp://", "smtps://");
    server.settings.smtp_url = url.into();
    let report = server.send().await;
    assert_eq!(report.outcome, Outcome::Retry { after: None });
    assert_eq!(report.problem, Some(Problem::Call(Failure::Tls)));
}

#[tokio::test]
async fn many_mails_at_once_share_few_connections_and_all_arrive() {
    let server = Scripted::saying(&[
        "220 hi",
        HELLO,
        "250 ok",
        "250 ok",
        "354 go",
        "250 queued",
        "250 noop",
        "250 ok",
        "250 ok",
        "354 go",
        "250 queued",
        "250 noop",
        "250 ok",
        "250 ok",
        "354 go",
        "250 queued",
    ])
    .await;
    let tools = tools(&Settings { timeout_seconds: 10, ..server.settings.clone() });
    let config = config("email", &json!({ "to": "bob@example.org" }));
    let message = message();
    let sends = (0..20).map(|_| send_with(&tools, "email", &config, &message));
    for report in futures_util::future::join_all(sends).await {
        assert_eq!(report.outcome, Outcome::Delivered, "{report:?}");
    }
    let connections = server.connections.load(Ordering::SeqCst);
    assert!((1..20).contains(&connections), "{connections}");
}
