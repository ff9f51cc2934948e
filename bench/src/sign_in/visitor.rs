//! A browser of somebody who did not sign in.

use std::{net::SocketAddr, time::Instant};

use anyhow::Context as _;
use url::form_urlencoded;

use crate::load::Connection;

/// Somebody on a page with a form.
pub(super) struct Visitor {
    connection: Connection,
    cookie: String,
    csrf: String,
}

/// A reply, as far as it may say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Head and body, without what differs each time.
    text: String,
    bytes: usize,
}

impl Visitor {
    /// Looks at a page with a form.
    pub(super) async fn open(address: SocketAddr, page: &str) -> anyhow::Result<Self> {
        let mut connection = Connection::open(address).await?;
        let look = format!("GET {page} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let status = connection.exchange(look.as_bytes()).await?;
        let reply = connection.reply().into_owned();
        anyhow::ensure!(status == 200, "{page} is answered with {status}");
        let between = |start: &str, end: char| {
            let (_, rest) = reply.split_once(start)?;
            Some(rest.split(end).next()?.to_owned())
        };
        let cookie = between("__Host-formhold_visit=", ';').context("no cookie")?;
        let csrf = between("name=\"csrf\" value=\"", '"').context("no form")?;
        Ok(Self { connection, cookie: format!("__Host-formhold_visit={cookie}"), csrf })
    }

    /// Sends a form; the reply, and how long it took in milliseconds.
    pub(super) async fn post(
        &mut self,
        path: &str,
        fields: &[(&str, String)],
    ) -> anyhow::Result<(Reply, f64)> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &self.csrf)
            .extend_pairs(fields)
            .finish();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.cookie,
            body.len()
        );
        let start = Instant::now();
        let status = self.connection.exchange(request.as_bytes()).await?;
        let took_ms = start.elapsed().as_secs_f64() * 1000.0;
        let text = self.connection.reply().replace(&self.csrf, "");
        Ok((Reply { status, bytes: text.len(), text }, took_ms))
    }
}

impl Reply {
    /// The same without the address that was asked about, the time, and the request's name.
    pub(super) fn without(mut self, address: &str) -> Self {
        self.text = self.text.replace(address, "ADDRESS");
        let own = |line: &&str| {
            let line = line.to_ascii_lowercase();
            !line.starts_with("date:") && !line.starts_with("x-request-id:")
        };
        self.text = self.text.split("\r\n").filter(own).collect::<Vec<_>>().join("\n");
        self
    }
}
