//! A client that says what it likes: bytes out, replies in.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// No reply of a server that lives takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Fails unless it is this status with this code, in JSON.
    pub(super) fn assert(&self, status: u16, code: &str) {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        assert_eq!(
            (self.status, &body["errors"][0]["code"]),
            (status, &Value::from(code)),
            "{body}"
        );
        assert_eq!(body["ok"], false);
    }
}

impl Raw {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        Self { stream, received: Vec::new() }
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("it can be sent");
    }

    /// False when the other side has closed.
    pub(super) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Sends a body for as long as the other side takes it, and waits for the reply meanwhile.
    pub(super) async fn reply_while_sending(self, chunk: &[u8], most: usize) -> (Reply, usize) {
        let (mut reading, mut writing) = self.stream.into_split();
        let sending = async {
            let mut sent = 0;
            while sent < most && writing.write_all(chunk).await.is_ok() {
                sent += chunk.len();
            }
            sent
        };
        let receiving = async {
            let mut received = Vec::new();
            loop {
                if let Some((reply, _)) = parse(&received) {
                    return reply;
                }
                if reading.read_buf(&mut received).await.unwrap_or(0) == 0 {
                    panic!("no reply: {}", String::from_utf8_lossy(&received));
                }
            }
        };
        let both = async { tokio::join!(receiving, sending) };
        timeout(PATIENCE, both).await.expect("in time")
    }

    /// The next reply; none when the connection ends first.
    pub(super) async fn reply(&mut self) -> Option<Reply> {
        loop {
            if let Some((reply, length)) = parse(&self.received) {
                self.received.drain(..length);
                return Some(reply);
            }
            let reading = self.stream.read_buf(&mut self.received);
            match timeout(PATIENCE, reading).await.expect("in time") {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// True when the connection ends within this time, whatever comes before.
    pub(super) async fn ends_within(&mut self, time: Duration) -> bool {
        let reading = async {
            while self.stream.read_buf(&mut self.received).await.is_ok_and(|read| read > 0) {}
        };
        timeout(time, reading).await.is_ok()
    }

    /// Closes with a reset, as a machine does that is switched off.
    pub(super) fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}

/// A whole reply at the beginning, and its length.
fn parse(bytes: &[u8]) -> Option<(Reply, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().expect("a status");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
    let body = bytes.get(end..end + length)?.to_vec();
    Some((Reply { status, head, body }, end + length))
}
