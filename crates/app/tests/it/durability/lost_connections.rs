//! Connections to MariaDB that the server closed: nobody is refused for that.

use formhold_testkit::{Stack, TestApp};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_after_the_server_closed_all_connections_is_stored() {
    if !Stack::MariaDb.is_there() {
        return;
    }
    let app = TestApp::start(Stack::MariaDb).await;
    let form = app.form(json!({})).await;
    for round in 0..3 {
        assert_eq!(app.post("/f/test", &[("a", "1")]).await.0, 200, "round {round}");
        app.database.close_connections().await;
    }
    assert_eq!(app.post("/f/test", &[("a", "1")]).await.0, 200);
    assert_eq!(app.submissions(&form).await.len(), 4);
}
