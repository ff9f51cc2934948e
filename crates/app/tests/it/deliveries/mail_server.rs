//! A mail server on this machine that keeps what it gets, and refuses recipients as it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail that arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) recipients: Vec<String>,
    /// Headers and text, as they came.
    pub(super) content: String,
}

impl Arrived {
    /// The values of a header.
    pub(super) fn headers(&self, name: &str) -> Vec<&str> {
        let head = self.content.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }
}

#[derive(Clone)]
pub(super) struct MailServer {
    pub(super) address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// What the next recipients hear; 250 when there is no more.
    refusals: Arc<Mutex<Vec<&'static str>>>,
}

impl MailServer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Self { address, arrived: Arc::default(), refusals: Arc::default() };
        let listening = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = listening.clone();
                tokio::spawn(async move { server.converse(stream).await });
            }
        });
        server
    }

    pub(super) fn refuse_next(&self, answer: &'static str) {
        self.refusals.lock().expect("no panic").push(answer);
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic").clone()
    }

    async fn converse(&self, stream: TcpStream) -> Option<()> {
        let (reading, mut writing) = stream.into_split();
        let mut lines = BufReader::new(reading).lines();
        let mut recipients = Vec::new();
        writing.write_all(b"220 here\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "RCPT" => {
                    let refusal = self.refusals.lock().expect("no panic").pop();
                    if refusal.is_none() {
                        let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                        recipients.push(address.to_owned());
                    }
                    refusal.unwrap_or("250 fine")
                }
                "DATA" => {
                    writing.write_all(b"354 go on\r\n").await.ok()?;
                    let mut content = String::new();
                    while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".")
                    {
                        content += &line;
                        content += "\r\n";
                    }
                    let recipients = std::mem::take(&mut recipients);
                    self.arrived.lock().expect("no panic").push(Arrived { recipients, content });
                    "250 taken"
                }
                "RSET" | "MAIL" => {
                    recipients.clear();
                    "250 fine"
                }
                _ => "250 fine",
            };
            writing.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        None
    }
}
