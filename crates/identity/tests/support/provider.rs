//! A provider that speaks OpenID Connect, and misbehaves where a test asks it to. `e2e/oidc` has a
//! real one, which cannot be made to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What is said to a call.
#[derive(Clone)]
pub(crate) enum Say {
    /// This status and body, as JSON.
    Json(u16, Value),
    /// This status, with these further headers, and body.
    Text(u16, &'static str, String),
    /// Nothing, for ever.
    Nothing,
    /// Nothing, and the connection is closed.
    Close,
}

/// A call that came.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) form: BTreeMap<String, String>,
}

/// A key that signs.
pub(crate) struct Key {
    pair: EcdsaKeyPair,
    pub(crate) id: String,
}

impl Key {
    pub(crate) fn new(id: &str) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        Self { pair, id: id.to_owned() }
    }

    /// The public half, as the provider publishes it.
    pub(crate) fn public(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = (BASE64URL.encode(&point[..32]), BASE64URL.encode(&point[32..]));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": x, "y": y })
    }

    /// A signed token.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let text = unsigned(&json!({ "alg": "ES256", "kid": self.id }), claims);
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).expect("signed");
        format!("{text}.{}", BASE64URL.encode(signature))
    }
}

/// A token up to its signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// A provider that runs until it is dropped.
pub(crate) struct Provider {
    /// `http://127.0.0.1:port`
    pub(crate) address: String,
    world: Arc<Mutex<World>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct World {
    says: BTreeMap<String, Say>,
    calls: Vec<Call>,
}

pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const KEYS: &str = "/keys";
pub(crate) const TOKEN: &str = "/token";
pub(crate) const USER_INFO: &str = "/me";

impl Provider {
    /// Starts one with this key, which says nothing of tokens yet.
    pub(crate) async fn start(key: &Key) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let world = Arc::new(Mutex::new(World::default()));
        let task = tokio::spawn({
            let world = Arc::clone(&world);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream, Arc::clone(&world)));
                }
            }
        });
        let provider = Self { address, world, task };
        provider.say(DISCOVERY, Say::Json(200, provider.configuration()));
        provider.say(KEYS, Say::Json(200, json!({ "keys": [key.public()] })));
        provider
    }

    /// What it says of itself, if it is good.
    pub(crate) fn configuration(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.address);
        json!({
            "issuer": self.address,
            "authorization_endpoint": at("/auth"),
            "token_endpoint": at(TOKEN),
            "userinfo_endpoint": at(USER_INFO),
            "jwks_uri": at(KEYS),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    }

    pub(crate) fn say(&self, path: &str, what: Say) {
        self.world.lock().expect("whole").says.insert(path.to_owned(), what);
    }

    pub(crate) fn calls(&self, path: &str) -> Vec<Call> {
        let world = self.world.lock().expect("whole");
        world.calls.iter().filter(|call| call.path == path).cloned().collect()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, world: Arc<Mutex<World>>) {
    let Some((head, body)) = read(&mut stream).await else { return };
    let path = head.split_ascii_whitespace().nth(1).unwrap_or_default().to_owned();
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    let say = {
        let mut world = world.lock().expect("whole");
        world.calls.push(Call { path: path.clone(), head, form });
        world.says.get(&path).cloned().unwrap_or(Say::Text(404, "", String::new()))
    };
    let (status, headers, body) = match say {
        Say::Json(status, value) => {
            (status, "content-type: application/json\r\n", value.to_string())
        }
        Say::Text(status, headers, body) => (status, headers, body),
        Say::Nothing => std::future::pending().await,
        Say::Close => return,
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().expect("a number"));
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..].to_vec()));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
