//! A real cluster of three masters.

use std::{process::Command, time::Duration};

use formhold_kv::{Kv, Message, RedisState};
use futures_util::future::join_all;

use crate::{
    admission::admit,
    scene::{PATIENT, nodes, quota, until_degraded},
};
use formhold_testkit::{RedisServer, free_port, redis_is_there};

const MINUTE: Duration = Duration::from_secs(60);

struct Cluster {
    servers: Vec<RedisServer>,
}

impl Cluster {
    fn start() -> Self {
        let servers: Vec<_> = (0..3).map(|_| start_member()).collect();
        let places: Vec<String> =
            servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
        let created = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(&places)
            .arg("--cluster-yes")
            .output()
            .expect("redis-cli runs");
        assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stdout));
        for server in &servers {
            server.wait_for(&["cluster", "info"], |info| info.contains("cluster_state:ok"));
        }
        Self { servers }
    }

    fn url(&self) -> String {
        let hosts: Vec<String> =
            self.servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }
}

fn start_member() -> RedisServer {
    loop {
        // The members talk to each other on a port of their own, 10,000 above.
        let port = free_port();
        if port < 50_000 {
            let timeout = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
            return RedisServer::start_on(port, &timeout);
        }
    }
}

async fn allowed(nodes: &[Kv], key: &str, limit: &str, times: usize) -> usize {
    let asks = (0..times).map(|number| {
        let (kv, key, quota) = (nodes[number % nodes.len()].clone(), key.to_owned(), quota(limit));
        tokio::spawn(async move { kv.limit("test", &key, &quota).await.allowed })
    });
    join_all(asks).await.into_iter().filter(|it| matches!(it, Ok(true))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_counts_as_one() {
    if !redis_is_there() {
        return;
    }
    let mut cluster = Cluster::start();
    let nodes: [_; 2] = nodes(&cluster.url(), PATIENT).await;
    let [one, two] = &nodes;

    for number in 0..12 {
        let key = number.to_string();
        assert_eq!(allowed(&nodes, &key, "5/hour", 40).await, 5, "{key}");
        let (a, b) =
            tokio::join!(one.first_use("test", &key, MINUTE), two.first_use("test", &key, MINUTE));
        assert!(a ^ b, "{key}: {a} {b}");
        assert_eq!(one.count("test", &key, MINUTE).await, 1);
        assert_eq!(two.count("test", &key, MINUTE).await, 2);
        let quotas = (&quota("2/hour"), &quota("3/hour"));
        assert_eq!(admit(one, &key, "a", quotas).await.count, Some(1), "one script, many keys");
        assert_eq!(admit(two, &key, "a", quotas).await.count, Some(2));
        assert_eq!(admit(one, &key, "a", quotas).await.decisions.len(), 1);
        assert_eq!(admit(two, &key, "b", quotas).await.count, Some(3));
        assert_eq!(admit(one, &key, "b", quotas).await.count, None);
        let lock = one.lock("test", &key, MINUTE).await.expect("nobody holds it");
        assert!(two.lock("test", &key, MINUTE).await.is_none());
        assert!(lock.release().await);
    }
    let on_each = cluster.servers.iter().map(|server| server.cli(&["dbsize"]));
    assert!(on_each.into_iter().all(|size| size.trim() != "0"), "the keys lie on all three");

    let mut there = two.subscribe("a");
    one.publish("a", "hello").await;
    assert_eq!(there.next().await, Some(Message::Payload("hello".into())));
    assert_eq!(one.stats()[0].errors, 0);

    for server in &mut cluster.servers {
        server.kill();
    }
    until_degraded(one).await;
    assert_eq!(allowed(&nodes[..1], "alone", "10/hour", 40).await, 5, "its share");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_lost_a_member_is_left_alone_until_it_is_whole() {
    if !redis_is_there() {
        return;
    }
    let mut cluster = Cluster::start();
    let [kv] = nodes(&cluster.url(), PATIENT).await;
    let mut here = kv.subscribe("a");
    cluster.servers[1].kill();
    // By default a cluster answers nothing at all when a part of it is missing.
    let asking = async {
        while !matches!(kv.redis_state(), RedisState::Degraded { .. }) {
            kv.first_use("test", &kv.stats()[0].latency.count.to_string(), MINUTE).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), asking).await.is_ok());
    assert_eq!(allowed(std::slice::from_ref(&kv), "alone", "5/hour", 40).await, 5);
    cluster.servers[1].restart();
    assert!(kv.connected(Duration::from_secs(30)).await, "{:?}", kv.redis_state());
    assert_eq!(here.next().await, Some(Message::Missed));
    assert_eq!(allowed(std::slice::from_ref(&kv), "whole", "5/hour", 40).await, 5);
}
