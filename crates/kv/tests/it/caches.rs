//! Caches: one load at a time, nothing older than allowed, dropped on all nodes.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use formhold_kv::{CacheOptions, Kv, LocalCache, SharedCache};
use futures_util::future::join_all;
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};

use crate::{
    in_memory_and_on_redis,
    scene::{PATIENT, Scene, nodes, until},
};
use formhold_testkit::{RedisServer, redis_is_there};

const OPTIONS: CacheOptions = CacheOptions { capacity: 100, time_limit: Duration::from_secs(1) };
const LONG: CacheOptions = CacheOptions { capacity: 100, time_limit: Duration::from_secs(60) };

async fn get_local(cache: &LocalCache<u32>, key: &str, value: u32) -> u32 {
    cache.get_or_try_load(key, async { Ok::<_, Infallible>(value) }).await.expect("it loads")
}

async fn get_shared(cache: &SharedCache<u32>, key: &str, value: u32) -> u32 {
    cache.get_or_try_load(key, async { Ok::<_, Infallible>(value) }).await.expect("it loads")
}

fn counted(kv: &Kv, name: &str) -> (u64, u64) {
    let stats = kv.stats().into_iter().find(|it| it.name == name).expect("the cache is counted");
    (stats.hits, stats.misses)
}

in_memory_and_on_redis! {
    async fn a_value_is_kept_for_its_time_and_counted(scene: &Scene) {
        let local = scene.kv.local_cache("forms", OPTIONS);
        let shared = scene.kv.shared_cache("stats", OPTIONS);
        for (key, value, expected) in [("a", 1, 1), ("a", 2, 1), ("b", 3, 3)] {
            assert_eq!(get_local(&local, key, value).await, expected);
            assert_eq!(get_shared(&shared, key, value).await, expected);
        }
        scene.pass(Duration::from_millis(1_100)).await;
        assert_eq!(get_local(&local, "a", 4).await, 4);
        assert_eq!(get_shared(&shared, "a", 4).await, 4);
        assert_eq!(counted(&scene.kv, "forms"), (1, 3));
        assert_eq!(counted(&scene.kv, "stats"), (1, 3));
    }

    async fn an_error_goes_to_who_asked_and_is_not_kept(scene: &Scene) {
        let local = scene.kv.local_cache("forms", LONG);
        let shared = scene.kv.shared_cache("stats", LONG);
        let fail = async || Err::<u32, _>("the database is gone");
        assert_eq!(*local.get_or_try_load("a", fail()).await.expect_err("it fails"), "the database is gone");
        assert_eq!(*shared.get_or_try_load("a", fail()).await.expect_err("it fails"), "the database is gone");
        assert_eq!(get_local(&local, "a", 1).await, 1);
        assert_eq!(get_shared(&shared, "a", 1).await, 1);
    }

    async fn a_key_that_is_dropped_is_loaded_again_and_others_are_not(scene: &Scene) {
        let local = scene.kv.local_cache("forms", LONG);
        let shared = scene.kv.shared_cache("stats", LONG);
        for key in ["a", "b"] {
            get_local(&local, key, 1).await;
            get_shared(&shared, key, 1).await;
        }
        local.drop_key("a").await;
        shared.drop_key("a").await;
        assert_eq!(get_local(&local, "a", 2).await, 2);
        assert_eq!(get_shared(&shared, "a", 2).await, 2);
        assert_eq!(get_shared(&shared, "b", 2).await, 1);
        local.drop_all().await;
        assert_eq!(get_local(&local, "b", 3).await, 3);
    }

    async fn many_who_ask_at_once_wait_for_one_load(scene: &Scene) {
        let local = scene.kv.local_cache("forms", LONG);
        let shared = scene.kv.shared_cache("stats", LONG);
        let loads = Arc::new(AtomicU32::new(0));
        let gate = Arc::new(Semaphore::new(0));
        let asks: Vec<_> = (0..40)
            .map(|number| {
                let (local, shared) = (local.clone(), shared.clone());
                let (loads, gate) = (Arc::clone(&loads), Arc::clone(&gate));
                tokio::spawn(async move {
                    let load = async {
                        let value = loads.fetch_add(1, SeqCst);
                        gate.acquire().await.expect("it is open").forget();
                        Ok::<_, Infallible>(value)
                    };
                    if number % 2 == 0 {
                        local.get_or_try_load("a", load).await.expect("it loads")
                    } else {
                        shared.get_or_try_load("a", load).await.expect("it loads")
                    }
                })
            })
            .collect();
        until("both caches load", || loads.load(SeqCst) == 2).await;
        gate.add_permits(2);
        join_all(asks).await;
        assert_eq!(loads.load(SeqCst), 2);
    }

    async fn a_value_that_was_loading_while_its_key_was_dropped_is_not_kept(scene: &Scene) {
        let local = scene.kv.local_cache("forms", LONG);
        let shared = scene.kv.shared_cache("stats", LONG);
        let dropping = async {
            local.drop_key("a").await;
            Ok::<_, Infallible>(1)
        };
        assert_eq!(local.get_or_try_load("a", dropping).await.expect("it loads"), 1);
        assert_eq!(get_local(&local, "a", 2).await, 2);
        let dropping = async {
            shared.drop_key("a").await;
            Ok::<_, Infallible>(1)
        };
        assert_eq!(shared.get_or_try_load("a", dropping).await.expect("it loads"), 1);
        assert_eq!(get_shared(&shared, "a", 2).await, 2);
    }

    async fn who_asks_after_a_drop_never_gets_what_was_being_loaded_before_it(scene: &Scene) {
        let local = scene.kv.local_cache("forms", LONG);
        let (started, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let old = tokio::spawn({
            let (local, started, gate) = (local.clone(), Arc::clone(&started), Arc::clone(&gate));
            async move {
                let load = async {
                    started.add_permits(1);
                    gate.acquire().await.expect("it is open").forget();
                    Ok::<_, Infallible>(1)
                };
                local.get_or_try_load("a", load).await.expect("it loads")
            }
        });
        started.acquire().await.expect("it is open").forget();
        local.drop_key("a").await;
        let new = tokio::spawn({
            let local = local.clone();
            async move { get_local(&local, "a", 2).await }
        });
        gate.add_permits(1);
        assert_eq!((old.await.expect("it loads"), new.await.expect("it loads")), (1, 2));
    }

    async fn a_cache_keeps_as_many_as_it_may_and_counts_what_went(scene: &Scene) {
        let few = CacheOptions { capacity: 10, time_limit: Duration::from_secs(60) };
        let local = scene.kv.local_cache("forms", few);
        for number in 0..2_000 {
            get_local(&local, &number.to_string(), 1).await;
        }
        let stats = scene.kv.stats().into_iter().find(|it| it.name == "forms").expect("it is counted");
        assert!(stats.evictions >= 1_000, "{stats:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_dropped_on_every_node() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    let (here, there) = (one.local_cache("forms", LONG), two.local_cache("forms", LONG));
    let other = two.local_cache("sessions", LONG);
    for (cache, key) in [(&here, "a"), (&there, "a"), (&other, "a")] {
        get_local(cache, key, 1).await;
    }
    here.drop_key("a").await;
    assert_eq!(get_local(&here, "a", 2).await, 2, "here at once");
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while get_local(&there, "a", 2).await == 1 {
        assert!(std::time::Instant::now() < deadline, "there soon");
        tokio::task::yield_now().await;
    }
    assert_eq!(get_local(&other, "a", 2).await, 1, "a cache of another name keeps it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_loaded_the_other_finds() {
    if !redis_is_there() {
        return;
    }
    let mut redis = RedisServer::start();
    let [one, two] = nodes(&redis.url(), PATIENT).await;
    let (here, there) = (one.shared_cache("stats", LONG), two.shared_cache("stats", LONG));
    assert_eq!(get_shared(&here, "a", 1).await, 1);
    assert_eq!(get_shared(&there, "a", 2).await, 1);
    there.drop_key("a").await;
    assert_eq!(get_shared(&here, "a", 3).await, 3);
    redis.cli(&["set", "formhold:cache:stats:b", "what another version wrote"]);
    assert_eq!(get_shared(&here, "b", 4).await, 4, "what cannot be read is loaded");
    redis.kill();
    until("the loss is noticed", || {
        matches!(one.redis_state(), formhold_kv::RedisState::Degraded { .. })
    })
    .await;
    assert_eq!(get_shared(&here, "a", 5).await, 5, "without Redis each node loads");
    assert_eq!(get_shared(&here, "a", 6).await, 5, "and keeps it");
}

/// A load of the key `a` that is under way on some node.
struct Held {
    go_on: oneshot::Sender<()>,
    asked: JoinHandle<u32>,
}

impl Held {
    async fn start(cache: &SharedCache<u32>, value: u32) -> Self {
        let (began, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel();
        let cache = cache.clone();
        let asked = tokio::spawn(async move {
            let load = async move {
                began.send(()).expect("somebody waits");
                may_go_on.await.expect("it is told to");
                Ok::<_, Infallible>(value)
            };
            cache.get_or_try_load("a", load).await.expect("it loads")
        });
        has_begun.await.expect("nothing was kept");
        Self { go_on, asked }
    }

    async fn finish(self) -> u32 {
        self.go_on.send(()).expect("it waits");
        self.asked.await.expect("no panic")
    }
}

/// Two nodes with a shared cache, on a Redis that takes no messages: a drop must not need them.
async fn two_without_messages() -> Option<(RedisServer, [Kv; 2], [SharedCache<u32>; 2])> {
    if !redis_is_there() {
        return None;
    }
    let redis = RedisServer::start_with(&["--rename-command", "PUBLISH", ""]);
    let nodes = nodes(&redis.url(), PATIENT).await;
    let caches = [0, 1].map(|at: usize| nodes[at].shared_cache("stats", LONG));
    Some((redis, nodes, caches))
}

const KEY: &str = "formhold:cache:stats:a";

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_was_loading_is_not_kept_after_a_drop() {
    let Some((redis, _nodes, [here, there])) = two_without_messages().await else { return };
    let old = Held::start(&there, 1).await;
    here.drop_key("a").await;
    assert_eq!(old.finish().await, 1, "who asked before the drop may get the old value");
    for (cache, value) in [(&here, 2), (&there, 3), (&here, 4)] {
        assert_eq!(get_shared(cache, "a", value).await, value, "loaded, and not kept");
    }
    redis.cli(&["del", KEY]);
    assert_eq!(get_shared(&there, "a", 5).await, 5);
    assert_eq!(get_shared(&here, "a", 6).await, 5, "kept again when the mark is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_kept_before_a_drop_is_gone_after_it() {
    let Some((redis, _nodes, [here, there])) = two_without_messages().await else { return };
    let old = Held::start(&there, 1).await;
    assert_eq!(old.finish().await, 1);
    assert_eq!(get_shared(&here, "a", 2).await, 1, "there it was kept");
    here.drop_key("a").await;
    assert_eq!(get_shared(&there, "a", 3).await, 3);
    let lifetime_ms: i64 = redis.cli(&["pttl", KEY]).trim().parse().expect("a number");
    assert!((1..=10_000).contains(&lifetime_ms), "the mark goes by itself, in {lifetime_ms} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_another_node_after_a_drop_does_not_get_what_it_was_loading() {
    let Some((redis, _nodes, [here, there])) = two_without_messages().await else { return };
    let old = Held::start(&there, 1).await;
    here.drop_key("a").await;
    let questions = || redis.cli(&["info", "commandstats"]).lines().find(is_get).map(str::to_owned);
    let before = questions();
    let new = tokio::spawn(async move { get_shared(&there, "a", 2).await });
    until("Redis was asked anew", || questions() != before).await;
    assert_eq!(old.finish().await, 1);
    assert_eq!(new.await.expect("no panic"), 2);
}

fn is_get(line: &&str) -> bool {
    line.starts_with("cmdstat_get:")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_drops_each_ends_what_was_being_loaded() {
    let Some((redis, _nodes, [here, there])) = two_without_messages().await else { return };
    let first = Held::start(&there, 1).await;
    here.drop_key("a").await;
    assert_eq!(first.finish().await, 1);
    let second = Held::start(&there, 2).await;
    here.drop_key("a").await;
    assert_eq!(second.finish().await, 2);
    assert_eq!(get_shared(&there, "a", 3).await, 3);
    redis.cli(&["del", KEY]);
    assert_eq!(get_shared(&there, "a", 4).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_took_longer_to_load_than_a_drop_is_remembered_is_not_kept() {
    let Some(scene) = Scene::redis().await else { return };
    let cases = [("slow", Duration::from_secs(5), 2), ("quick", Duration::from_millis(4_999), 1)];
    for (name, took, then) in cases {
        let cache = scene.kv.shared_cache(name, LONG);
        let load = Held::start(&cache, 1).await;
        scene.clock.advance(took);
        assert_eq!(load.finish().await, 1);
        assert_eq!(get_shared(&cache, "a", 2).await, then, "{name}");
    }
}
