//! A verifier on loopback that says what a test tells it to, and remembers what it was asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What the verifier does with a call.
#[derive(Debug, Clone)]
pub enum Say {
    /// Answers with this status line and body.
    Answer(&'static str, String),
    /// Answers with a redirect to this address.
    Redirect(String),
    /// Keeps the connection open and says nothing.
    Nothing,
    /// Begins an answer that never ends.
    Endless,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The request line and headers, lower case.
    pub head: String,
    /// The fields of the form that was posted.
    pub form: BTreeMap<String, String>,
}

pub struct Fake {
    pub address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Fake {
    pub async fn start(say: Say) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}/siteverify", listener.local_addr().expect("an address"));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, say.clone(), Arc::clone(&remembered)));
            }
        });
        Self { address, calls }
    }

    /// Says this JSON with status 200.
    pub async fn saying(json: serde_json::Value) -> Self {
        Self::start(Say::Answer("200 OK", json.to_string())).await
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no test panicked with it").clone()
    }
}

async fn serve(mut stream: TcpStream, say: Say, calls: Arc<Mutex<Vec<Call>>>) {
    let Some(call) = read(&mut stream).await else { return };
    calls.lock().expect("no test panicked with it").push(call);
    let text = match say {
        Say::Answer(status, body) => format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ),
        Say::Redirect(target) => format!(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nConnection: close\r\n\
             Content-Length: 0\r\n\r\n"
        ),
        Say::Nothing => return std::future::pending().await,
        Say::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"success\": true, \"x\": \"").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(text.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Call> {
    let mut bytes = Vec::new();
    let (head, mut body) = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            break (head, bytes.split_off(end + 4));
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let length: usize = length.trim().parse().ok()?;
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    Some(Call { head, form })
}
