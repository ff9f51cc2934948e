//! The description of the API: committed, served, printed, and as a page.

use formhold_testkit::{Program, Stack, TestApp, TestDatabase};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_description_is_the_one_that_is_served_and_printed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(path).expect("the description is committed");
    let committed: Value = serde_json::from_str(&committed).expect("JSON");
    let hint = "run: cargo run -- openapi > docs/openapi.json";
    assert_eq!(&committed, formhold_web::openapi(), "{hint}");
    let app = TestApp::start(Stack::Sqlite).await;
    let served = app.client.get(app.url("/api/openapi.json")).send().await.expect("a reply");
    assert_eq!(served.headers()["content-type"], "application/json");
    assert_eq!(served.json::<Value>().await.expect("JSON"), committed);
    let database = TestDatabase::new(Stack::Sqlite).await;
    let printed = Program::new(env!("CARGO_BIN_EXE_formhold"), &database).run(&["openapi"]);
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).expect("JSON"), committed);
    assert_eq!(committed["openapi"], "3.1.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_stands_on_the_page_for_people() {
    let app = TestApp::start(Stack::Sqlite).await;
    let page = app.client.get(app.url("/api/docs")).send().await.expect("a reply");
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await.expect("a page");
    assert!(!html.contains("<script") && !html.contains("style="));
    let paths = formhold_web::openapi()["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for operation in item.as_object().expect("operations").values() {
            let id = operation["operationId"].as_str().expect("a name");
            assert!(html.contains(&format!("id=\"{id}\"")) && html.contains(path), "{path} {id}");
        }
    }
}
