//! The client's address is the peer's unless a trusted proxy says otherwise.

use formhold_testkit::{Stack, TestApp};
use serde_json::json;

const FORGED: [(&str, &str); 5] = [
    ("x-forwarded-for", "6.6.6.6"),
    ("forwarded", "for=6.6.6.6"),
    ("x-real-ip", "6.6.6.6"),
    ("true-client-ip", "6.6.6.6"),
    ("formhold-client-ip", "6.6.6.6"),
];

async fn stored_address(app: &TestApp, header: (&str, &str)) -> String {
    let request = app
        .client
        .post(app.url("/f/test"))
        .header("accept", "application/json")
        .header(header.0, header.1);
    assert_eq!(request.form(&[("a", "1")]).send().await.expect("a reply").status().as_u16(), 200);
    let form = formhold_service::forms::get_form(&app.app, "test").await.expect("the form");
    let last = app.submissions(&form).await.pop().expect("a submission");
    last.context.client_address.expect("an address").to_string()
}

#[tokio::test]
async fn headers_of_an_untrusted_peer_change_nothing() {
    let app = TestApp::start(Stack::Sqlite).await;
    app.form(json!({})).await;
    for header in FORGED {
        assert_eq!(stored_address(&app, header).await, "127.0.0.1", "{header:?}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_as_far_as_it_is_trusted() {
    let trust = |settings: &mut formhold::settings::Settings| {
        settings.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")]
    };
    let app = TestApp::start_with(Stack::Sqlite, trust).await;
    app.form(json!({})).await;
    assert_eq!(
        stored_address(&app, ("x-forwarded-for", "6.6.6.6, 198.51.100.7")).await,
        "198.51.100.7"
    );
    assert_eq!(
        stored_address(&app, ("forwarded", "for=6.6.6.6, for=\"[2001:db8::1]:80\"")).await,
        "2001:db8::1"
    );
    assert_eq!(stored_address(&app, ("x-real-ip", "6.6.6.6")).await, "127.0.0.1");
    assert_eq!(stored_address(&app, ("formhold-client-ip", "6.6.6.6")).await, "127.0.0.1");
}
