//! Connections that say nothing, or not enough, or do not listen.

use std::time::{Duration, Instant};

use formhold_testkit::{Stack, TestApp};
use serde_json::json;
use tokio::time::sleep;

use super::{assert_serves, head, impatient_app, raw::Raw};

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

/// One second of limit, and some for a busy machine.
const SOON: Duration = Duration::from_millis(1900);

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_closed() {
    let app = impatient_app().await;
    let start = Instant::now();
    let mut raw = Raw::connect(app.address).await;
    assert!(raw.ends_within(SOON).await);
    assert!(start.elapsed() > Duration::from_millis(900), "not before its time");
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_is_not_waited_for() {
    let app = impatient_app().await;
    for half in ["P", "POST /f/test HTTP/1.1\r\n", "POST /f/test HTTP/1.1\r\nhost: localhost\r\n"] {
        let mut raw = Raw::connect(app.address).await;
        raw.send(half).await;
        assert!(raw.ends_within(SOON).await, "{half}");
    }
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_comes_byte_by_byte_must_be_whole_in_time() {
    let app = impatient_app().await;
    let mut raw = Raw::connect(app.address).await;
    let start = Instant::now();
    let whole = head(FORM);
    let mut sent = 0;
    for byte in whole.as_bytes() {
        if !raw.try_send([*byte]).await {
            break;
        }
        sent += 1;
        sleep(Duration::from_millis(20)).await;
    }
    assert!(raw.ends_within(SOON).await);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert!(sent < whole.len(), "all of the head was taken");
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_head_must_be_whole_in_time_too() {
    let app = impatient_app().await;
    let mut raw = Raw::connect(app.address).await;
    raw.send("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(raw.reply().await.map(|reply| reply.status), Some(200));
    raw.send("GET /livez HTT").await;
    assert!(raw.ends_within(SOON).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_rest_between_requests_for_longer_than_a_head_may_take() {
    let app = impatient_app().await;
    let mut raw = Raw::connect(app.address).await;
    let request = format!("{}a=1", head(&format!("{FORM}content-length: 3\r\n")));
    for _ in 0..2 {
        raw.send(&request).await;
        assert_eq!(raw.reply().await.map(|reply| reply.status), Some(200));
        sleep(Duration::from_millis(1400)).await;
    }
    raw.send(&request).await;
    assert_eq!(raw.reply().await.map(|reply| reply.status), Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_rests_for_too_long_is_closed() {
    let app = impatient_app().await;
    let get = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned();
    let post = format!("{}a=1", head(&format!("{FORM}content-length: 3\r\n")));
    for (request, times) in [(&get, 1), (&get, 3), (&post, 1), (&post, 3)] {
        let mut raw = Raw::connect(app.address).await;
        for _ in 0..times {
            raw.send(request).await;
            assert_eq!(raw.reply().await.map(|reply| reply.status), Some(200));
        }
        let start = Instant::now();
        assert!(raw.ends_within(Duration::from_millis(2900)).await, "{times} {request}");
        assert!(start.elapsed() > Duration::from_millis(1900), "{times} {request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_right_when_an_older_limit_ends_is_answered() {
    let app = impatient_app().await;
    let get = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let rhythm = |milliseconds: u64| {
        let address = app.address;
        async move {
            let mut raw = Raw::connect(address).await;
            for _ in 0..2 {
                raw.send(get).await;
                let reply = raw.reply().await;
                assert_eq!(reply.map(|reply| reply.status), Some(200), "{milliseconds} ms apart");
                sleep(Duration::from_millis(milliseconds)).await;
            }
        }
    };
    futures_util::future::join_all((980..1010).map(rhythm)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_its_replies_does_not_keep_its_connection() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.server.max_connections = 1;
        settings.server.idle_seconds = 1;
        settings.server.first_byte_seconds = 1;
        settings.server.header_seconds = 1;
        settings.server.request_seconds = 2;
    })
    .await;
    app.form(json!({})).await;
    let mut deaf = Raw::connect(app.address).await;
    let request = "GET /f/test HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    // Until the replies fill the buffers of both sides.
    let flood = async { while deaf.try_send(&request).await {} };
    let _ = tokio::time::timeout(Duration::from_secs(2), flood).await;
    let next = tokio::time::timeout(Duration::from_secs(4), assert_serves(&app)).await;
    assert!(next.is_ok(), "the only connection is held by a client that does not read");
}
