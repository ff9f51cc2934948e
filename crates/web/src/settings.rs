//! Settings of the HTTP side.

use formhold_domain::Limit;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Url;

/// The section `[server]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Address and port to listen on.
    pub listen: std::net::SocketAddr,
    /// The address under which people reach Formhold; empty: taken from each request.
    pub public_url: String,
    /// Networks whose `X-Forwarded-For` and `Forwarded` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Address and port of the listener for metrics; empty: there is none.
    pub metrics_listen: String,
    /// How many connections may be open at once; further ones wait.
    pub max_connections: usize,
    /// How long a new connection may be silent.
    pub first_byte_seconds: u64,
    /// How long the head of a request may take.
    pub header_seconds: u64,
    /// How long a connection may be silent between requests.
    pub idle_seconds: u64,
    /// How long a body may stand still.
    pub body_progress_seconds: u64,
    /// How long a whole request may take.
    pub request_seconds: u64,
    /// How long to go on serving after a stop was asked for, so that load balancers notice.
    pub unready_seconds: u64,
    /// How long requests may then still take.
    pub drain_seconds: u64,
}

/// The section `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Submissions of one client address to one form.
    pub submissions: Limit,
    /// Submissions to one form from all addresses.
    pub form_submissions: Limit,
    /// Challenges of the built-in captcha for one client address.
    pub challenges: Limit,
    /// Tries of one client address to open an account.
    pub login: Limit,
    /// Tries to open one account, from all addresses together.
    pub login_account: Limit,
    /// Requests to the API of one token, user or client address.
    pub api: Limit,
    /// Exports of one user.
    pub exports: Limit,
    /// Invitations to workspaces that one user sends.
    pub invitations: Limit,
    /// Mails to one address that submitters typed, by all forms together.
    pub mails_recipient: Limit,
    /// Mails that one form causes.
    pub mails_form: Limit,
    /// Bytes of a body without files, and of the text in one with files.
    pub max_text_bytes: u64,
    /// Bytes of a body with files.
    pub max_body_bytes: u64,
    /// Parts of a multipart body.
    pub max_parts: usize,
    /// Bytes of a part's header.
    pub max_part_header_bytes: usize,
    /// Bytes of a field's name.
    pub max_field_name_bytes: usize,
    /// Fields of a submission, repeated ones counted.
    pub max_fields: usize,
    /// Bytes of text that all requests under way may hold in memory together.
    pub max_memory_bytes: u64,
    /// Levels of nesting in JSON.
    pub max_json_depth: usize,
}

impl ServerSettings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !self.public_url.is_empty() && self.public_address().is_none() {
            problems.push((
                "public_url",
                "must be an address like https://forms.example.org, or empty".to_owned(),
            ));
        }
        if !self.metrics_listen.is_empty() && self.metrics_address().is_none() {
            let text = "must be an address and a port like 127.0.0.1:9464, or empty";
            problems.push(("metrics_listen", text.to_owned()));
        }
        if self.max_connections == 0 {
            problems.push(("max_connections", "must be at least 1".to_owned()));
        }
        if self.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
            let text = "must not hold the whole internet: everybody could choose their address";
            problems.push(("trusted_proxies", text.to_owned()));
        }
        for (key, value) in [
            ("first_byte_seconds", self.first_byte_seconds),
            ("header_seconds", self.header_seconds),
            ("idle_seconds", self.idle_seconds),
            ("body_progress_seconds", self.body_progress_seconds),
            ("request_seconds", self.request_seconds),
        ] {
            if !(1..=3600).contains(&value) {
                problems.push((key, "must be between 1 and 3600".to_owned()));
            }
        }
        problems
    }

    /// Where metrics are shown, if they are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<std::net::SocketAddr> {
        self.metrics_listen.parse().ok()
    }

    /// The public address, where one is set and makes sense.
    #[must_use]
    pub fn public_address(&self) -> Option<Url> {
        let url = Url::parse(&self.public_url).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.query().is_none()
            && url.fragment().is_none();
        plain.then_some(url)
    }
}

impl LimitSettings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.max_text_bytes > self.max_body_bytes {
            problems.push(("max_text_bytes", "must not be greater than max_body_bytes".to_owned()));
        }
        if !(1024..=2 << 20).contains(&self.max_text_bytes) {
            problems.push(("max_text_bytes", "must be between 1024 and 2097152: the database takes rows of 16 MiB, and text may grow sixfold as JSON".to_owned()));
        }
        if self.max_memory_bytes < self.max_text_bytes {
            problems.push(("max_memory_bytes", "must not be less than max_text_bytes".to_owned()));
        }
        if !(1..=256).contains(&self.max_field_name_bytes) {
            problems.push(("max_field_name_bytes", "must be between 1 and 256".to_owned()));
        }
        problems
    }
}
