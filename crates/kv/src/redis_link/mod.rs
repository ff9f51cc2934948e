//! The link to Redis: a time budget for each call, and a breaker that stops asking a Redis that
//! does not answer. Nobody who calls ever waits longer than the budget or gets an error.

mod connection;
mod supervisor;

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
};

use formhold_domain::Clock;
use redis::{Cmd, FromRedisValue, RedisError, RedisResult, Script, ToRedisArgs};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

pub(crate) use supervisor::Supervisor;

use self::connection::Connection;
use crate::{Timing, address::Address, stats::Meter};

/// So many calls in a row that fail or take too long open the breaker.
const FAILURES: u32 = 3;

/// Whether there is a Redis, and since when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RedisState {
    /// No Redis is set: this process keeps everything by itself.
    Memory,
    /// Redis answers.
    Connected {
        /// Its address without passwords.
        url: String,
        /// Since when, in milliseconds since the Unix epoch.
        since_ms: i64,
        /// How many nodes share it.
        nodes: u32,
    },
    /// Redis does not answer; each node decides by itself.
    Degraded {
        /// Its address without passwords.
        url: String,
        /// Since when, in milliseconds since the Unix epoch.
        since_ms: i64,
        /// How many nodes shared it when they last saw each other.
        nodes: u32,
        /// What went wrong.
        reason: String,
    },
}

pub(crate) struct Link {
    shown: String,
    prefix: String,
    database: i64,
    /// This node's name among the nodes.
    node: String,
    timing: Timing,
    clock: Arc<dyn Clock>,
    live: RwLock<Option<Live>>,
    connections: AtomicU64,
    failures: AtomicU32,
    broken: Notify,
    status: watch::Sender<Status>,
    nodes: AtomicU32,
    /// Messages were not sent: other nodes must be told that they missed something.
    unsent: AtomicBool,
    /// This node is stopping and gives no more signs of life.
    left: AtomicBool,
}

#[derive(Clone)]
struct Live {
    number: u64,
    connection: Connection,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Status {
    connected: bool,
    since_ms: i64,
    reason: String,
}

impl Link {
    pub(crate) fn new(
        address: &Address,
        node: String,
        timing: Timing,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let status = Status {
            connected: false,
            since_ms: clock.now_ms(),
            reason: "not connected yet".to_owned(),
        };
        Self {
            shown: address.shown(),
            prefix: address.prefix.clone(),
            database: address.database,
            node,
            timing,
            clock,
            live: RwLock::new(None),
            connections: AtomicU64::new(0),
            failures: AtomicU32::new(0),
            broken: Notify::new(),
            status: watch::Sender::new(status),
            nodes: AtomicU32::new(1),
            unsent: AtomicBool::new(false),
            left: AtomicBool::new(false),
        }
    }

    /// The name of a key in Redis.
    pub(crate) fn key(&self, kind: &str, scope: &str, key: &str) -> String {
        debug_assert!(!scope.contains(':'), "`{scope}` and a key could be another scope and key");
        format!("{}:{kind}:{scope}:{key}", self.prefix)
    }

    /// How many nodes there are, or were when Redis last answered; one at least.
    pub(crate) fn nodes(&self) -> u32 {
        self.nodes.load(Relaxed)
    }

    pub(crate) fn state(&self) -> RedisState {
        let Status { connected, since_ms, reason } = self.status.borrow().clone();
        let (url, nodes) = (self.shown.clone(), self.nodes());
        if connected {
            RedisState::Connected { url, since_ms, nodes }
        } else {
            RedisState::Degraded { url, since_ms, nodes, reason }
        }
    }

    /// Waits until Redis answers.
    pub(crate) async fn connected(&self) {
        // The sender is this link's own, so it is not gone.
        let _ = self.status.subscribe().wait_for(|status| status.connected).await;
    }

