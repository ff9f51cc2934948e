//! Several limits and a count in one question.

use std::time::{Duration, Instant};

use formhold_kv::{Admission, Counted, Kv, Limited, Quota, in_group};
use formhold_testkit::{RedisServer, redis_is_there};
use futures_util::future::join_all;

use crate::{
    in_memory_and_on_redis,
    scene::{PATIENT, REAL, nodes, quota, until_degraded},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A request of a client, within its own limit and that of all, counted if it is.
pub(crate) async fn admit(
    kv: &Kv,
    group: &str,
    client: &str,
    (own, all): (&Quota, &Quota),
) -> Admission {
    let (client, everybody) = (in_group(group, client), in_group(group, "everybody"));
    let limits = [
        Limited { scope: "own", key: &client, quota: own },
        Limited { scope: "all", key: &everybody, quota: all },
    ];
    kv.admit(&limits, Some(Counted { scope: "test", key: &everybody, window: MINUTE })).await
}

/// What each limit said, and the count.
fn told(admission: &Admission) -> (Vec<bool>, Option<u64>) {
    (admission.decisions.iter().map(|decision| decision.allowed).collect(), admission.count)
}

in_memory_and_on_redis! {
    async fn what_comes_after_a_limit_that_refuses_is_neither_asked_nor_counted(scene: &Scene) {
        let quotas = (&quota("2/min"), &quota("3/min"));
        for (client, allowed, count) in [
            ("a", vec![true, true], Some(1)),
            ("a", vec![true, true], Some(2)),
            ("a", vec![false], None),
            ("b", vec![true, true], Some(3)),
            ("b", vec![true, false], None),
            ("b", vec![false], None),
            ("c", vec![true, false], None),
        ] {
            let admission = admit(&scene.kv, "form", client, quotas).await;
            assert_eq!(told(&admission), (allowed, count), "{client}");
        }
        assert_eq!(scene.kv.counted("test", &in_group("form", "everybody")).await, 3);
        let other = admit(&scene.kv, "other", "a", quotas).await;
        assert_eq!(told(&other), (vec![true, true], Some(1)), "groups have nothing in common");
    }

    async fn asking_at_once_and_one_by_one_is_the_same(scene: &Scene) {
        let quotas = (&quota("3/min"), &quota("9/min"));
        let (client, everybody) = (in_group("form", "a"), in_group("form", "everybody"));
        let both = admit(&scene.kv, "form", "a", quotas).await.decisions;
        assert_eq!((both[0].remaining, both[1].remaining), (2, 8));
        assert_eq!(scene.kv.limit("own", &client, quotas.0).await.remaining, 1);
        assert_eq!(scene.kv.limit("all", &everybody, quotas.1).await.remaining, 7);
        assert_eq!(scene.kv.count("test", &everybody, MINUTE).await, 2);
        let both = admit(&scene.kv, "form", "a", quotas).await;
        assert_eq!((both.decisions[0].remaining, both.decisions[1].remaining), (0, 6));
        assert_eq!(both.count, Some(3));
    }

    async fn limits_without_a_count_and_a_count_without_limits_are_asked_too(scene: &Scene) {
        let nothing = scene.kv.admit(&[], None).await;
        assert_eq!(told(&nothing), (vec![], None));
        let key = in_group("form", "a");
        let counted = Counted { scope: "test", key: &key, window: MINUTE };
        let count = scene.kv.admit(&[], Some(counted)).await;
        assert_eq!(told(&count), (vec![], Some(1)));
        let quota = quota("1/min");
        let limited = Limited { scope: "test", key: &key, quota: &quota };
        let one = scene.kv.admit(&[limited], None).await;
        assert_eq!(told(&one), (vec![true], None));
        let both = scene.kv.admit(&[limited], Some(counted)).await;
        assert_eq!(told(&both), (vec![false], None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_on_two_nodes_every_limit_allows_exactly_as_many_as_it_says() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let nodes: [_; 2] = nodes(&redis.url(), PATIENT).await;
    for (clients, own, all, expected) in [(10, "5/min", "30/min", 30), (4, "5/min", "30/min", 20)] {
        let group = format!("{clients} clients");
        let asks = (0..200).map(|number| {
            let (kv, group) = (nodes[number % 2].clone(), group.clone());
            let client = (number / 2 % clients).to_string();
            tokio::spawn(async move {
                admit(&kv, &group, &client, (&quota(own), &quota(all))).await.count
            })
        });
        let counts = join_all(asks).await.into_iter().filter_map(|it| it.unwrap());
        let mut counts: Vec<u64> = counts.collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=expected).collect::<Vec<_>>(), "{clients} clients");
    }
    assert_eq!(nodes[0].stats()[0].errors, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_asks_redis_once() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let [kv] = nodes(&redis.url(), PATIENT).await;
    let stat = |command: &str| {
        let stats = redis.cli(&["info", "commandstats"]);
        let calls = stats.split(&format!("cmdstat_{command}:calls=")).nth(1);
        calls.map_or(0, |rest| rest.split(',').next().unwrap().parse::<i64>().unwrap())
    };
    // Signs of life are scripts, too; each asks for the number of nodes.
    let asked = || (stat("evalsha") - stat("zcard"), stat("incr"));
    let before = asked();
    for number in 0..50 {
        let client = number.to_string();
        let admission = admit(&kv, "form", &client, (&quota("1/min"), &quota("90/min"))).await;
        assert_eq!(told(&admission), (vec![true, true], Some(number + 1)));
    }
    let after = asked();
    assert_eq!(after.1 - before.1, 50);
    let trips = after.0 - before.0;
    assert!((49..=51).contains(&trips), "{trips}: a sign of life may come between");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_node_holds_its_share_of_every_limit_and_waits_once() {
    if !redis_is_there() {
        return;
    }
    let redis = RedisServer::start();
    let nodes: [_; 2] = nodes(&redis.url(), REAL).await;
    redis.freeze();
    let start = Instant::now();
    let quotas = (&quota("4/hour"), &quota("10/hour"));
    let first = admit(&nodes[0], "form", "0", quotas).await;
    assert!(start.elapsed() < 2 * REAL.budget, "{:?}", start.elapsed());
    assert_eq!(told(&first), (vec![true, true], Some(1)));
    for kv in &nodes {
        until_degraded(kv).await;
    }
    let mut total = 1;
    for number in 0..40 {
        let client = (number % 4).to_string();
        let admission = admit(&nodes[0], "form", &client, quotas).await;
        total += usize::from(admission.count.is_some());
    }
    assert_eq!(total, 5, "half of what all may send");
    for (client, expected) in [("0", 2), ("1", 2), ("2", 1)] {
        let mut allowed = 0;
        for _ in 0..10 {
            allowed += usize::from(admit(&nodes[1], "form", client, quotas).await.count.is_some());
        }
        assert_eq!(allowed, expected, "{client}");
    }
    redis.thaw();
}
