//! Messages reach every subscriber on every node, and who missed some is told.

use std::time::Duration;

use formhold_kv::{Message, Subscription};

use crate::{
    in_memory_and_on_redis,
    scene::{PATIENT, nodes, until_degraded},
};
use formhold_testkit::{RedisServer, redis_is_there};

async fn next(subscription: &mut Subscription) -> Option<Message> {
    tokio::time::timeout(Duration::from_secs(20), subscription.next()).await.expect("a message")
}

async fn next_payload(subscription: &mut Subscription) -> String {
    loop {
        match next(subscription).await {
            Some(Message::Payload(payload)) => return payload.to_string(),
            Some(Message::Missed) => {}
            None => panic!("the end"),
        }
    }
}

in_memory_and_on_redis! {
    async fn a_message_reaches_all_subscribers_of_its_channel_once_and_in_order(scene: &Scene) {
        let (mut a, mut b) = (scene.kv.subscribe("a"), scene.kv.subscribe("a"));
        let mut other = scene.kv.subscribe("b");
        for payload in ["1", "2\nwith a second line", ""] {
            scene.kv.publish("a", payload).await;
        }
        scene.kv.publish("b", "end").await;
        for subscription in [&mut a, &mut b] {
            for payload in ["1", "2\nwith a second line", ""] {
                assert_eq!(next_payload(subscription).await, payload);
            }
        }
        assert_eq!(next_payload(&mut other).await, "end");
        scene.kv.publish("a", "last").await;
        assert_eq!(next_payload(&mut a).await, "last", "own messages come once");
    }

    async fn a_slow_subscriber_is_told_that_it_missed_something(scene: &Scene) {
        let mut slow = scene.kv.subscribe("a");
        for number in 0..2_000 {
            scene.kv.publish("a", &number.to_string()).await;
        }
        assert_eq!(next(&mut slow).await, Some(Message::Missed));
        assert_eq!(next_payload(&mut slow).await, "976");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_other_nodes_also_after_redis_was_gone() {
    if !redis_is_there() {
        return;
    }
    let mut redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    let mut there = two.subscribe("a");
    one.publish("a", "before").await;
    assert_eq!(next(&mut there).await, Some(Message::Payload("before".into())));

    redis.kill();
    until_degraded(&one).await;
    until_degraded(&two).await;
    let mut here = one.subscribe("a");
    one.publish("a", "meanwhile").await;
    assert_eq!(next_payload(&mut here).await, "meanwhile", "this node gets it in any case");

    redis.restart();
    assert!(one.connected(Duration::from_secs(20)).await);
    assert!(two.connected(Duration::from_secs(20)).await);
    assert_eq!(next(&mut there).await, Some(Message::Missed));
    one.publish("a", "after").await;
    assert_eq!(next_payload(&mut there).await, "after");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_redis_for_a_moment_is_told_so_even_when_nobody_published() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), PATIENT).await;
    let mut here = kv.subscribe("a");
    redis.cli(&["client", "kill", "type", "pubsub"]);
    assert_eq!(next(&mut here).await, Some(Message::Missed));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_uses_another_database_or_prefix_of_the_same_redis_hears_nothing() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    let [other_database] = nodes(&format!("{}/1", redis.url()), PATIENT).await;
    let [other_prefix] = nodes(&format!("{}?prefix=other", redis.url()), PATIENT).await;
    let mut there = two.subscribe("a");
    other_database.publish("a", "not for you").await;
    other_prefix.publish("a", "not for you").await;
    one.publish("a", "for you").await;
    assert_eq!(next(&mut there).await, Some(Message::Payload("for you".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_not_publish_tells_the_others_later() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    let mut there = two.subscribe("a");
    redis.cli(&["acl", "setuser", "default", "-publish"]);
    one.publish("a", "lost").await;
    redis.cli(&["acl", "setuser", "default", "+publish"]);
    assert_eq!(next(&mut there).await, Some(Message::Missed));
}
