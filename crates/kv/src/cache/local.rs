//! A cache of values of any type in this process, dropped on all nodes together.

use std::sync::Arc;

use super::{
    CacheOptions, Droppable,
    core::{Core, Keep},
};
use crate::Kv;

/// Values of any type, kept in this process. Cheap to clone.
#[derive(Clone)]
pub struct LocalCache<V> {
    kv: Kv,
    name: &'static str,
    core: Arc<Core<V>>,
}

impl Kv {
    /// A new cache. Caches of one name on all nodes are dropped together.
    #[must_use]
    pub fn local_cache<V>(&self, name: &'static str, options: CacheOptions) -> LocalCache<V>
    where
        V: Clone + Send + Sync + 'static,
    {
        let meter = self.inner.meters.cache(name);
        let core = Arc::new(Core::new(options, Arc::clone(&self.inner.clock), meter));
        let droppable: Arc<dyn Droppable> = Arc::<Core<V>>::clone(&core);
        self.inner.hub.add_cache(name, Arc::downgrade(&droppable));
        LocalCache { kv: self.clone(), name, core }
    }
}

impl<V: Clone + Send + Sync + 'static> LocalCache<V> {
    /// The value of a key: the one that is kept, else what `load` gives. Who asks for the same key
    /// meanwhile waits for the same load. To keep that there is nothing, too, let `V` be an
    /// `Option`.
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
        let found = self.core.get(key).await;
        meter.count(found.is_some());
        let value = match found {
            Some(value) => Ok(value),
            None => {
                let load = async { Ok((load.await?, Keep::Yes)) };
                self.core.get_or_try_load(key, load).await
            }
        };
        meter.stop(timer);
        value
    }

    /// Drops a key: here before this returns, on other nodes as soon as Redis brings it. A load
    /// under way that may have read the old value is not kept.
    pub async fn drop_key(&self, key: &str) {
        self.core.invalidate(key).await;
        self.kv.publish_drop(self.name, Some(key)).await;
    }

    /// Drops everything, here and on other nodes.
    pub async fn drop_all(&self) {
        self.core.forget(None);
        self.kv.publish_drop(self.name, None).await;
    }
}
