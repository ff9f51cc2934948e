//! A cache of values that the nodes share through Redis; in memory where there is none.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    CacheOptions, Droppable,
    core::{Core, Keep},
};
use crate::{Kv, uses::whole_ms};

/// Values that are kept in Redis as JSON, for all nodes. Cheap to clone.
///
/// While Redis does not answer each node keeps its own, for the same time.
#[derive(Clone)]
pub struct SharedCache<V> {
    kv: Kv,
    name: &'static str,
    time_limit_ms: u64,
    core: Arc<Core<V>>,
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
        SharedCache { kv: self.clone(), name, time_limit_ms, core }
    }
}

impl<V> SharedCache<V>
where
    V: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    /// The value of a key: the one that is kept, else what `load` gives. On one node, who asks for
    /// the same key meanwhile waits for the same load.
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
        let find_or_load = async {
            match self.read(key).await {
                Some(Some(value)) => {
                    meter.count(true);
                    Ok((value, Keep::No))
                }
                in_redis => {
                    meter.count(false);
                    let generation = self.core.current_generation(key);
                    let value = load.await?;
                    // Redis keeps it for all; where it does not answer, this node does.
                    if in_redis.is_none() {
                        return Ok((value, Keep::Yes));
                    }
                    if self.core.current_generation(key) == generation {
                        self.write(key, &value).await;
                    }
                    Ok((value, Keep::No))
                }
            }
        };
        let value = match self.core.get(key).await {
            Some(value) => {
                meter.count(true);
                Ok(value)
            }
            None => self.core.get_or_try_load(key, find_or_load).await,
        };
        meter.stop(timer);
        value
    }

    /// Drops a key on all nodes.
    pub async fn drop_key(&self, key: &str) {
        self.core.invalidate(key).await;
        // Other nodes first: what they are loading now must not be written after it was dropped.
        self.kv.publish_drop(self.name, Some(key)).await;
        if let Some(link) = &self.kv.inner.link {
            let mut delete = redis::cmd("DEL");
            delete.arg(self.redis_key(key));
            let _: Option<u64> = link.command(&self.core.meter, &delete).await;
        }
    }

    /// Some when Redis answered, and then what it has. What cannot be read, because another version
    /// wrote it, is not there.
    async fn read(&self, key: &str) -> Option<Option<V>> {
        let link = self.kv.inner.link.as_ref()?;
        let mut get = redis::cmd("GET");
        get.arg(self.redis_key(key));
        let json: Option<Vec<u8>> = link.command(&self.core.meter, &get).await?;
        Some(json.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    async fn write(&self, key: &str, value: &V) {
        let (Some(link), Ok(json)) = (&self.kv.inner.link, serde_json::to_vec(value)) else {
            return;
        };
        let mut set = redis::cmd("SET");
        set.arg(self.redis_key(key)).arg(json).arg("PX").arg(self.time_limit_ms);
        let _: Option<()> = link.command(&self.core.meter, &set).await;
    }

    fn redis_key(&self, key: &str) -> String {
        self.kv.inner.link.as_ref().map(|it| it.key("cache", self.name, key)).unwrap_or_default()
    }
}
