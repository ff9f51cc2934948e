//! A message, tools to send it with, and a server that keeps what it was sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use formhold_channels::{
    AnswerFact, Channel, Config, Delivery, Event, FileFact, FormFact, Message, Report,
    SubmissionFact, Tools,
    mail::{Mailer, Settings},
    named,
};
use formhold_domain::{Clock, FormId, FormKey, Language, RandomIds, SubmissionId};
use formhold_outbound::{
    GuardedClient, Limits, Settings as OutboundSettings, SystemResolver, install_tls_provider,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use uuid::Uuid;

pub(crate) const NOW_MS: i64 = 1_790_000_000_123;

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Still(pub(crate) i64);

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

pub(crate) fn message() -> Message {
    let answer = |name: &str, label: &str, values: &[&str]| AnswerFact {
        name: name.to_owned(),
        label: label.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    Message {
        id: Uuid::from_u128(7),
        event: Event::SubmissionCreated,
        happened_at_ms: NOW_MS,
        language: Language::parse("en").expect("English"),
        form: FormFact {
            id: FormId(Uuid::from_u128(1)),
            key: FormKey::parse("abcdefghij").expect("a key"),
            name: "Contact".to_owned(),
        },
        submission: SubmissionFact {
            id: SubmissionId(Uuid::from_u128(2)),
            received_at_ms: NOW_MS,
            subject: None,
            from_name: Some("Ada".to_owned()),
            reply_to: Some("ada@example.org".to_owned()),
            copies: Vec::new(),
            page: Some("https://example.org/contact".to_owned()),
        },
        answers: vec![
            answer("name", "Your name", &["Ada"]),
            answer("colours", "Colours", &["red", "green"]),
        ],
        files: vec![FileFact {
            field: "plan".to_owned(),
            name: "plan.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            size_bytes: 34_567,
            link: None,
        }],
        link: Some("https://forms.example.org/admin/submissions/2".to_owned()),
        unsubscribe_link: None,
        attachments: Vec::new(),
    }
}

pub(crate) fn channel(name: &str) -> &'static dyn Channel {
    named(name).expect(name)
}

/// A configuration as somebody gives it, completed.
pub(crate) fn config(name: &str, given: &Value) -> Config {
    let given = given.as_object().expect("an object");
    let mut config = Config::parse(channel(name).about(), given, None).expect("it is good");
    channel(name).complete(&mut config, &RandomIds);
    config
}

/// Tools that may call this machine, and give up after a second.
pub(crate) fn tools(mail: &Settings) -> Tools {
    tools_at(mail, NOW_MS)
}

pub(crate) fn tools_at(mail: &Settings, now_ms: i64) -> Tools {
    install_tls_provider();
    let clock: Arc<dyn Clock> = Arc::new(Still(now_ms));
    let allow_networks = vec!["127.0.0.1/32".parse().expect("a network")];
    let limits = Limits { total_timeout: Duration::from_secs(5), ..Limits::default() };
    let resolver = Arc::new(SystemResolver::default());
    let outbound = GuardedClient::with(&OutboundSettings { allow_networks }, limits, resolver);
    Tools {
        outbound: outbound.expect("a client"),
        mailer: Mailer::new(mail, Arc::clone(&clock)).expect("good settings").map(Arc::new),
        clock,
    }
}

pub(crate) async fn send(name: &str, given: &Value, message: &Message) -> Report {
    send_with(&tools(&Settings::default()), name, &config(name, given), message).await
}

pub(crate) async fn send_with(
    tools: &Tools,
    name: &str,
    config: &Config,
    message: &Message,
) -> Report {
    let recipients = channel(name).recipients(config, message);
    let recipient = recipients.first().expect("a recipient");
    channel(name).send(tools, Delivery { config, message, recipient }).await
}

/// What a server was sent.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A server on loopback that keeps requests and gives the answers that it was told.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers with these heads and bodies, one after the other, the last one for ever.
    pub(crate) async fn answering(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let mut answers: VecDeque<String> = answers.iter().map(|it| (*it).to_owned()).collect();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let Some(request) = read(&mut stream).await else { continue };
                kept.lock().expect("not poisoned").push(request);
                let next = if answers.len() > 1 { answers.pop_front() } else { None };
                let answer = next.unwrap_or_else(|| answers[0].clone());
                let (head, body) = answer.split_once("\n\n").unwrap_or((&answer, ""));
                let head = head.replace('\n', "\r\n");
                let length = body.len();
                let text = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}");
                let _ = stream.get_mut().write_all(text.as_bytes()).await;
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

async fn read(stream: &mut BufReader<tokio::net::TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Seen { line: line.trim_end().to_owned(), headers, body })
}
