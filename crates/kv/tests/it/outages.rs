//! A Redis that is gone, hangs, is full or takes no writes: nobody waits, nobody is let in without
//! limit, nobody is shut out, and all is exact again when it is back.

use std::time::{Duration, Instant};

use formhold_kv::{Kv, RedisState};
use futures_util::future::join_all;

use crate::scene::{PATIENT, REAL, nodes, open, quota, until, until_degraded};
use formhold_testkit::{RedisServer, free_port, redis_is_there};

const MINUTE: Duration = Duration::from_secs(60);

/// Beyond the budget: what a busy machine takes to wake a task.
const SLACK: Duration = Duration::from_millis(40);

async fn allowed(kv: &Kv, key: &str, limit: &str, times: usize) -> usize {
    let mut allowed = 0;
    for _ in 0..times {
        allowed += usize::from(kv.limit("test", key, &quota(limit)).await.allowed);
    }
    allowed
}

async fn reconnected(kv: &Kv) {
    assert!(kv.connected(Duration::from_secs(30)).await, "{:?}", kv.redis_state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_not_there_at_the_start_is_used_when_it_comes() {
    if !redis_is_there() {
        return;
    }
    let mut redis = RedisServer::prepare(free_port(), &[]);
    let kv = open(&redis.url(), REAL);
    let start = Instant::now();
    assert_eq!(allowed(&kv, "a", "5/min", 20).await, 5, "limits hold without it");
    assert!(kv.first_use("test", "a", MINUTE).await);
    assert!(!kv.first_use("test", "a", MINUTE).await);
    assert_eq!(kv.count("test", "a", MINUTE).await, 1);
    assert!(kv.lock("test", "a", MINUTE).await.is_some());
    assert!(start.elapsed() < Duration::from_millis(50) + SLACK, "{:?}", start.elapsed());
    assert!(matches!(kv.redis_state(), RedisState::Degraded { .. }));
    redis.restart();
    reconnected(&kv).await;
    assert!(!kv.first_use("test", "a", MINUTE).await, "what was used before stays used");
    assert_eq!(kv.count("test", "b", MINUTE).await, 1);
    assert_eq!(redis.cli(&["exists", "formhold:count:test:b"]).trim(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_burst_the_nodes_stay_within_the_limit_and_one_each() {
    if !redis_is_there() {
        return;
    }
    for limit in [5_usize, 40] {
        let mut redis = RedisServer::start();
        let nodes: [_; 2] = nodes(&redis.url(), REAL).await;
        let text = format!("{limit}/hour");
        let mut total = 0;
        // Both get the same, as behind a load balancer, and Redis dies before all is used.
        for round in 0..limit {
            if round == limit / 4 {
                redis.kill();
            }
            let burst = join_all(nodes.iter().map(|kv| allowed(kv, "a", &text, 4))).await;
            total += burst.iter().sum::<usize>();
        }
        assert!(total <= limit + 2, "{total} of {limit}");
        assert!(total >= limit / 2, "{total} of {limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_parallel_load_the_nodes_stay_within_the_limit_and_one_each() {
    if !redis_is_there() {
        return;
    }
    let limit = 200;
    let mut redis = RedisServer::start();
    let nodes: [_; 2] = nodes(&redis.url(), REAL).await;
    let clients: Vec<_> = (0..16)
        .map(|number: usize| {
            let kv = nodes[number % 2].clone();
            tokio::spawn(async move { allowed(&kv, "a", "200/hour", 100).await })
        })
        .collect();
    let seen = || nodes[0].stats()[0].hits;
    until("a part is used", || seen() >= 20).await;
    redis.kill();
    let total: usize = join_all(clients).await.into_iter().map(|it| it.unwrap()).sum();
    assert!(total <= limit + 2, "{total} of {limit}");
    assert!(total >= limit / 2, "{total} of {limit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_node_holds_its_share_and_after_a_restart_all_is_exact_again() {
    if !redis_is_there() {
        return;
    }
    let mut redis = RedisServer::start();
    let nodes: [_; 2] = nodes(&redis.url(), PATIENT).await;
    redis.kill();
    for kv in &nodes {
        until_degraded(kv).await;
        assert_eq!(kv.nodes_last_seen(), 2, "as last known");
        assert_eq!(allowed(kv, "shared", "10/hour", 30).await, 5);
        assert_eq!(allowed(kv, "few", "1/hour", 30).await, 1, "never none");
    }
    redis.restart();
    for kv in &nodes {
        reconnected(kv).await;
    }
    let both = join_all(nodes.iter().map(|kv| allowed(kv, "new", "5/hour", 50))).await;
    assert_eq!(both.iter().sum::<usize>(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_costs_the_budget_a_few_times_and_then_nothing() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    // No signs of life that would find it out before the calls do.
    let timing = formhold_kv::Timing { beat_every: Duration::from_secs(600), ..REAL };
    let kv = open(&redis.url(), timing);
    reconnected(&kv).await;
    redis.freeze();
    let mut waited = 0;
    for number in 0..20 {
        let start = Instant::now();
        let decision = kv.limit("test", &number.to_string(), &quota("5/min")).await;
        let took = start.elapsed();
        assert!(decision.allowed);
        assert!(took < timing.budget + SLACK, "call {number} took {took:?}");
        if took >= timing.budget {
            waited += 1;
        }
    }
    assert_eq!(waited, 3, "then the breaker is open");
    assert!(matches!(kv.redis_state(), RedisState::Degraded { .. }));
    assert!(kv.first_use("test", "a", MINUTE).await);
    assert_eq!(kv.count("test", "a", MINUTE).await, 1);
    let errors = kv.stats()[0].errors;
    assert_eq!(errors, 3);
    redis.thaw();
    reconnected(&kv).await;
    assert_eq!(allowed(&kv, "new", "5/min", 20).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_a_redis_that_hangs_all_have_their_answer_in_time() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), REAL).await;
    redis.freeze();
    let start = Instant::now();
    let asks = (0..200).map(|number: u32| {
        let kv = kv.clone();
        tokio::spawn(async move { kv.limit("test", &number.to_string(), &quota("5/min")).await })
    });
    assert!(join_all(asks).await.into_iter().all(|it| it.unwrap().allowed));
    assert!(start.elapsed() < Duration::from_millis(150), "{:?}", start.elapsed());
    redis.thaw();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_node_notices_that_redis_hangs_and_that_it_is_back() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), REAL).await;
    redis.freeze();
    until_degraded(&kv).await;
    redis.thaw();
    reconnected(&kv).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_full_is_left_alone_until_it_has_room() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start_with(&["--maxmemory-policy", "noeviction"]);
    let [kv] = nodes(&redis.url(), REAL).await;
    redis.cli(&["config", "set", "maxmemory", "1mb"]);
    redis.cli(&["eval", "for i = 1, 50 do redis.call('SET', i, string.rep('x', 50000)) end", "0"]);
    assert_eq!(allowed(&kv, "a", "5/min", 20).await, 5);
    assert!(kv.first_use("test", "a", MINUTE).await);
    assert!(!kv.first_use("test", "a", MINUTE).await);
    assert_eq!(kv.count("test", "a", MINUTE).await, 1);
    until("the reason is known", || match kv.redis_state() {
        RedisState::Degraded { reason, .. } => reason.contains("OOM"),
        _ => false,
    })
    .await;
    redis.cli(&["config", "set", "maxmemory", "0"]);
    reconnected(&kv).await;
    assert_eq!(allowed(&kv, "new", "5/min", 20).await, 5);
    assert_eq!(redis.cli(&["exists", "formhold:limit:test:new"]).trim(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_evicts_opens_nothing() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start_with(&["--maxmemory-policy", "allkeys-lru"]);
    let [kv] = nodes(&redis.url(), PATIENT).await;
    redis.cli(&["config", "set", "maxmemory", "1500kb"]);
    let mut of_one = 0;
    for number in 0..3_000 {
        kv.limit("test", &format!("{number:0>400}"), &quota("5/day")).await;
        if number % 50 == 0 {
            of_one += allowed(&kv, "a", "5/day", 1).await;
        }
    }
    let evicted = redis.cli(&["info", "stats"]);
    let evicted = evicted.lines().find_map(|line| line.strip_prefix("evicted_keys:"));
    let evicted: u32 = evicted.unwrap().trim().parse().unwrap();
    assert!(evicted > 100, "{evicted} were evicted");
    assert!((5..=6).contains(&of_one), "{of_one}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_becomes_a_read_only_replica_is_left_alone_until_it_takes_writes() {
    if !redis_is_there() {
        return;
    }
    let (master, redis) = (RedisServer::start(), RedisServer::start());
    let [kv] = nodes(&redis.url(), REAL).await;
    redis.cli(&["replicaof", "127.0.0.1", &master.port.to_string()]);
    assert_eq!(allowed(&kv, "a", "5/min", 20).await, 5);
    until("the reason is known", || match kv.redis_state() {
        RedisState::Degraded { reason, .. } => {
            reason.contains("READONLY") || reason.contains("ReadOnly")
        }
        _ => false,
    })
    .await;
    redis.cli(&["replicaof", "no", "one"]);
    reconnected(&kv).await;
    assert_eq!(allowed(&kv, "new", "5/min", 20).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_goes_on_from_what_was_seen_last() {
    if !redis_is_there() {
        return;
    }
    let mut redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    one.count("test", "a", MINUTE).await;
    assert_eq!(two.count("test", "a", MINUTE).await, 2);
    redis.kill();
    until_degraded(&two).await;
    assert_eq!(two.count("test", "a", MINUTE).await, 3);
    assert_eq!(two.counted("test", "a").await, 3);
}
