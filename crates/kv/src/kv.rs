//! The handle that everything goes through.

use std::{sync::Arc, time::Duration};

use formhold_domain::{Clock, Ids};

use crate::{
    AddressProblem, NamedStats, RedisState, Settings, Timing,
    address::Address,
    counts::Counts,
    gcra::micros,
    kept::Kept,
    limits::Limiter,
    locks::Locks,
    messages::Hub,
    redis_link::{Link, Supervisor},
    stats::Meters,
    uses::Uses,
};

/// State that lives for seconds to days, shared by all nodes through Redis, or kept in memory where
/// there is none. Cheap to clone. Nothing here is the only copy of anything that matters.
#[derive(Clone)]
pub struct Kv {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) meters: Meters,
    pub(crate) limiter: Limiter,
    pub(crate) uses: Uses,
    pub(crate) kept: Kept,
    pub(crate) counts: Counts,
    pub(crate) locks: Locks,
    pub(crate) hub: Arc<Hub>,
    pub(crate) link: Option<Arc<Link>>,
    _supervisor: Option<Supervisor>,
}

impl Kv {
    /// Opens what the settings say: memory, or Redis. A Redis that is not there is no error: it is
    /// looked for in the background, and used as soon as it answers. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the address is none; [`Settings::problems`] says so, too.
    pub fn open(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, AddressProblem> {
        Self::open_with(settings, Timing::default(), clock, ids)
    }

    /// As [`Kv::open`], with other times.
    ///
    /// # Errors
    /// When the address is none.
    pub fn open_with(
        settings: &Settings,
        timing: Timing,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, AddressProblem> {
        if settings.url.is_empty() {
            return Ok(Self::memory(clock, ids));
        }
        let address = Address::parse(&settings.url)?;
        let node = ids.uuid().to_string();
        let link = Arc::new(Link::new(&address, node, timing, Arc::clone(&clock)));
        let hub = Arc::<Hub>::default();
        let supervisor = Supervisor::start(Arc::clone(&link), address, Arc::clone(&hub));
        Ok(Self::new(clock, ids, hub, Some((link, supervisor))))
    }

    /// Keeps everything in this process.
    #[must_use]
    pub fn memory(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self::new(clock, ids, Arc::default(), None)
    }

    fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        hub: Arc<Hub>,
        redis: Option<(Arc<Link>, Supervisor)>,
    ) -> Self {
        let (link, supervisor) = redis.unzip();
        let inner = Inner {
            clock,
            ids,
            meters: Meters::default(),
            limiter: Limiter::new(),
            uses: Uses::new(),
            kept: Kept::default(),
            counts: Counts::new(),
            locks: Locks::default(),
            hub,
            link,
            _supervisor: supervisor,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Waits until Redis answers, at most for `within`; true when it does, or none is needed.
    pub async fn connected(&self, within: Duration) -> bool {
        match &self.inner.link {
            None => true,
            Some(link) => tokio::time::timeout(within, link.connected()).await.is_ok(),
        }
    }

    /// Whether there is a Redis and whether it answers.
    #[must_use]
    pub fn redis_state(&self) -> RedisState {
        self.inner.link.as_ref().map_or(RedisState::Memory, |link| link.state())
    }

    /// How many nodes share the Redis, as it was when it last answered; one without Redis.
    #[must_use]
    pub fn nodes_last_seen(&self) -> u32 {
        self.inner.link.as_ref().map_or(1, |link| link.nodes())
    }

    /// Says goodbye to the other nodes, so that they do not leave this one a share any more. For a
    /// graceful stop; what is asked after it still works.
    pub async fn leave(&self) {
        if let Some(link) = &self.inner.link {
            link.leave().await;
        }
    }

    /// What was counted since the start: all together first, then by name.
    #[must_use]
    pub fn stats(&self) -> Vec<NamedStats> {
        self.inner.meters.read()
    }

    pub(crate) fn now_us(&self) -> u64 {
        micros(self.inner.clock.monotonic())
    }
}
