//! Two nodes on one database: one row a key, and a maximum that is exact.

use std::{collections::BTreeSet, net::SocketAddr};

use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// The name that both nodes are reached under, so that their replies can be the same.
const HOST: &str = "forms.example.org";

async fn post(
    app: &TestApp,
    node: SocketAddr,
    key: Option<&str>,
    pairs: &[(&str, &str)],
) -> (u16, Value) {
    let mut request = app
        .client
        .post(format!("http://{node}/f/test"))
        .header("host", HOST)
        .header("accept", "application/json")
        .form(pairs);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let response = request.send().await.expect("a reply");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

on_both_stacks! {
    async fn fifty_equal_requests_on_two_nodes_are_one_submission_with_one_reply(app: TestApp) {
        let form = app.form(json!({})).await;
        let nodes = [app.address, app.second_address().await];
        for round in 0..5 {
            let key = format!("k{round}");
            let all = (0..50).map(|number| {
                post(&app, nodes[number % 2], Some(&key), &[("name", "Ada")])
            });
            let replies: BTreeSet<String> = join_all(all)
                .await
                .into_iter()
                .map(|(status, body)| format!("{status} {body}"))
                .collect();
            assert_eq!(replies.len(), 1, "{replies:?}");
            assert!(replies.iter().all(|reply| reply.starts_with("200 ")), "{replies:?}");
            assert_eq!(app.submissions(&form).await.len(), round + 1);
        }
    }

    async fn a_maximum_is_exact_on_two_nodes(app: TestApp) {
        let form = app.form(json!({ "max_submissions": 10 })).await;
        let nodes = [app.address, app.second_address().await];
        let all = (0..50).map(|number| {
            let app = &app;
            let key = format!("k{number}");
            async move {
                let pairs = [("name", key.as_str())];
                post(app, nodes[number % 2], Some(&key), &pairs).await
            }
        });
        let replies = join_all(all).await;
        let accepted = replies.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!(accepted, 10, "{replies:?}");
        assert!(
            replies.iter().filter(|(status, _)| *status != 200).all(|(status, body)| {
                *status == 403 && body["errors"][0]["code"] == "INACTIVE"
            }),
            "{replies:?}"
        );
        assert_eq!(app.submissions(&form).await.len(), 10);
        // Whoever got in gets the same reply again, whoever did not is refused again.
        for (number, (status, body)) in replies.iter().enumerate() {
            let key = format!("k{number}");
            let pairs = [("name", key.as_str())];
            let (again, second) = post(&app, nodes[(number + 1) % 2], Some(&key), &pairs).await;
            assert_eq!((again, &second["id"]), (*status, &body["id"]), "{second}");
        }
        assert_eq!(app.submissions(&form).await.len(), 10);
    }

    async fn different_submissions_on_two_nodes_are_all_stored_and_counted(app: TestApp) {
        let form = app.form(json!({})).await;
        let nodes = [app.address, app.second_address().await];
        let all = (0..200).map(|number| {
            let app = &app;
            async move {
                let name = number.to_string();
                post(app, nodes[number % 2], None, &[("name", &name)]).await.0
            }
        });
        assert!(join_all(all).await.iter().all(|status| *status == 200));
        assert_eq!(app.submissions(&form).await.len(), 200);
        let counted = app.database.number("SELECT CAST(SUM(accepted) AS SIGNED) FROM submission_counts");
        assert_eq!(counted.await, 200);
    }
}
