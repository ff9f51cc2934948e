//! Clients that go away in the middle.

use std::time::{Duration, Instant};

use formhold_service::uploads;
use formhold_testkit::TestApp;
use serde_json::json;

use super::{Raw, app, assert_serves, assert_soon_no_files, head};

const MULTIPART: &str = "content-type: multipart/form-data; boundary=b\r\n";
const PART: &str = "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n";

fn upload(size_bytes: usize) -> (String, Vec<u8>) {
    let body = [PART.as_bytes(), &vec![b'x'; size_bytes], b"\r\n--b--\r\n"].concat();
    (head(&format!("{MULTIPART}content-length: {}\r\n", body.len())), body)
}

async fn soon_some_file(app: &TestApp) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while app.files_on_disk().is_empty() {
        assert!(Instant::now() < deadline, "nothing is written");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_client_goes_away_leaves_no_file() {
    let app = app().await;
    for by_reset in [false, true] {
        let (head, body) = upload(4 << 20);
        let mut raw = Raw::connect(app.address).await;
        raw.send(head).await;
        raw.send(&body[..3 << 20]).await;
        soon_some_file(&app).await;
        if by_reset {
            raw.reset()
        } else {
            drop(raw)
        }
        assert_soon_no_files(&app).await;
        assert_serves(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_file_that_breaks_off_takes_the_first_with_it() {
    let app = app().await;
    let mut raw = Raw::connect(app.address).await;
    let whole = format!("{PART}{}\r\n", "y".repeat(100_000));
    raw.send(head(&format!("{MULTIPART}content-length: 1000000\r\n"))).await;
    raw.send(&whole).await;
    raw.send(format!("{PART}{}", "z".repeat(100_000))).await;
    let deadline = Instant::now() + Duration::from_secs(5);
    while app.files_on_disk().len() < 2 {
        assert!(Instant::now() < deadline, "{:?}", app.files_on_disk());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(raw);
    assert_soon_no_files(&app).await;
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_client_goes_away_rows_and_files_fit_together() {
    let app = app().await;
    let form = app.form(json!({})).await;
    let (head, body) = upload(200_000);
    let whole = [head.as_bytes(), &body].concat();
    for step in 0..60 {
        let mut raw = Raw::connect(app.address).await;
        // Closer and closer to the end, then whole, and gone before the reply.
        let length = if step < 30 { whole.len() * step / 30 } else { whole.len() };
        raw.send(&whole[..length]).await;
        if step % 2 == 0 { raw.reset() } else { drop(raw) }
    }
    assert_serves(&app).await;
    // What was whole may be stored or not; when all has settled each row has its file. Files of
    // which nobody knows are the sweep's.
    let mut before = usize::MAX;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        uploads::sweep_older_than(&app.app, Duration::from_millis(500)).await.expect("the sweep");
        let stored = app.submissions(&form).await;
        let rows: usize = stored.iter().map(|submission| submission.uploads.len()).sum();
        let files = app.files_on_disk().len();
        if files == rows && before == rows {
            break;
        }
        assert!(Instant::now() < deadline, "{rows} rows and {files} files");
        before = rows;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
