//! Many connections at once.

use std::time::{Duration, Instant};

use formhold_testkit::{Stack, TestApp};
use futures_util::future::join_all;
use serde_json::json;

use super::{Raw, app, assert_serves, head};

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_slow_connections_do_not_keep_others_waiting() {
    let app = app().await;
    let beginnings = [
        "".to_owned(),
        "POST /f/te".to_owned(),
        head(&format!("{FORM}content-length: 9\r\n")) + "a",
    ];
    let mut slow = Vec::new();
    for beginning in beginnings.iter().cycle().take(300) {
        let mut raw = Raw::connect(app.address).await;
        raw.send(beginning).await;
        slow.push(raw);
    }
    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        let start = Instant::now();
        assert_serves(&app).await;
        longest = longest.max(start.elapsed());
    }
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_most_wait_and_are_served() {
    let app =
        TestApp::start_with(Stack::Sqlite, |settings| settings.server.max_connections = 4).await;
    let form = app.form(json!({})).await;
    let post = |number: usize| {
        let body = format!("n={number}");
        let lines = format!("{FORM}connection: close\r\ncontent-length: {}\r\n", body.len());
        let address = app.address;
        async move {
            let mut raw = Raw::connect(address).await;
            raw.send(head(&lines) + &body).await;
            raw.reply().await.expect("a reply").status
        }
    };
    let statuses = join_all((0..60).map(post)).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(app.submissions(&form).await.len(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_that_take_every_place_are_closed_in_favour_of_others() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.server.max_connections = 4;
        settings.server.first_byte_seconds = 1;
    })
    .await;
    app.form(json!({})).await;
    let silent = join_all((0..8).map(|_| Raw::connect(app.address))).await;
    let start = Instant::now();
    assert_serves(&app).await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    drop(silent);
}
