//! Heads that are no HTTP, too long, or in two minds about where the body ends.

use std::time::Duration;

use super::{app, assert_serves, head, raw::Raw};

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

async fn reply_to(
    app: &formhold_testkit::TestApp,
    bytes: impl AsRef<[u8]>,
) -> Option<super::Reply> {
    let mut raw = Raw::connect(app.address).await;
    raw.try_send(bytes).await;
    raw.reply().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_requests_are_all_answered_in_order() {
    let app = app().await;
    let mut raw = Raw::connect(app.address).await;
    let post = |name: &str| {
        let length = name.len() + 2;
        format!("{}a={name}", head(&format!("{FORM}content-length: {length}\r\n")))
    };
    let missing = "GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let all = [post("one"), missing.to_owned(), post("two"), post("three"), missing.to_owned()];
    raw.send(all.concat()).await;
    let mut statuses = Vec::new();
    for _ in 0..all.len() {
        statuses.push(raw.reply().await.expect("a reply").status);
    }
    assert_eq!(statuses, [200, 404, 200, 200, 404]);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_refused_body_on_the_same_connection_is_no_request() {
    let app = app().await;
    let mut raw = Raw::connect(app.address).await;
    let smuggled = format!("{}a=1", head(&format!("{FORM}content-length: 3\r\n")));
    let body = format!("{{not json{smuggled}");
    let kind = "content-type: application/json\r\n";
    raw.send(head(&format!("{kind}content-length: {}\r\n", body.len()))).await;
    raw.send(body).await;
    raw.reply().await.expect("a reply").assert(400, "MALFORMED");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 0);
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_do_not_fit_are_refused_with_a_code() {
    let app = app().await;
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "BREW", "post", "X-_!"] {
        for path in ["/f/test", "/submit", "/livez", "/f/test/schema"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n"
            );
            let reply = reply_to(&app, request).await.expect("a reply");
            assert!(reply.head.contains("\r\nallow: "), "{method} {path}: {}", reply.head);
            reply.assert(405, "METHOD_NOT_ALLOWED");
        }
    }
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_to_a_path_that_is_no_text_names_no_form() {
    let app = app().await;
    let paths =
        ["/f/%00", "/f/%2e%2e%2ftest", "/f/%FF%FE", "/s/%C3%28", "/ajax/%80", "/p/%FF/f/%FF"];
    for path in paths {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n{FORM}content-length: 3\r\n\r\na=1"
        );
        let reply = reply_to(&app, request).await.expect("a reply");
        reply.assert(404, "FORM_NOT_FOUND");
    }
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_path_is_no_text_is_not_there() {
    let app = app().await;
    for (path, fits) in [
        ("/%FF", 404),
        ("/static/%FF", 404),
        ("/f/test?language=%FF", 200),
        ("/f/test?language=de&language=en&x=%00", 200),
        ("/f/%FF", 404),
        ("/f/%FF/thanks", 404),
        ("/f/%FF/schema", 404),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let reply = reply_to(&app, request).await.expect("a reply");
        assert_eq!(reply.status, fits, "{path}: {}", String::from_utf8_lossy(&reply.body));
    }
    // Not encoded at all: no HTTP.
    let bytes = b"POST /f/\xff\xfe HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
    let reply = reply_to(&app, bytes).await;
    assert!(reply.is_none_or(|reply| [400, 404].contains(&reply.status)));
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_beyond_64_kib_is_refused() {
    let app = app().await;
    let long = "x".repeat(150 * 1024);
    for request in [
        head(&format!("x-long: {long}\r\n")),
        format!("GET /{long} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        format!("{long} / HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        head(&"x-many: 1\r\n".repeat(15_000)),
        format!("GET / HTTP/1.1\r\nhost: localhost\r\n{long}"),
    ] {
        let mut raw = Raw::connect(app.address).await;
        raw.try_send(&request).await;
        let reply = raw.reply().await;
        let refused = |status| [400, 414, 431].contains(&status);
        assert!(reply.as_ref().is_none_or(|reply| refused(reply.status)), "{reply:?}");
        assert!(raw.ends_within(Duration::from_secs(1)).await);
    }
    // A long one within the limit is none of our business.
    let cookie = format!("cookie: {}\r\n", "c".repeat(40 * 1024));
    let fits = format!("{}a=1", head(&format!("{FORM}{cookie}content-length: 3\r\n")));
    assert_eq!(reply_to(&app, fits).await.map(|reply| reply.status), Some(200));
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_with_two_ends_is_refused() {
    let app = app().await;
    let chunked = "3\r\na=1\r\n0\r\n\r\n";
    let cases = [
        ("content-length: 3\r\ncontent-length: 4\r\n", "a=12"),
        ("transfer-encoding: identity, chunked, identity\r\n", chunked),
        ("transfer-encoding: xchunked\r\n", chunked),
        ("transfer-encoding: gzip\r\n", chunked),
        ("transfer-encoding: chunked\r\n", "ffffffffffffffffff\r\na=1\r\n0\r\n\r\n"),
        ("transfer-encoding: chunked\r\n", "-3\r\na=1\r\n0\r\n\r\n"),
        ("transfer-encoding: chunked\r\n", "3\r\na=1XX0\r\n\r\n"),
        (" content-length: 3\r\n", "a=1"),
        ("content-length : 3\r\n", "a=1"),
        ("content-length\0: 3\r\n", "a=1"),
    ];
    for (lines, body) in cases {
        let reply = reply_to(&app, format!("{}{body}", head(&format!("{FORM}{lines}")))).await;
        let refused = reply.as_ref().is_none_or(|reply| reply.status == 400);
        assert!(refused, "{lines:?} {body:?}: {reply:?}");
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 0);
    assert_serves(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused() {
    let app = app().await;
    let tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice();
    let h2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".as_slice();
    let ssh = b"SSH-2.0-OpenSSH_9.2\r\n\r\n".as_slice();
    let zeros = [0; 4096].as_slice();
    let odd = b"POST /f/test HTTP/9.9\r\nhost: localhost\r\n\r\n".as_slice();
    for bytes in [tls, h2, ssh, zeros, odd] {
        let mut raw = Raw::connect(app.address).await;
        raw.try_send(bytes).await;
        let reply = raw.reply().await;
        assert!(reply.as_ref().is_none_or(|reply| [400, 505].contains(&reply.status)), "{reply:?}");
        assert!(raw.ends_within(Duration::from_secs(1)).await);
    }
    assert_serves(&app).await;
}
