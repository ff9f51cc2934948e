//! A connection that is kept open: HTTP/1.1, no more than the load needs.

use std::{borrow::Cow, net::SocketAddr};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection to the server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Box<[u8; 16 * 1024]>,
    filled: usize,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Box::new([0; 16 * 1024]), filled: 0 })
    }

    /// Sends a request and reads the whole reply; answers its status.
    ///
    /// # Errors
    /// When the connection breaks, or the reply is none or too long.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            ensure!(read > 0, "the server closed the connection");
            self.filled += read;
            if let Some((status, length)) = reply_in(&self.buffer[..self.filled])?
                && self.filled >= length
            {
                return Ok(status);
            }
            ensure!(self.filled < self.buffer.len(), "the reply is too long");
        }
    }

    /// The whole last reply, head and body.
    pub(crate) fn reply(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.buffer[..self.filled])
    }

    /// The first line of the reply to the last request.
    pub(crate) fn status_line(&self) -> Cow<'_, str> {
        let line = self.buffer[..self.filled].split(|byte| *byte == b'\r').next();
        String::from_utf8_lossy(line.unwrap_or_default())
    }
}

/// Status and length of the reply, once its head is complete.
fn reply_in(bytes: &[u8]) -> anyhow::Result<Option<(u16, usize)>> {
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&bytes[..head])?;
    let status = text.get(9..12).context("no status")?.parse()?;
    let mut body = 0;
    for line in text.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else { bail!("no header: {line}") };
        if name.eq_ignore_ascii_case("content-length") {
            body = value.trim().parse()?;
        }
    }
    Ok(Some((status, head + 4 + body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_complete_with_its_body() {
        let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(reply_in(reply).unwrap(), Some((200, reply.len())));
        assert_eq!(reply_in(&reply[..20]).unwrap(), None);
        let empty = b"HTTP/1.1 303 See Other\r\n\r\n";
        assert_eq!(reply_in(empty).unwrap(), Some((303, empty.len())));
    }
}
