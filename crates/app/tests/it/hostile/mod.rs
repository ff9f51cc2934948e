//! What breaks rules or never ends is refused, leaves nothing behind, and disturbs nobody.

mod bombs;
mod crowds;
mod floods;
mod heads;
mod memory;
mod names;
mod raw;
mod silence;
mod slow_bodies;
mod vanishing;

use std::time::{Duration, Instant};

use formhold_testkit::{Stack, TestApp};
use serde_json::json;

use self::raw::{Raw, Reply};

/// An app with the form `test` and time limits of one second.
async fn impatient_app() -> TestApp {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        let server = &mut settings.server;
        server.first_byte_seconds = 1;
        server.header_seconds = 1;
        server.body_progress_seconds = 1;
        server.request_seconds = 2;
        server.idle_seconds = 2;
    })
    .await;
    app.form(json!({})).await;
    app
}

/// An app with the form `test` and the default limits.
async fn app() -> TestApp {
    let app = TestApp::start(Stack::Sqlite).await;
    app.form(json!({})).await;
    app
}

/// The head of a post to the form `test`; `more` are further lines, each with its line break.
fn head(more: &str) -> String {
    format!("POST /f/test HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n{more}\r\n")
}

/// Sends a whole request, in which nothing may be left behind, and gives back the reply.
async fn refused(app: &TestApp, more: &str, body: &[u8]) -> Reply {
    let mut raw = Raw::connect(app.address).await;
    let length = format!("content-length: {}\r\n{more}", body.len());
    raw.send(head(&length)).await;
    // It may be refused, and the connection closed, before everything is sent.
    raw.try_send(body).await;
    let reply = raw.reply().await.expect("a reply");
    assert!(app.files_on_disk().is_empty(), "{:?}", app.files_on_disk());
    assert_serves(app).await;
    reply
}

/// A normal submission is taken in.
async fn assert_serves(app: &TestApp) {
    let (status, body) = app.post("/f/test", &[("name", "Ada")]).await;
    assert_eq!(status, 200, "it goes on serving: {body}");
}

/// Waits until no file is on disk any more.
async fn assert_soon_no_files(app: &TestApp) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !app.files_on_disk().is_empty() {
        assert!(Instant::now() < deadline, "left behind: {:?}", app.files_on_disk());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
