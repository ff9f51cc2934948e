//! Servers on loopback that answer as they are told, and clients that may reach some of them.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use formhold_outbound::{GuardedClient, Limits, Request, Resolver, Settings, Target};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A server that counts its connections.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) calls: Arc<AtomicUsize>,
}

impl Peer {
    /// Listens on this address and answers every connection in its own way.
    pub(crate) async fn on<Answer, Done>(address: SocketAddr, answer: Answer) -> Self
    where
        Answer: Fn(TcpStream) -> Done + Send + Sync + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                tokio::spawn(answer(stream));
            }
        });
        Self { address, calls }
    }

    /// Listens on 127.0.0.1.
    pub(crate) async fn answering<Answer, Done>(answer: Answer) -> Self
    where
        Answer: Fn(TcpStream) -> Done + Send + Sync + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        Self::on(([127, 0, 0, 1], 0).into(), answer).await
    }

    /// Answers with this text.
    pub(crate) async fn saying(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::answering(move |stream| write(stream, text.clone())).await
    }

    pub(crate) fn called(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }
}

pub(crate) async fn write(mut stream: TcpStream, text: String) {
    let _ = stream.write_all(text.as_bytes()).await;
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A resolver that gives the answers that it was told, one after the other, the last one for ever,
/// and counts how often it was asked.
#[derive(Debug, Default)]
pub(crate) struct Told {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    pub(crate) asked: AtomicUsize,
}

impl Told {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |text: &&str| text.parse().expect("an address");
        let answers = answers.iter().map(|answer| answer.iter().map(parse).collect()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Resolver for Told {
    async fn resolve(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().expect("not poisoned");
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        answer.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

pub(crate) fn allowing(networks: &[&str]) -> Settings {
    let networks = networks.iter().map(|text| text.parse().expect("a network"));
    Settings { allow_networks: networks.collect() }
}

pub(crate) const QUICK: Limits =
    Limits { total_timeout: Duration::from_millis(500), max_answer_bytes: 64 * 1024 };

/// A client that may call 127.0.0.1.
pub(crate) fn local_client() -> GuardedClient {
    let resolver = Told::new(&[&["127.0.0.1"]]);
    GuardedClient::with(&allowing(&["127.0.0.1/32"]), QUICK, resolver).expect("a client")
}

pub(crate) fn post(url: &str) -> Request {
    Request::post(Target::parse(url).expect(url), "text/plain", "secret")
}
