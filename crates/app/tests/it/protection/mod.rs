//! What stands between the open internet and the database.

mod captcha;
pub(crate) mod files;
mod limits;
mod redis_outages;
mod spam;

use std::net::SocketAddr;

use formhold_testkit::TestApp;
use serde_json::Value;

/// Posts to a node as a script would, and gives back status, code of the first error, and body.
async fn post_to(
    app: &TestApp,
    node: SocketAddr,
    path: &str,
    pairs: &[(&str, &str)],
) -> (u16, String, Value) {
    let request = app.client.post(format!("http://{node}{path}"));
    let response =
        request.header("accept", "application/json").form(pairs).send().await.expect("a reply");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    let code = body["errors"][0]["code"].as_str().unwrap_or_default().to_owned();
    (status, code, body)
}

async fn post(app: &TestApp, path: &str, pairs: &[(&str, &str)]) -> (u16, String, Value) {
    post_to(app, app.address, path, pairs).await
}