    /// Runs one of the scripts on keys. None when Redis does not answer within the budget.
    pub(crate) async fn script<T: FromRedisValue>(
        &self,
        meter: &Meter,
        script: &Script,
        keys: &[String],
        arguments: &[impl ToRedisArgs],
    ) -> Option<T> {
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(key);
        }
        for argument in arguments {
            invocation.arg(argument);
        }
        self.call(meter, |mut it| async move { invocation.invoke_async(&mut it).await }).await
    }

    /// Runs one command. None when Redis does not answer within the budget.
    pub(crate) async fn command<T: FromRedisValue>(
        &self,
        meter: &Meter,
        command: &Cmd,
    ) -> Option<T> {
        self.call(meter, |mut it| async move { command.query_async(&mut it).await }).await
    }

    /// Sends a message to the other nodes.
    pub(crate) async fn publish(&self, meter: &Meter, channel: &str, payload: &str) {
        let message = format!("{}\n{channel}\n{payload}", self.node);
        let mut command = redis::cmd("PUBLISH");
        command.arg(self.channel()).arg(message);
        if self.command::<()>(meter, &command).await.is_none() {
            self.unsent.store(true, Relaxed);
        }
    }

    /// Takes this node off the list of nodes.
    pub(crate) async fn leave(&self) {
        self.left.store(true, Relaxed);
        let mut remove = redis::cmd("ZREM");
        remove.arg(self.nodes_key()).arg(&self.node);
        let _: Option<u32> = self.command(&Meter::default(), &remove).await;
    }

    fn nodes_key(&self) -> String {
        format!("{}:nodes", self.prefix)
    }

    /// The one channel that all nodes subscribe to. Unlike keys, channels know no databases.
    fn channel(&self) -> String {
        format!("{}:{}:messages", self.prefix, self.database)
    }

    async fn call<T, F: Future<Output = RedisResult<T>>>(
        &self,
        meter: &Meter,
        act: impl FnOnce(Connection) -> F,
    ) -> Option<T> {
        let Some(Live { number, connection }) = self.live() else {
            meter.fell_back();
            return None;
        };
        let (reason, is_final) = match timeout(self.timing.budget, act(connection)).await {
            Ok(Ok(answer)) => {
                if self.failures.load(Relaxed) > 0 {
                    self.failures.store(0, Relaxed);
                }
                return Some(answer);
            }
            Ok(Err(error)) => (error.to_string(), is_final(&error)),
            Err(_) => ("no answer in time".to_owned(), false),
        };
        meter.failed();
        meter.fell_back();
        // What an old connection still owes says nothing about the new one.
        let current = self.live().is_some_and(|live| live.number == number);
        if current && (self.failures.fetch_add(1, Relaxed) + 1 >= FAILURES || is_final) {
            self.cut(number, &reason);
        }
        None
    }

    fn live(&self) -> Option<Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens the breaker, if it is still this connection that is in use.
    fn cut(&self, number: u64, reason: &str) {
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        if live.as_ref().is_some_and(|live| live.number == number) {
            *live = None;
            self.set_status(false, reason);
            self.broken.notify_one();
        }
    }

    /// Closes the breaker.
    fn install(&self, connection: Connection) -> u64 {
        let number = self.connections.fetch_add(1, Relaxed) + 1;
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        self.failures.store(0, Relaxed);
        *live = Some(Live { number, connection });
        self.set_status(true, "");
        number
    }

    fn set_status(&self, connected: bool, reason: &str) {
        self.status.send_if_modified(|status| {
            let changed = status.connected != connected;
            if changed {
                status.since_ms = self.clock.now_ms();
            }
            status.connected = connected;
            reason.clone_into(&mut status.reason);
            changed
        });
    }
}

/// Whether it makes no sense to ask this connection again.
fn is_final(error: &RedisError) -> bool {
    error.is_unrecoverable_error()
        || matches!(error.code(), Some("OOM" | "READONLY" | "LOADING" | "MASTERDOWN" | "MISCONF"))
}
