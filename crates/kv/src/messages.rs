//! Messages to all nodes, this one, too.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::broadcast::{self, error::RecvError};

use crate::{Kv, cache::Droppable};

/// How many messages a subscriber may lag behind before it misses some, and is told so.
const BUFFERED: usize = 1024;

/// Begins the names of channels that caches are dropped by.
const CACHE: &str = "cache/";

/// What a subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Somebody published this.
    Payload(Arc<str>),
    /// Messages may have been missed: Redis was gone, or the subscriber was too slow. What is
    /// derived from messages must be made anew.
    Missed,
}

/// Messages of one channel from now on.
#[derive(Debug)]
pub struct Subscription(broadcast::Receiver<Message>);

impl Subscription {
    /// The next message, when there is one. None once the [`Kv`] is gone. May be dropped while it
    /// waits, without losing a message.
    pub async fn next(&mut self) -> Option<Message> {
        match self.0.recv().await {
            Ok(message) => Some(message),
            Err(RecvError::Lagged(_)) => Some(Message::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Kv {
    /// Subscribes to a channel.
    #[must_use]
    pub fn subscribe(&self, channel: &str) -> Subscription {
        Subscription(self.inner.hub.subscribe(channel))
    }

    /// Publishes to all who subscribed to the channel: here at once, on other nodes as soon as
    /// Redis brings it. While Redis is gone only here; when it is back, other nodes are told that
    /// they missed something. Neither text may hold a line break in `channel`.
    pub async fn publish(&self, channel: &str, payload: &str) {
        let meter = &self.inner.meters.messages;
        let timer = meter.start();
        self.inner.hub.deliver(channel, payload);
        if let Some(link) = &self.inner.link {
            link.publish(meter, channel, payload).await;
        }
        meter.stop(timer);
    }

    /// Drops a key of a cache, or all of it, on every node.
    pub(crate) async fn publish_drop(&self, cache: &str, key: Option<&str>) {
        let payload = key.map_or_else(|| "*".to_owned(), |key| format!("={key}"));
        self.publish(&format!("{CACHE}{cache}"), &payload).await;
    }
}

/// Who in this process wants which messages.
#[derive(Default)]
pub(crate) struct Hub {
    channels: Mutex<HashMap<String, broadcast::Sender<Message>>>,
    caches: Mutex<HashMap<&'static str, Vec<Weak<dyn Droppable>>>>,
}

impl Hub {
    fn subscribe(&self, channel: &str) -> broadcast::Receiver<Message> {
        let mut channels = lock(&self.channels);
        channels.retain(|_, sender| sender.receiver_count() > 0);
        let sender =
            channels.entry(channel.to_owned()).or_insert_with(|| broadcast::Sender::new(BUFFERED));
        sender.subscribe()
    }

    pub(crate) fn add_cache(&self, name: &'static str, cache: Weak<dyn Droppable>) {
        let mut caches = lock(&self.caches);
        let same_name = caches.entry(name).or_default();
        same_name.retain(|cache| cache.strong_count() > 0);
        same_name.push(cache);
    }

    pub(crate) fn deliver(&self, channel: &str, payload: &str) {
        if let Some(name) = channel.strip_prefix(CACHE) {
            let key = payload.strip_prefix('=');
            self.each_cache(|cache_name, cache| {
                if cache_name == name {
                    cache.forget(key);
                }
            });
            return;
        }
        if let Some(sender) = lock(&self.channels).get(channel) {
            // An error means that nobody listens any more.
            let _ = sender.send(Message::Payload(payload.into()));
        }
    }

    /// Tells everybody that messages may have been missed.
    pub(crate) fn missed(&self) {
        self.each_cache(|_, cache| cache.forget(None));
        for sender in lock(&self.channels).values() {
            let _ = sender.send(Message::Missed);
        }
    }

    fn each_cache(&self, mut act: impl FnMut(&str, &dyn Droppable)) {
        for (name, caches) in lock(&self.caches).iter() {
            for cache in caches.iter().filter_map(Weak::upgrade) {
                act(name, &*cache);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
