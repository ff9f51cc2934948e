//! A cache of values that the nodes share through Redis; in memory where there is none.
//!
//! A drop leaves a mark in Redis for longer than any load may take, and a loaded value is written only
//! where there is nothing. So what was loaded before a drop can never be kept after it, on any node.

use std::{sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    CacheOptions, Droppable,
    core::{Core, Keep},
};
use crate::{Kv, uses::whole_ms};

/// How long a drop keeps values out of Redis.
const MARK_LIFETIME: Duration = Duration::from_secs(10);

/// A value that took longer to load is not kept: the mark of a drop may have come and gone meanwhile.
const LONGEST_LOAD: Duration = Duration::from_secs(5);

/// Begins the mark of a drop, which is no JSON; an id follows.
const MARK: &[u8] = b"dropped ";

/// Values that are kept in Redis as JSON, for all nodes. Cheap to clone.
///
/// While Redis does not answer each node keeps its own, for the same time.
#[derive(Clone)]
pub struct SharedCache<V> {
    kv: Kv,
    name: &'static str,
    time_limit_ms: u64,
    core: Arc<Core<V>>,
    /// The last mark that this node saw at each key.
    marks: moka::future::Cache<String, Vec<u8>>,
}

/// What Redis says about a key.
enum Found<V> {
    Value(V),
    /// Nothing, or what cannot be read, because another version wrote it.
    Nothing,
    /// It was dropped a moment ago; this is the mark.
    Dropped(Vec<u8>),
    /// There is no Redis, or it does not answer.
    NoAnswer,
}

impl Kv {
    /// A new cache, the same as those of this name on other nodes.
    #[must_use]
    pub fn shared_cache<V>(&self, name: &'static str, options: CacheOptions) -> SharedCache<V>
    where
        V: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    {
        let meter = self.inner.meters.cache(name);
        let core = Arc::new(Core::new(options, Arc::clone(&self.inner.clock), meter));
        let droppable: Arc<dyn Droppable> = Arc::<Core<V>>::clone(&core);
        self.inner.hub.add_cache(name, Arc::downgrade(&droppable));
        let time_limit_ms = whole_ms(options.time_limit);
        let marks = moka::future::Cache::builder()
            .max_capacity(options.capacity)
            .time_to_live(MARK_LIFETIME)
            .build();
        SharedCache { kv: self.clone(), name, time_limit_ms, core, marks }
    }
}

impl<V> SharedCache<V>
where
    V: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    /// The value of a key: the one that is kept, else what `load` gives. On one node, who asks for
    /// the same key meanwhile waits for the same load, unless that began before a drop that came
    /// before this question. A value that takes more than 5 s to load is not kept.
    ///
    /// # Errors
    /// That of `load`, for all who waited for it; it is not kept.
    pub async fn get_or_try_load<E: Send + Sync + 'static>(
        &self,
        key: &str,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<V, Arc<E>> {
        let meter = &self.core.meter;
        let timer = meter.start();
        let found = match self.core.get(key).await {
            Some(value) => Found::Value(value),
            None => self.read(key).await,
        };
        if let Found::Dropped(mark) = &found {
            self.notice(key, mark).await;
        }
        let value = match found {
            Found::Value(value) => {
                meter.count(true);
                Ok(value)
            }
            before => self.core.get_or_try_load(key, self.find_or_load(key, before, load)).await,
        };
        meter.stop(timer);
        value
    }

    /// Drops a key on all nodes. Once this returns, no node gives what was loaded before to who asks
    /// after it, as long as Redis answers; each node loads by itself for the next 10 s. While Redis
    /// does not answer, other nodes know of it after the time limit at the latest.
    pub async fn drop_key(&self, key: &str) {
        self.core.invalidate(key).await;
        if let Some(link) = &self.kv.inner.link {
            let mark = [MARK, self.kv.inner.ids.uuid().as_bytes()].concat();
            let mut set = redis::cmd("SET");
            set.arg(self.redis_key(key)).arg(mark).arg("PX").arg(whole_ms(MARK_LIFETIME));
            let _: Option<()> = link.command(&self.core.meter, &set).await;
        }
        // Other nodes may have kept it by themselves while Redis was gone.
        self.kv.publish_drop(self.name, Some(key)).await;
    }

    /// Asks Redis once more, if it answered `before`, for another may just have loaded it; then loads.
    async fn find_or_load<E>(
        &self,
        key: &str,
        before: Found<V>,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<(V, Keep), E> {
        let found = match before {
            Found::NoAnswer => Found::NoAnswer,
            _ => self.read(key).await,
        };
        if let Found::Value(value) = found {
            self.core.meter.count(true);
            return Ok((value, Keep::No));
        }
        self.core.meter.count(false);
        let generation = self.core.current_generation(key);
        let start = self.kv.inner.clock.monotonic();
        let value = load.await?;
        let took = self.kv.inner.clock.monotonic().saturating_sub(start);
        match found {
            // Redis keeps it for all; where it does not answer, this node does.
            Found::NoAnswer => return Ok((value, Keep::Yes)),
            Found::Nothing
                if took < LONGEST_LOAD && self.core.current_generation(key) == generation =>
            {
                self.write(key, &value).await;
            }
            _ => {}
        }
        Ok((value, Keep::No))
    }

    /// A mark that is new to this node ends what it was loading: nobody who asks from now on may get
    /// that, though the message of the drop may still be on its way.
    async fn notice(&self, key: &str, mark: &[u8]) {
        if self.marks.get(key).await.is_none_or(|known| known != mark) {
            self.core.forget(Some(key));
            self.marks.insert(key.to_owned(), mark.to_owned()).await;
        }
    }

    async fn read(&self, key: &str) -> Found<V> {
        let Some(link) = &self.kv.inner.link else { return Found::NoAnswer };
        let mut get = redis::cmd("GET");
        get.arg(self.redis_key(key));
        let Some(answer) = link.command::<Option<Vec<u8>>>(&self.core.meter, &get).await else {
            return Found::NoAnswer;
        };
        match answer {
            Some(mark) if mark.starts_with(MARK) => Found::Dropped(mark),
            Some(json) => serde_json::from_slice(&json).map_or(Found::Nothing, Found::Value),
            None => Found::Nothing,
        }
    }

    /// Keeps a value where there is none: neither that of another node nor the mark of a drop.
    async fn write(&self, key: &str, value: &V) {
        let (Some(link), Ok(json)) = (&self.kv.inner.link, serde_json::to_vec(value)) else {
            return;
        };
        let mut set = redis::cmd("SET");
        set.arg(self.redis_key(key)).arg(json).arg("NX").arg("PX").arg(self.time_limit_ms);
        let _: Option<Option<String>> = link.command(&self.core.meter, &set).await;
    }

    fn redis_key(&self, key: &str) -> String {
        self.kv.inner.link.as_ref().map(|it| it.key("cache", self.name, key)).unwrap_or_default()
    }
}
