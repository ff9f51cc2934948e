//! Bodies that stall, drip, or never come.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{assert_serves, assert_soon_no_files, head, impatient_app, raw::Raw};

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const MULTIPART: &str = "content-type: multipart/form-data; boundary=b\r\n";
const FILE: &str =
    "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\nbeginning";

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stalls_is_told_so_in_time() {
    let app = impatient_app().await;
    for (kind, beginning) in [(FORM, "a=1"), (MULTIPART, FILE), (FORM, "")] {
        let start = Instant::now();
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&format!("{kind}content-length: 100000\r\n"))).await;
        raw.send(beginning).await;
        raw.reply().await.expect("a reply").assert(408, "TOO_SLOW");
        let took = start.elapsed();
        assert!(took < Duration::from_millis(1900), "the limit is a second, it took {took:?}");
        assert!(raw.ends_within(Duration::from_secs(1)).await, "the connection is closed");
        assert_soon_no_files(&app).await;
    }
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_ends_with_the_time_of_the_whole_request() {
    let app = impatient_app().await;
    for (kind, beginning) in [(FORM, "a=1"), (MULTIPART, FILE)] {
        let start = Instant::now();
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&format!("{kind}content-length: 100000\r\n"))).await;
        raw.send(beginning).await;
        while start.elapsed() < Duration::from_secs(2) {
            raw.try_send("x").await;
            sleep(Duration::from_millis(50)).await;
        }
        raw.reply().await.expect("a reply").assert(408, "TOO_SLOW");
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        assert_soon_no_files(&app).await;
    }
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_beyond_the_limit_is_refused_without_the_body() {
    let app = impatient_app().await;
    for (kind, length) in [(FORM, (1 << 20) + 1), (MULTIPART, (25 << 20) + 1), (FORM, 1_u64 << 50)]
    {
        let start = Instant::now();
        let mut raw = Raw::connect(app.address).await;
        let expect = "expect: 100-continue\r\n";
        raw.send(head(&format!("{kind}{expect}content-length: {length}\r\n"))).await;
        raw.reply().await.expect("a reply").assert(413, "BODY_TOO_LARGE");
        assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
        // Whoever does not ask is read from for a while, so that a browser sees the reply.
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&format!("{kind}content-length: {length}\r\n"))).await;
        raw.reply().await.expect("a reply").assert(413, "BODY_TOO_LARGE");
        assert_soon_no_files(&app).await;
    }
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_is_no_number_is_refused() {
    let app = impatient_app().await;
    for length in ["18446744073709551616", "-1", "1, 2", "0x10", "1e3", "+5", ""] {
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&format!("{FORM}content-length: {length}\r\n"))).await;
        raw.try_send("a=1").await;
        let reply = raw.reply().await;
        assert!(reply.as_ref().is_none_or(|reply| reply.status == 400), "{length}: {reply:?}");
        assert!(raw.ends_within(Duration::from_secs(1)).await, "{length}");
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 0);
    assert_serves(&app).await;
}
