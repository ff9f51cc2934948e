//! Several nodes on one Redis count as one.

use std::time::Duration;

use formhold_kv::RedisState;
use futures_util::future::join_all;

use crate::scene::{PATIENT, nodes, open, quota, until};
use formhold_testkit::{RedisServer, redis_is_there};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn of_200_requests_at_once_on_two_nodes_exactly_the_limit_is_allowed() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let nodes: [_; 2] = nodes(&redis.url(), PATIENT).await;
    for round in 0..5 {
        let asks = (0..200).map(|number| {
            let kv = nodes[number % 2].clone();
            let key = round.to_string();
            tokio::spawn(async move { kv.limit("test", &key, &quota("5/min")).await.allowed })
        });
        let allowed = join_all(asks).await.into_iter().filter(|it| *it.as_ref().unwrap()).count();
        assert_eq!(allowed, 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_use_a_key_at_once_one_is_first() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    for number in 0..100 {
        let key = number.to_string();
        let (a, b) =
            tokio::join!(one.first_use("test", &key, MINUTE), two.first_use("test", &key, MINUTE));
        assert!(a ^ b, "{number}: {a} {b}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_counts_and_locks() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    assert_eq!(one.count("test", "a", MINUTE).await, 1);
    assert_eq!(two.count("test", "a", MINUTE).await, 2);
    assert_eq!(one.counted("test", "a").await, 2);
    let lock = one.lock("test", "a", MINUTE).await.unwrap();
    assert!(two.lock("test", "a", MINUTE).await.is_none());
    assert!(lock.release().await);
    assert!(two.lock("test", "a", MINUTE).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_is_seen_to_leave_and_one_that_dies_soon_after() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [one, two, three] = nodes(&redis.url(), PATIENT).await;
    two.leave().await;
    until("the one that left is gone", || one.nodes_last_seen() == 2).await;
    drop(three);
    until("the one that died is gone", || one.nodes_last_seen() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_redis_loses_open_nothing() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), PATIENT).await;
    let mut allowed = 0;
    for _ in 0..20 {
        allowed += u32::from(kv.limit("test", "a", &quota("5/min")).await.allowed);
        redis.cli(&["flushall"]);
    }
    assert!((5..=6).contains(&allowed), "{allowed}");
    assert!(kv.first_use("test", "a", MINUTE).await);
    redis.cli(&["flushall"]);
    assert!(!kv.first_use("test", "a", MINUTE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_redis_forgot_are_loaded_again() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), PATIENT).await;
    assert!(kv.limit("test", "a", &quota("2/min")).await.allowed);
    redis.cli(&["script", "flush"]);
    assert!(kv.limit("test", "a", &quota("2/min")).await.allowed);
    assert!(!kv.limit("test", "a", &quota("2/min")).await.allowed);
    assert_eq!(kv.stats()[0].errors, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_of_redis_that_was_set_back_refuses_nobody_for_long() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), PATIENT).await;
    // What a request of tomorrow leaves behind.
    redis.cli(&["set", "formhold:limit:test:a", "99999999999999999"]);
    let decision = kv.limit("test", "a", &quota("10/s")).await;
    assert!(!decision.allowed);
    assert!(decision.retry_after.unwrap() <= Duration::from_millis(100));
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(kv.limit("test", "a", &quota("10/s")).await.allowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_kept_in_redis_expires() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), PATIENT).await;
    kv.limit("test", "a", &quota("5/min")).await;
    kv.first_use("test", "a", MINUTE).await;
    kv.count("test", "a", MINUTE).await;
    let _lock = kv.lock("test", "a", MINUTE).await.unwrap();
    let keys = redis.cli(&["keys", "*"]);
    assert_eq!(keys.lines().count(), 5, "{keys}");
    for key in keys.lines() {
        let left_ms: i64 = redis.cli(&["pttl", key]).trim().parse().unwrap();
        assert!((1..=60_000).contains(&left_ms), "{key} {left_ms}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_database_and_prefix_come_from_the_address_and_the_password_is_not_shown() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start_with(&["--requirepass", "s3cret/@"]);
    let url = format!("redis://:s3cret%2F%40@127.0.0.1:{}/3?prefix=other", redis.port);
    let [kv] = nodes(&url, PATIENT).await;
    kv.count("test", "a", MINUTE).await;
    let keys = redis.cli(&["-a", "s3cret/@", "--no-auth-warning", "-n", "3", "keys", "*count*"]);
    assert_eq!(keys.trim(), "other:count:test:a");
    let RedisState::Connected { url, nodes, .. } = kv.redis_state() else { panic!("connected") };
    assert_eq!((url, nodes), (format!("redis://127.0.0.1:{}/3", redis.port), 1));

    let wrong = open(&format!("redis://:wrong@127.0.0.1:{}", redis.port), PATIENT);
    until("the reason is known", || match wrong.redis_state() {
        RedisState::Degraded { reason, .. } => {
            reason.contains("WRONGPASS") && !reason.contains("s3cret")
        }
        _ => false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_redis_that_may_use_its_prefix_and_nothing_dangerous_is_enough() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    // As docs/CACHES.md says it.
    let rule = "on >s3cret ~formhold:* &formhold:* +@all -@dangerous";
    let mut command = vec!["acl", "setuser", "formhold"];
    command.extend(rule.split(' '));
    assert_eq!(redis.cli(&command).trim(), "OK");
    let url = format!("redis://formhold:s3cret@127.0.0.1:{}", redis.port);
    let [one, two] = nodes(&url, PATIENT).await;
    let mut there = two.subscribe("a");
    one.limit("test", "a", &quota("5/min")).await;
    one.first_use("test", "a", MINUTE).await;
    one.count("test", "a", MINUTE).await;
    one.counted("test", "a").await;
    assert!(one.lock("test", "a", MINUTE).await.expect("it is free").release().await);
    one.publish("a", "hello").await;
    assert_eq!(there.next().await, Some(formhold_kv::Message::Payload("hello".into())));
    one.leave().await;
    assert_eq!(one.stats()[0].errors, 0);
    let used = redis.cli(&["memory", "usage", "formhold:limit:test:a"]);
    let bytes: u32 = used.trim().parse().expect("a number");
    assert!(bytes <= 200, "{bytes}");
}
