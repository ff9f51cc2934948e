//! Redis killed in the middle, absent, and back.

use std::{net::SocketAddr, time::Duration};

use formhold_testkit::{RedisServer, Stack, TestApp, redis_is_there};
use futures_util::future::join_all;
use serde_json::json;

use super::post_to;

async fn two_nodes(redis: &RedisServer) -> (TestApp, [SocketAddr; 2]) {
    let url = redis.url();
    let app = TestApp::start_with(Stack::Sqlite, |settings| settings.redis.url = url).await;
    let second = app.second_node().await;
    let nodes = [app.address, app.address_of(&second).await];
    for kv in [&app.app.kv, &second.kv] {
        assert!(kv.connected(Duration::from_secs(10)).await, "{:?}", kv.redis_state());
    }
    // Each has seen the other.
    while app.app.kv.nodes_last_seen() < 2 || second.kv.nodes_last_seen() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (app, nodes)
}

/// Posts so many times at once, in turn to each node; answers how many were taken and how many
/// refused.
async fn burst(app: &TestApp, nodes: [SocketAddr; 2], form: &str, count: usize) -> (usize, usize) {
    let path = format!("/f/{form}");
    let all = (0..count).map(|number| post_to(app, nodes[number % 2], &path, &[("a", "1")]));
    let statuses: Vec<u16> = join_all(all).await.into_iter().map(|reply| reply.0).collect();
    let of = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(of(200) + of(429), count, "{statuses:?}");
    (of(200), of(429))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_redis_killed_in_the_middle_limits_hold_and_are_exact_again_when_it_is_back() {
    if !redis_is_there() {
        return;
    }
    let mut redis = RedisServer::start();
    let (app, nodes) = two_nodes(&redis).await;
    for slug in ["a", "b", "c"] {
        app.form(json!({ "slug": slug, "protection": { "limit": "5/min" } })).await;
    }
    assert_eq!(burst(&app, nodes, "a", 200).await, (5, 195));

    let before = burst(&app, nodes, "b", 3).await.0;
    let ((during, _), ()) = tokio::join!(burst(&app, nodes, "b", 200), async { redis.kill() });
    let after = burst(&app, nodes, "b", 200).await.0;
    let accepted = before + during + after;
    assert!((5..=7).contains(&accepted), "{before} + {during} + {after}");
    assert_eq!(burst(&app, nodes, "c", 1).await.0, 1, "a new client is not shut out");

    redis.restart();
    assert!(app.app.kv.connected(Duration::from_secs(30)).await);
    app.form(json!({ "slug": "d", "protection": { "limit": "5/min" } })).await;
    // The other node may need a moment longer; forms that nobody posted to yet tell.
    for round in 0.. {
        let slug = format!("again{round}");
        app.form(json!({ "slug": slug, "protection": { "limit": "5/min" } })).await;
        let (accepted, _) = burst(&app, nodes, &slug, 200).await;
        if accepted == 5 {
            break;
        }
        assert!(accepted < 8 && round < 20, "{accepted} in round {round}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(burst(&app, nodes, "d", 200).await, (5, 195));
}

#[tokio::test(flavor = "multi_thread")]
async fn submissions_go_on_with_a_redis_that_hangs_or_was_never_there() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let (app, nodes) = two_nodes(&redis).await;
    app.form(json!({ "slug": "hangs", "protection": { "limit": "1000/min" } })).await;
    redis.freeze();
    let start = std::time::Instant::now();
    assert_eq!(burst(&app, nodes, "hangs", 100).await.0, 100);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    redis.thaw();

    let never = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.redis.url = "redis://127.0.0.1:1".to_owned();
    })
    .await;
    never.form(json!({ "slug": "never", "protection": { "limit": "5/min" } })).await;
    assert_eq!(burst(&never, [never.address; 2], "never", 20).await, (5, 15));
}
