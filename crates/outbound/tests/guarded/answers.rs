//! Answers that are slow, huge, elsewhere or none.

use std::time::{Duration, Instant};

use formhold_outbound::{Failure, GuardedClient, MAX_ANSWER_BYTES, Settings};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::peer::{Peer, local_client, post};

fn sized(bytes: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n{}", "x".repeat(bytes))
}

#[tokio::test]
async fn an_answer_has_64_kib_and_no_more() {
    let fits = Peer::saying(sized(MAX_ANSWER_BYTES)).await;
    let answer = local_client().call(post(&fits.url())).await.expect("it fits");
    assert_eq!(answer.body.len(), MAX_ANSWER_BYTES);
    let endless = Peer::answering(|mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    for peer in [Peer::saying(sized(MAX_ANSWER_BYTES + 1)).await, endless] {
        let answer = local_client().call(post(&peer.url())).await;
        assert_eq!(answer.err(), Some(Failure::TooLarge));
    }
}

#[tokio::test]
async fn a_compressed_body_is_not_blown_up() {
    let text = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc";
    let peer = Peer::saying(text).await;
    let answer = local_client().call(post(&peer.url())).await.expect("an answer");
    assert_eq!(answer.body, b"abc");
}

#[tokio::test]
async fn silence_drops_and_slow_heads_end_when_the_time_is_up() {
    let silent = Peer::answering(|stream: TcpStream| async move {
        let _stays_open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let dripping = |head: &'static [u8]| {
        Peer::answering(move |mut stream: TcpStream| async move {
            let _ = stream.write_all(head).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    };
    let slow_head = dripping(b"HTTP/1.1 200 OK\r\nX-Drops: ").await;
    let slow_body = dripping(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let started = Instant::now();
    for peer in [silent, slow_head, slow_body] {
        let answer = local_client().call(post(&peer.url())).await;
        assert_eq!(answer.err(), Some(Failure::Timeout));
    }
    assert!(started.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn where_the_status_says_everything_a_slow_or_endless_body_does_no_harm() {
    let slow = Peer::answering(|mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        std::future::pending::<()>().await;
    })
    .await;
    let endless = Peer::answering(|mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let answer = local_client().notify(post(&slow.url()), 1024).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    let answer = local_client().notify(post(&endless.url()), 1024).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.len()), (202, 1024));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inside = Peer::saying(sized(1)).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let url = inside.url();
        let redirecting = Peer::saying(format!(
            "HTTP/1.1 {status}\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
        let answer = local_client().call(post(&redirecting.url())).await.expect("an answer");
        let code = status[..3].parse().expect("a number");
        assert_eq!(answer.success().err(), Some(Failure::Status(code)));
    }
    assert_eq!(inside.called(), 0);
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart_in_classes_only() {
    let closing = Peer::answering(|stream: TcpStream| async move { drop(stream) }).await;
    let ssh = Peer::saying("SSH-2.0-OpenSSH_9.2p1\r\n").await;
    for peer in [closing, ssh] {
        let answer = local_client().call(post(&peer.url())).await;
        assert_eq!(answer.err(), Some(Failure::BadAnswer));
        assert_eq!(peer.called(), 1, "it is not tried twice");
    }
    let plain = Peer::saying(sized(1)).await.url().replace("http:", "https:");
    let answer = local_client().call(post(&plain)).await;
    assert_eq!(answer.err(), Some(Failure::Tls));
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
    let answer = local_client().call(post(&format!("http://{}/", free.expect("an address")))).await;
    assert_eq!(answer.err(), Some(Failure::NoConnection));
}

#[test]
fn the_usual_limits_are_15_seconds_and_64_kib() {
    let limits = formhold_outbound::Limits::default();
    assert_eq!((limits.total_timeout, limits.max_answer_bytes), (Duration::from_secs(15), 65_536));
    GuardedClient::new(&Settings::default()).expect("a client");
}
