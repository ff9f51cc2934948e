//! What holds in memory and on Redis alike.

use std::time::Duration;

use futures_util::future::join_all;

use crate::{
    in_memory_and_on_redis,
    scene::{Scene, quota},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

in_memory_and_on_redis! {
    async fn a_text_is_taken_once_of_twenty_times_at_once(scene: &Scene) {
        scene.kv.keep("test", "a", "first", MINUTE).await;
        scene.kv.keep("test", "a", "second", MINUTE).await;
        scene.kv.keep("test", "b", "other", MINUTE).await;
        let takes = (0..20).map(|_| scene.kv.take("test", "a", MINUTE));
        let taken: Vec<_> = join_all(takes).await.into_iter().flatten().collect();
        assert_eq!(taken, ["second"]);
        assert_eq!(scene.kv.take("test", "a", MINUTE).await, None);
        assert_eq!(scene.kv.take("other", "b", MINUTE).await, None, "another scope");
        assert_eq!(scene.kv.take("test", "b", MINUTE).await.as_deref(), Some("other"));
        let short = Duration::from_millis(200);
        scene.kv.keep("test", "c", "late", short).await;
        scene.pass(Duration::from_millis(250)).await;
        assert_eq!(scene.kv.take("test", "c", short).await, None, "too late");
    }

    async fn a_burst_of_the_limit_is_allowed_and_no_more(scene: &Scene) {
        let quota = quota("5/min");
        for remaining in (0..5).rev() {
            let decision = scene.kv.limit("test", "a", &quota).await;
            assert!(decision.allowed);
            assert_eq!((decision.limit, decision.remaining), (5, remaining));
            assert_eq!(decision.retry_after, None);
        }
        let refused = scene.kv.limit("test", "a", &quota).await;
        assert!(!refused.allowed);
        assert_eq!((refused.limit, refused.remaining), (5, 0));
        let retry_after = refused.retry_after.expect("it was refused");
        assert!(retry_after > Duration::ZERO && retry_after <= MINUTE / 5, "{retry_after:?}");
        let reset_after = refused.reset_after;
        assert!(reset_after > MINUTE / 2 && reset_after <= MINUTE, "{reset_after:?}");
    }

    async fn what_was_used_comes_back_evenly_also_while_refused_requests_come(scene: &Scene) {
        let quota = quota("2/2s");
        assert!(scene.kv.limit("test", "a", &quota).await.allowed);
        assert!(scene.kv.limit("test", "a", &quota).await.allowed);
        assert!(!scene.kv.limit("test", "a", &quota).await.allowed);
        scene.pass(Duration::from_millis(1_100)).await;
        assert!(scene.kv.limit("test", "a", &quota).await.allowed);
        assert!(!scene.kv.limit("test", "a", &quota).await.allowed);
    }

    async fn keys_and_scopes_have_limits_of_their_own(scene: &Scene) {
        let quota = quota("1/min");
        for (scope, key) in [("a", "a"), ("a", "b"), ("b", "a"), ("a", ":a"), ("b", "a:b")] {
            assert!(scene.kv.limit(scope, key, &quota).await.allowed, "{scope} {key}");
        }
        assert!(!scene.kv.limit("a", "b", &quota).await.allowed);
    }

    async fn a_wall_clock_that_jumps_a_day_refuses_and_frees_nobody(scene: &Scene) {
        let quota = quota("2/min");
        assert!(scene.kv.limit("test", "half", &quota).await.allowed);
        for _ in 0..2 {
            assert!(scene.kv.limit("test", "full", &quota).await.allowed);
        }
        for jump_ms in [DAY_MS, -2 * DAY_MS, DAY_MS] {
            scene.clock.jump_ms(jump_ms);
            assert!(!scene.kv.limit("test", "full", &quota).await.allowed);
            assert!(scene.kv.limit("test", &format!("new {jump_ms}"), &quota).await.allowed);
        }
        assert!(scene.kv.limit("test", "half", &quota).await.allowed);
    }

    async fn a_quota_that_was_made_shorter_counts_from_then_on(scene: &Scene) {
        for _ in 0..10 {
            assert!(scene.kv.limit("test", "a", &quota("10/day")).await.allowed);
        }
        let shorter = scene.kv.limit("test", "a", &quota("2/s")).await;
        assert!(!shorter.allowed);
        assert!(shorter.retry_after.expect("it was refused") <= Duration::from_millis(500));
        scene.pass(Duration::from_millis(600)).await;
        assert!(scene.kv.limit("test", "a", &quota("2/s")).await.allowed);
    }

    async fn many_requests_at_once_are_counted_one_by_one(scene: &Scene) {
        let quota = quota("7/hour");
        let asks = (0..100).map(|_| {
            let kv = scene.kv.clone();
            tokio::spawn(async move { kv.limit("test", "a", &quota).await.allowed })
        });
        let allowed = join_all(asks).await.into_iter().filter(|it| matches!(it, Ok(true))).count();
        assert_eq!(allowed, 7);
    }

    async fn a_first_use_is_first_once_until_its_time_is_over(scene: &Scene) {
        let lifetime = Duration::from_secs(1);
        assert!(scene.kv.first_use("test", "a", lifetime).await);
        assert!(!scene.kv.first_use("test", "a", lifetime).await);
        assert!(scene.kv.first_use("test", "b", lifetime).await);
        assert!(scene.kv.first_use("other", "a", lifetime).await);
        scene.pass(Duration::from_millis(1_100)).await;
        assert!(scene.kv.first_use("test", "a", lifetime).await);
    }

    async fn of_many_uses_at_once_one_is_first(scene: &Scene) {
        let uses = (0..50).map(|_| {
            let kv = scene.kv.clone();
            tokio::spawn(async move { kv.first_use("test", "a", MINUTE).await })
        });
        let first = join_all(uses).await.into_iter().filter(|it| matches!(it, Ok(true))).count();
        assert_eq!(first, 1);
    }

    async fn a_count_goes_up_until_its_window_ends(scene: &Scene) {
        let window = Duration::from_secs(1);
        assert_eq!(scene.kv.counted("test", "a").await, 0);
        for number in 1..=3 {
            assert_eq!(scene.kv.count("test", "a", window).await, number);
        }
        assert_eq!(scene.kv.counted("test", "a").await, 3);
        assert_eq!(scene.kv.counted("test", "b").await, 0);
        scene.pass(Duration::from_millis(1_100)).await;
        assert_eq!(scene.kv.counted("test", "a").await, 0);
        assert_eq!(scene.kv.count("test", "a", window).await, 1);
    }

    async fn a_lock_is_held_by_one_until_it_is_released(scene: &Scene) {
        let lock = scene.kv.lock("test", "a", MINUTE).await.expect("nobody holds it");
        assert!(scene.kv.lock("test", "a", MINUTE).await.is_none());
        assert!(scene.kv.lock("test", "b", MINUTE).await.is_some());
        assert!(lock.release().await);
        assert!(scene.kv.lock("test", "a", MINUTE).await.is_some());
    }

    async fn a_lock_that_is_dropped_is_released(scene: &Scene) {
        let lock = scene.kv.lock("test", "a", MINUTE).await.expect("nobody holds it");
        drop(lock);
        let taken = async {
            while scene.kv.lock("test", "a", MINUTE).await.is_none() {
                tokio::task::yield_now().await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(10), taken).await.is_ok());
    }

    async fn a_lock_ends_by_itself_and_its_old_holder_does_not_release_that_of_another(scene: &Scene) {
        let old = scene.kv.lock("test", "a", Duration::from_secs(1)).await.expect("it is free");
        scene.pass(Duration::from_millis(1_100)).await;
        let new = scene.kv.lock("test", "a", MINUTE).await.expect("it ended");
        assert!(!old.release().await, "it was not held any more");
        assert!(scene.kv.lock("test", "a", MINUTE).await.is_none());
        assert!(new.release().await);
    }

    async fn what_happens_is_counted_by_name_and_in_all(scene: &Scene) {
        let quota = quota("1/min");
        scene.kv.limit("test", "a", &quota).await;
        scene.kv.limit("test", "a", &quota).await;
        scene.kv.first_use("test", "a", MINUTE).await;
        let stats = scene.kv.stats();
        let limits = stats.iter().find(|it| it.name == "limits").expect("limits are counted");
        assert_eq!((limits.hits, limits.misses, limits.errors), (1, 1, 0));
        assert_eq!(limits.latency.count, 2);
        assert_eq!(limits.latency.buckets.iter().sum::<u64>(), 2);
        assert_eq!((stats[0].name.as_str(), stats[0].latency.count), ("all", 3));
        assert!(limits.latency.mean() < Duration::from_secs(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_neither_frees_who_used_much_nor_shuts_newcomers_out() {
    let scene = Scene::memory();
    let (heavy, light) = (quota("2/day"), quota("2/hour"));
    for _ in 0..2 {
        assert!(scene.kv.limit("test", "heavy", &heavy).await.allowed);
    }
    for number in 0..400_000 {
        for _ in 0..2 {
            scene.kv.limit("test", &number.to_string(), &light).await;
        }
    }
    assert!(!scene.kv.limit("test", "heavy", &heavy).await.allowed);
    for number in 0..1_000 {
        let newcomer = format!("new {number}");
        assert!(scene.kv.limit("test", &newcomer, &light).await.allowed, "one at least");
        assert!(!scene.kv.limit("test", &newcomer, &light).await.allowed, "but no burst");
    }
    let limits = scene.kv.stats().into_iter().find(|it| it.name == "limits");
    assert!(limits.is_some_and(|it| it.evictions > 200_000));
}
