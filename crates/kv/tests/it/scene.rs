//! What tests start from: nodes, on memory or on a Redis of their own.

use std::{sync::Arc, time::Duration};

use formhold_domain::RandomIds;
use formhold_kv::{Kv, Quota, RedisState, Settings, Timing};

use crate::clock::TestClock;
use formhold_testkit::{RedisServer, redis_is_there};

/// For tests of what is counted: a busy machine must not look like a Redis that is gone.
pub(crate) const PATIENT: Timing = Timing {
    budget: Duration::from_secs(5),
    retry_every: Duration::from_millis(100),
    beat_every: Duration::from_millis(100),
};

/// The time limits of a real node, but quick to find its neighbours.
pub(crate) const REAL: Timing = Timing {
    budget: Duration::from_millis(50),
    retry_every: Duration::from_millis(100),
    beat_every: Duration::from_millis(200),
};

/// One node, with the time in the test's hand.
pub(crate) struct Scene {
    pub(crate) kv: Kv,
    pub(crate) clock: Arc<TestClock>,
    redis: Option<RedisServer>,
}

impl Scene {
    pub(crate) fn memory() -> Self {
        let clock = Arc::<TestClock>::default();
        let kv = Kv::memory(clock.clone(), Arc::new(RandomIds));
        Self { kv, clock, redis: None }
    }

    pub(crate) async fn redis() -> Option<Self> {
        if !redis_is_there() {
            return None;
        }
        let redis = RedisServer::start();
        let clock = Arc::<TestClock>::default();
        let settings = Settings { url: redis.url() };
        let ids = Arc::new(RandomIds);
        let kv = Kv::open_with(&settings, PATIENT, clock.clone(), ids).expect("an address");
        assert!(kv.connected(Duration::from_secs(10)).await);
        Some(Self { kv, clock, redis: Some(redis) })
    }

    /// Lets time pass. That of Redis passes by itself only.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        if self.redis.is_some() {
            tokio::time::sleep(time).await;
        }
    }
}

/// A node on a Redis, whether it is there or not.
pub(crate) fn open(url: &str, timing: Timing) -> Kv {
    let settings = Settings { url: url.to_owned() };
    assert_eq!(settings.problems(), []);
    let clock = Arc::new(formhold_domain::SystemClock);
    Kv::open_with(&settings, timing, clock, Arc::new(RandomIds)).expect("an address")
}

/// Nodes on a Redis that see each other.
pub(crate) async fn nodes<const COUNT: usize>(url: &str, timing: Timing) -> [Kv; COUNT] {
    let nodes = std::array::from_fn(|_| open(url, timing));
    for node in &nodes {
        assert!(node.connected(Duration::from_secs(20)).await, "{:?}", node.redis_state());
        let seen = || node.nodes_last_seen() == u32::try_from(COUNT).expect("a few");
        until("the nodes see each other", seen).await;
    }
    nodes
}

/// Waits for something that happens in the background.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), waiting).await.is_ok(), "{what}");
}

pub(crate) async fn until_degraded(kv: &Kv) {
    until("the loss is noticed", || matches!(kv.redis_state(), RedisState::Degraded { .. })).await;
}

pub(crate) fn quota(text: &str) -> Quota {
    text.parse().expect("a quota")
}

/// Runs an `async fn(&Scene)` in memory, and on Redis where one is there.
#[macro_export]
macro_rules! in_memory_and_on_redis {
    ($($(#[$meta:meta])* async fn $name:ident($scene:ident: &Scene) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($scene: &$crate::scene::Scene) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn in_memory() {
                run(&$crate::scene::Scene::memory()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_redis() {
                if let Some(scene) = $crate::scene::Scene::redis().await {
                    run(&scene).await;
                    // Else it was this node that decided, not Redis.
                    assert_eq!(scene.kv.stats()[0].errors, 0);
                }
            }
        }
    )+};
}
