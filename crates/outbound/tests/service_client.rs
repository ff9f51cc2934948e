//! What the client for configured services does with peers that do not behave.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use formhold_outbound::{
    MAX_ANSWER_BYTES, ReadError, ServiceSettings, install_tls_provider, read_capped, service_client,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

const SETTINGS: ServiceSettings = ServiceSettings {
    connect_timeout: Duration::from_millis(500),
    total_timeout: Duration::from_millis(500),
};

/// A peer on loopback that answers every connection in its own way; gives its address and how often
/// it was called.
async fn peer<Answer, Done>(answer: Answer) -> (String, Arc<AtomicUsize>)
where
    Answer: Fn(TcpStream) -> Done + Send + Sync + 'static,
    Done: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
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
    (address, calls)
}

async fn write(mut stream: TcpStream, text: String) {
    let _ = stream.write_all(text.as_bytes()).await;
}

#[tokio::test]
async fn an_answer_is_read_up_to_the_limit_and_no_further() {
    for (size, fits) in [(MAX_ANSWER_BYTES, true), (MAX_ANSWER_BYTES + 1, false)] {
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n{}", "x".repeat(size));
        let (address, _) = peer(move |stream| write(stream, text.clone())).await;
        let client = service_client(SETTINGS).expect("a client");
        let response = client.get(address).send().await.expect("an answer");
        match read_capped(response, MAX_ANSWER_BYTES).await {
            Ok(body) => assert!(fits && body.len() == size),
            Err(ReadError::TooLarge { max_bytes }) => {
                assert!(!fits && max_bytes == MAX_ANSWER_BYTES);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    let (address, _) = peer(|mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let response =
        service_client(SETTINGS).expect("a client").get(address).send().await.expect("a head");
    let error = read_capped(response, MAX_ANSWER_BYTES).await.expect_err("too much");
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn silence_and_drops_of_an_answer_are_cut_by_the_time_limit() {
    let (silent, _) = peer(|stream: TcpStream| async move {
        let _stays_open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let (dripping, _) = peer(|mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let client = service_client(SETTINGS).expect("a client");
    let started = Instant::now();
    let error = client.get(silent).send().await.expect_err("silence");
    assert!(error.is_timeout(), "{error}");
    let response = client.get(dripping).send().await.expect("a head");
    let error = read_capped(response, MAX_ANSWER_BYTES).await.expect_err("drops");
    assert!(matches!(&error, ReadError::Broken(cause) if cause.is_timeout()), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (target, called) = peer(|stream| write(stream, "HTTP/1.1 200 OK\r\n\r\n".to_owned())).await;
    let text = format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
    let (address, _) = peer(move |stream| write(stream, text.clone())).await;
    let response =
        service_client(SETTINGS).expect("a client").get(address).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 302);
    assert_eq!(called.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_call_that_broke_off_is_not_made_twice() {
    let (address, called) = peer(|stream: TcpStream| async move { drop(stream) }).await;
    let client = service_client(SETTINGS).expect("a client");
    client.post(address).body("secret").send().await.expect_err("no answer");
    assert_eq!(called.load(Ordering::SeqCst), 1);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this is about clients that are not ours")]
fn other_clients_of_the_process_find_cryptography_once_it_is_installed() {
    install_tls_provider();
    install_tls_provider();
    reqwest::Client::builder().build().expect("a client");
}
