//! A receiver of webhooks that answers as it is told, and keeps what it got.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A request that arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    head: String,
    pub(super) body: String,
}

impl Arrived {
    /// The value of a header; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// Statuses of the next answers; 200 when there are no more.
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl Receiver {
    pub(super) async fn start(answers: impl IntoIterator<Item = &'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let receiver = Self {
            address: listener.local_addr().expect("an address"),
            arrived: Arc::default(),
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
        };
        let listening = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let receiver = listening.clone();
                tokio::spawn(async move { receiver.answer(stream).await });
            }
        });
        receiver
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic").clone()
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut bytes = Vec::new();
        let head_end = loop {
            let mut part = [0; 4096];
            match stream.read(&mut part).await.ok()? {
                0 => return None,
                count => bytes.extend_from_slice(&part[..count]),
            }
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
        let mut arrived = Arrived { head, body: String::new() };
        let length: usize = arrived.header("content-length").parse().unwrap_or(0);
        let mut body = bytes.split_off(head_end);
        while body.len() < length {
            let mut part = [0; 4096];
            match stream.read(&mut part).await.ok()? {
                0 => return None,
                count => body.extend_from_slice(&part[..count]),
            }
        }
        arrived.body = String::from_utf8(body).ok()?;
        self.arrived.lock().expect("no panic").push(arrived);
        let status = self.answers.lock().expect("no panic").pop_front().unwrap_or("200 OK");
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy");
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()
    }
}
