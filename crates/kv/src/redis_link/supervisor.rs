//! The task that keeps the link to Redis: connects, listens, gives signs of life, connects again.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use redis::{ErrorKind, FromRedisValue as _, PushInfo, PushKind, RedisError, RedisResult};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, interval_at, timeout},
};

use super::{
    Link,
    connection::{Connection, Pushes},
};
use crate::{address::Address, messages::Hub, scripts, stats::Meter};

/// How long an attempt may take in all.
const ATTEMPT: Duration = Duration::from_secs(3);

/// After so many missed signs of life a node is gone.
const MISSED_BEATS: u32 = 4;

/// Ends the task when it is dropped.
pub(crate) struct Supervisor(JoinHandle<()>);

impl Supervisor {
    pub(crate) fn start(link: Arc<Link>, address: Address, hub: Arc<Hub>) -> Self {
        Self(tokio::spawn(run(link, address, hub)))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run(link: Arc<Link>, address: Address, hub: Arc<Hub>) {
    let mut attempts = interval(link.timing.retry_every);
    attempts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut said = false;
    loop {
        attempts.tick().await;
        let attempt = timeout(ATTEMPT, attempt(&link, &address)).await;
        let attempt = attempt.unwrap_or_else(|_| Err(silence()));
        match attempt {
            Ok((connection, pushes)) => {
                said = false;
                // It is subscribed already, so that no message falls between this notice and the
                // first one.
                hub.missed();
                let number = link.install(connection);
                tracing::info!(url = link.shown, nodes = link.nodes(), "connected to Redis");
                serve(&link, &hub, number, pushes).await;
                tracing::warn!(
                    url = link.shown,
                    reason = link.status.borrow().reason,
                    "Redis does not answer any more; this node decides by itself until it does"
                );
            }
            Err(error) => {
                link.set_status(false, &error.to_string());
                if !said {
                    said = true;
                    tracing::warn!(
                        url = link.shown,
                        %error,
                        "Redis cannot be reached; this node decides by itself until it can"
                    );
                }
            }
        }
    }
}

/// Connects, and proves that the server answers in time and takes writes.
async fn attempt(link: &Link, address: &Address) -> RedisResult<(Connection, Pushes)> {
    let budget = link.timing.budget;
    let (mut connection, pushes) = Connection::open(address).await?;
    for script in scripts::all() {
        script.prepare_invoke().load_async(&mut connection).await?;
    }
    connection.subscribe(&link.channel()).await?;
    let nodes = timeout(budget, beat(link, &mut connection)).await.unwrap_or(Err(silence()))?;
    // The others are coming back, too: who is not there yet is not gone yet.
    link.nodes.fetch_max(nodes, Relaxed);
    Ok((connection, pushes))
}

/// Until the connection is not worth keeping.
async fn serve(link: &Link, hub: &Hub, number: u64, mut pushes: Pushes) {
    let meter = Meter::default();
    let connected = Instant::now();
    let mut beats = interval_at(connected + link.timing.beat_every, link.timing.beat_every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while link.live().is_some_and(|live| live.number == number) {
        if link.unsent.swap(false, Relaxed) {
            // An empty channel: everything was missed.
            link.publish(&meter, "", "").await;
        }
        tokio::select! {
            () = link.broken.notified() => {}
            push = pushes.recv() => match push {
                Some(PushInfo { kind: PushKind::Message, data }) => deliver(link, hub, &data),
                Some(PushInfo { kind: PushKind::Disconnection, .. }) | None => {
                    link.cut(number, "the connection was closed");
                }
                Some(_) => {}
            },
            _ = beats.tick(), if !link.left.load(Relaxed) => {
                let settled = connected.elapsed() > link.timing.beat_every * MISSED_BEATS;
                give_sign_of_life(link, &meter, settled).await;
            }
        }
    }
}

/// An idle node finds out by this that Redis is gone: it asks until it has an answer or the breaker
/// opens.
async fn give_sign_of_life(link: &Link, meter: &Meter, settled: bool) {
    while link.live().is_some() {
        let answer = link.call(meter, |mut it| async move { beat(link, &mut it).await }).await;
        let Some(nodes) = answer else { continue };
        let known = if settled { 0 } else { link.nodes() };
        link.nodes.store(nodes.max(known), Relaxed);
        return;
    }
}

async fn beat(link: &Link, connection: &mut Connection) -> RedisResult<u32> {
    let lifetime = link.timing.beat_every * MISSED_BEATS;
    let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
    let mut beat = scripts::BEAT.key(link.nodes_key());
    let nodes: u32 = beat.arg(&link.node).arg(lifetime_ms).invoke_async(connection).await?;
    Ok(nodes.max(1))
}

/// Brings a message from another node to those who want it. It holds the node, the channel and the
/// payload, a line each; an empty channel says that something was missed.
fn deliver(link: &Link, hub: &Hub, data: &[redis::Value]) {
    let text = data.get(1).and_then(|value| String::from_redis_value_ref(value).ok());
    let text = text.unwrap_or_default();
    let mut lines = text.splitn(3, '\n');
    let (Some(node), Some(channel), Some(payload)) = (lines.next(), lines.next(), lines.next())
    else {
        return;
    };
    match channel {
        // What this node says itself was delivered before it was sent.
        _ if node == link.node => {}
        "" => hub.missed(),
        channel => hub.deliver(channel, payload),
    }
}

fn silence() -> RedisError {
    (ErrorKind::Io, "no answer in time").into()
}
