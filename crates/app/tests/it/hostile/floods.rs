//! Too much of one thing: parts, levels, keys, headers, chunks.

use super::{app, assert_serves, head, raw::Raw, refused};

const JSON: &str = "content-type: application/json\r\n";
const MULTIPART: &str = "content-type: multipart/form-data; boundary=b\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_parts_are_refused() {
    let app = app().await;
    let parts = |head: &str| {
        format!("--b\r\ncontent-disposition: form-data; {head}\r\n\r\n\r\n").repeat(100_000)
    };
    let texts = parts("name=\"a\"");
    refused(&app, MULTIPART, texts.as_bytes()).await.assert(413, "TOO_MANY_FIELDS");
    // File inputs in which nothing was chosen count as parts, although they are no fields.
    let unchosen = parts("name=\"a\"; filename=\"\"");
    refused(&app, MULTIPART, unchosen.as_bytes()).await.assert(413, "TOO_MANY_PARTS");
    let files = parts("name=\"a\"; filename=\"a.txt\"");
    refused(&app, MULTIPART, files.as_bytes()).await.assert(413, "TOO_MANY_FILES");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_too_deep_is_refused() {
    let app = app().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 100_000;
        let body = format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        refused(&app, JSON, body.as_bytes()).await.assert(400, "JSON_TOO_DEEP");
        let open_only = format!("{{\"a\":{}", open.repeat(depth));
        refused(&app, JSON, open_only.as_bytes()).await.assert(400, "JSON_TOO_DEEP");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_with_a_million_keys_is_refused() {
    let app = app().await;
    let keys = |count: usize| {
        let keys: Vec<String> = (0..count).map(|key| format!("\"{key:x}\":0")).collect();
        format!("{{{}}}", keys.join(","))
    };
    refused(&app, JSON, keys(1_000_000).as_bytes()).await.assert(413, "BODY_TOO_LARGE");
    // As many as fit into the limit of bytes.
    refused(&app, JSON, keys(110_000).as_bytes()).await.assert(413, "TOO_MANY_FIELDS");
    let same = format!("{{{}}}", vec!["\"\":0"; 200_000].join(","));
    refused(&app, JSON, same.as_bytes()).await.assert(413, "TOO_MANY_FIELDS");
    let items = format!("{{\"a\":[{}]}}", vec!["0"; 500_000].join(","));
    refused(&app, JSON, items.as_bytes()).await.assert(413, "TOO_MANY_FIELDS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_urlencoded_fields_are_refused() {
    let app = app().await;
    let urlencoded = "content-type: application/x-www-form-urlencoded\r\n";
    let body = "a=1&".repeat(100_000);
    refused(&app, urlencoded, body.as_bytes()).await.assert(413, "TOO_MANY_FIELDS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_with_a_huge_header_is_refused() {
    let app = app().await;
    let huge = "x".repeat(1 << 20);
    for lines in [
        format!("content-disposition: form-data; name=\"{huge}\""),
        format!("content-disposition: form-data; name=\"a\"; filename=\"{huge}\""),
        format!("x-{huge}: 1\r\ncontent-disposition: form-data; name=\"a\""),
        // Without an end.
        huge.clone(),
    ] {
        let body = format!("--b\r\n{lines}\r\n\r\nvalue\r\n--b--\r\n");
        let reply = refused(&app, MULTIPART, body.as_bytes()).await;
        reply.assert(413, "PART_HEADER_TOO_LARGE");
    }
    let many = "x-a: 1\r\n".repeat(20_000);
    let body =
        format!("--b\r\n{many}content-disposition: form-data; name=\"a\"\r\n\r\nv\r\n--b--\r\n");
    let reply = refused(&app, MULTIPART, body.as_bytes()).await;
    assert!([400, 413].contains(&reply.status), "{}", String::from_utf8_lossy(&reply.body));
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_without_end_are_refused_at_the_limit() {
    let app = app().await;
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    for (kind, code) in [
        ("application/x-www-form-urlencoded", "BODY_TOO_LARGE"),
        ("application/json", "BODY_TOO_LARGE"),
        // What comes before the first part counts as its header.
        ("multipart/form-data; boundary=b", "PART_HEADER_TOO_LARGE"),
    ] {
        let mut raw = Raw::connect(app.address).await;
        raw.send(head(&format!("content-type: {kind}\r\ntransfer-encoding: chunked\r\n"))).await;
        let (reply, sent) = raw.reply_while_sending(chunk.as_bytes(), 1 << 30).await;
        reply.assert(413, code);
        assert!(sent < 100 << 20, "{kind}: it went on reading for {sent} bytes");
        assert!(app.files_on_disk().is_empty());
        assert_serves(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_end_is_refused_at_the_limit_of_a_file() {
    let app = app().await;
    let mut raw = Raw::connect(app.address).await;
    raw.send(head(&format!("{MULTIPART}transfer-encoding: chunked\r\n"))).await;
    let part = "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n";
    raw.send(format!("{:x}\r\n{part}\r\n", part.len())).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let (reply, _) = raw.reply_while_sending(chunk.as_bytes(), 1 << 30).await;
    reply.assert(413, "FILES_TOO_BIG");
    assert!(app.files_on_disk().is_empty());
    assert_serves(&app).await;
}
