//! The loop: one task that looks for work, claims it, begins it and writes what became of it.
//!
//! Only this task talks to the job table, one round at a time; what ends while a round is under way is
//! written by the next one. So a busy worker commits rarely, and needs no other batching.

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    sync::Arc,
    time::Duration,
};

use formhold_domain::{JobId, job::JobKind};
use formhold_service::{
    App, ServiceError,
    jobs::{Claim, Claimed, EndedTry, Round, TryEnd, WAKE_UPS, WakeUp, WorkerLock},
};
use futures_util::FutureExt as _;
use tokio::{
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Settings,
    attempt::{Report, attempt},
    lanes::Lanes,
    registry, schedules,
    silence::Silence,
};

/// Between two signs of life: a sixth of the shortest lease, so that one that comes late does no harm.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// How long a step may wait for the database.
const DATABASE_PATIENCE: Duration = Duration::from_secs(20);
/// After a failure of the database.
const REST: Duration = Duration::from_secs(1);
/// How many lanes a round looks at; the next one goes on after them.
const MOST_LOOKS: usize = 256;

/// A worker of this process.
pub struct Worker {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts one. On SQLite it waits until no other process works the same database.
    #[must_use]
    pub fn start(app: App, settings: Settings) -> Self {
        Self::start_with(app, settings, true)
    }

    /// Starts one that does jobs, and leaves schedules to others.
    #[must_use]
    pub fn start_without_schedules(app: App, settings: Settings) -> Self {
        Self::start_with(app, settings, false)
    }

    fn start_with(app: App, settings: Settings, keeps_schedules: bool) -> Self {
        let stop = CancellationToken::new();
        let desk = Desk {
            node: app.ids.uuid().to_string(),
            lanes: Lanes::new(settings.concurrency, settings.per_lane),
            kinds: registry::kinds(),
            settings: Arc::new(settings),
            app,
            keeps_schedules,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            ended: Vec::new(),
            woken: BTreeSet::new(),
            cursor: String::new(),
            look: true,
            look_for_due: true,
            silence: Silence::default(),
            failing: false,
        };
        let task = tokio::spawn(desk.run(stop.clone()));
        Self { stop, task }
    }

    /// Begins nothing new, lets what is under way finish within the drain time, and gives the rest
    /// back for others to do at once.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the worker failed");
        }
    }
}

impl Drop for Worker {
    /// As when the process ends at once: what was under way is found by others when its lease is over.
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Running {
    claim: Claim,
    kind: JobKind,
    lane: String,
    at_ms: i64,
    task: AbortHandle,
}

struct Desk {
    app: App,
    settings: Arc<Settings>,
    node: String,
    kinds: Vec<JobKind>,
    keeps_schedules: bool,
    lanes: Lanes,
    tasks: JoinSet<Report>,
    running: HashMap<JobId, Running>,
    /// What is not written yet.
    ended: Vec<EndedTry>,
    /// Lanes that got work, as somebody said.
    woken: BTreeSet<String>,
    cursor: String,
    /// Whether lanes may have work that nobody spoke of.
    look: bool,
    look_for_due: bool,
    silence: Silence,
    failing: bool,
}

impl Desk {
    async fn run(mut self, stop: CancellationToken) {
        let Some(lock) = self.wait_for_lock(&stop).await else { return };
        let mut messages = self.app.kv.subscribe(WAKE_UPS);
        let mut poll = interval(Duration::from_millis(self.settings.poll_ms));
        let mut beat = interval(BEAT_EVERY);
        for timer in [&mut poll, &mut beat] {
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(joined) = self.tasks.join_next() => self.note(joined.ok()),
                message = messages.next() => self.wake(message),
                _ = poll.tick() => self.poll().await,
                _ = beat.tick() => self.keep_alive().await,
            }
            // What else happened meanwhile goes into the same round.
            while let Some(joined) = self.tasks.try_join_next() {
                self.note(joined.ok());
            }
            while let Some(message @ Some(_)) = messages.next().now_or_never() {
                self.wake(message);
            }
            self.rounds(&stop).await;
        }
        self.drain().await;
        drop(lock);
    }

    async fn wait_for_lock(&self, stop: &CancellationToken) -> Option<WorkerLock> {
        let mut told = false;
        loop {
            match self.app.store.lock_worker(self.app.clock.now_ms()).await {
                Ok(Some(lock)) => return Some(lock),
                Ok(None) if told => {}
                Ok(None) => tracing::info!(
                    "another process does this database's jobs; this one takes over when it ends"
                ),
                Err(error) if told => tracing::debug!(%error, "the worker cannot start yet"),
                Err(error) => tracing::error!(%error, "the worker cannot start yet"),
            }
            told = true;
            tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep(Duration::from_millis(self.settings.poll_ms)) => {}
            }
        }
    }

    /// None where the task was aborted: then its claim was lost, or handed back.
    fn note(&mut self, report: Option<Report>) {
        let Some(Report { ended, lane, was_slow }) = report else { return };
        if self.running.remove(&ended.claim.job_id).is_some() {
            self.lanes.end(&lane, was_slow);
            self.look = true;
            self.ended.push(ended);
        }
    }

    fn wake(&mut self, message: Option<WakeUp>) {
        match message {
            Some(WakeUp::Payload(lane)) => {
                self.woken.insert(lane.to_string());
            }
            _ => self.look = true,
        }
    }

    /// Looks for what nobody spoke of: jobs of other nodes, jobs whose time has come, schedules.
    async fn poll(&mut self) {
        if self.keeps_schedules && self.ask(schedules::tick(&self.app.clone())).await.is_none() {
            return;
        }
        let app = self.app.clone();
        let Some(waiting) = self.ask(async { Ok(app.store.waiting_jobs().await?) }).await else {
            return;
        };
        self.look |= waiting.ready;
        self.look_for_due = waiting.next_at_ms.is_some_and(|at| at <= self.app.clock.now_ms());
        self.look |= self.look_for_due;
    }

    /// Does rounds until there is nothing to write and nothing to begin.
    async fn rounds(&mut self, stop: &CancellationToken) {
        while !stop.is_cancelled() && !self.is_idle() {
            if self.round(true).await.is_none() {
                // What is to be written stays; the next poll tries again.
                sleep(REST).await;
                return;
            }
            while let Some(joined) = self.tasks.try_join_next() {
                self.note(joined.ok());
            }
        }
    }

    fn is_idle(&self) -> bool {
        let may_begin = self.lanes.free() > 0;
        let has_hints = self.look || self.look_for_due || !self.woken.is_empty();
        self.ended.is_empty() && !(may_begin && has_hints)
    }

    /// Writes what ended, and begins what there is room for. None when the database failed.
    async fn round(&mut self, begin: bool) -> Option<()> {
        let most = if begin { self.lanes.free() } else { 0 };
        let app = self.app.clone();
        let (lanes, is_cut) = if most > 0 { self.turns(most).await? } else { (Vec::new(), false) };
        if lanes.is_empty() && self.ended.is_empty() && !self.look_for_due {
            return Some(());
        }
        let (ended, look_for_due) = (std::mem::take(&mut self.ended), self.look_for_due && begin);
        let (node, kinds) = (self.node.clone(), self.kinds.clone());
        let round = Round {
            node: &node,
            now_ms: app.clock.now_ms(),
            ended: &ended,
            lanes: &lanes,
            most,
            kinds: &kinds,
            look_for_due,
        };
        let Some((claimed, stale)) =
            self.ask(async { Ok(app.store.work_round(round).await?) }).await
        else {
            self.ended = ended;
            self.look = true;
            return None;
        };
        for job in stale {
            tracing::warn!(%job, "what became of a job was not written: another worker has it now");
        }
        // Those that have become ready are seen by another look.
        self.look |= (is_cut && !claimed.is_empty()) || look_for_due;
        self.look_for_due &= !look_for_due;
        claimed.into_iter().for_each(|one| self.begin(one));
        Some(())
    }

    /// Whose turn it is: lanes that somebody spoke of first, then the others, one after another. Also
    /// says whether there may be more.
    async fn turns(&mut self, most: usize) -> Option<(Vec<(String, usize)>, bool)> {
        let app = self.app.clone();
        let woken: Vec<String> =
            self.woken.iter().filter(|lane| self.lanes.room(lane) > 0).cloned().collect();
        let woken = self.ask(async { Ok(app.store.lanes_with_work(&woken).await?) }).await?;
        // One without room is looked at again when one of its jobs ends.
        self.woken.clear();
        let mut turns: Vec<(String, usize)> = woken
            .into_iter()
            .map(|lane| {
                let room = self.lanes.room(&lane);
                (lane, room)
            })
            .collect();
        let taken: usize = turns.iter().map(|(_, room)| room).sum();
        if !self.look || taken >= most {
            return Some((turns, self.look));
        }
        self.look = false;
        let first: BTreeSet<String> = turns.iter().map(|(lane, _)| lane.clone()).collect();
        let lanes = &self.lanes;
        let room = |lane: &str| if first.contains(lane) { 0 } else { lanes.room(lane) };
        let looking = app.store.next_turns(&self.cursor, room, most - taken, MOST_LOOKS);
        let found = match timeout(DATABASE_PATIENCE, looking).await {
            Ok(Ok(found)) => found,
            failed => {
                self.look = true;
                self.tell_of_failure(&format!("{:?}", failed.map(|it| it.err())));
                return None;
            }
        };
        self.cursor = found.cursor;
        turns.extend(found.lanes);
        Some((turns, found.is_cut))
    }

    fn begin(&mut self, claimed: Claimed) {
        let (claim, kind, lane) = (claimed.claim, claimed.kind, claimed.lane.clone());
        let at_ms = self.app.clock.now_ms();
        self.lanes.begin(&lane);
        let task = self.tasks.spawn(attempt(self.app.clone(), Arc::clone(&self.settings), claimed));
        self.running.insert(claim.job_id, Running { claim, kind, lane, at_ms, task });
    }

    /// Gives signs of life of what is under way here, drops what is not this node's any more, and lets
    /// go of what nobody gives signs of life of.
    async fn keep_alive(&mut self) {
        let app = self.app.clone();
        let node = self.node.clone();
        let claims: Vec<Claim> = self.running.values().map(|it| it.claim).collect();
        let beating = self.ask(async { Ok(app.store.beat(&node, &claims).await?) }).await;
        for job in beating.unwrap_or_default() {
            if let Some(lost) = self.running.remove(&job) {
                tracing::warn!(%job, "another worker has taken a job over");
                lost.task.abort();
                self.lanes.end(&lost.lane, false);
            }
        }
        let Some(mut beats) = self.ask(async { Ok(app.store.beats().await?) }).await else {
            return;
        };
        // What this node knows of is not silent, also where its end could not be written yet.
        beats.retain(|beat| {
            let held = self.running.get(&beat.claim.job_id).map(|it| it.claim);
            held != Some(beat.claim) && self.ended.iter().all(|it| it.claim != beat.claim)
        });
        let silent = self.silence.look(&beats, app.clock.monotonic());
        if silent.is_empty() {
            return;
        }
        let now_ms = app.clock.now_ms();
        if let Some(count) = self.ask(async { Ok(app.store.let_go(&silent, now_ms).await?) }).await
        {
            tracing::warn!(count, "the holders of jobs were silent; the jobs are done by others");
            self.look = true;
        }
    }

    /// Lets what is under way finish, gives the rest back, and writes both.
    async fn drain(mut self) {
        let end = Instant::now() + Duration::from_secs(self.settings.drain_seconds);
        let mut beat = interval(BEAT_EVERY);
        while !self.running.is_empty() {
            tokio::select! {
                Some(joined) = self.tasks.join_next() => self.note(joined.ok()),
                _ = beat.tick() => self.keep_alive().await,
                () = tokio::time::sleep_until(end) => break,
            }
            if !self.ended.is_empty() && self.round(false).await.is_none() {
                sleep(REST).await;
            }
        }
        self.tasks.shutdown().await;
        let left: Vec<Running> = self.running.drain().map(|(_, running)| running).collect();
        if !left.is_empty() {
            tracing::info!(jobs = left.len(), "giving back jobs that were not finished in time");
        }
        self.ended.extend(left.into_iter().map(handed_back));
        while !self.ended.is_empty() && self.round(false).await.is_none() {
            if Instant::now() > end + DATABASE_PATIENCE {
                tracing::error!("what became of the last jobs could not be written");
                return;
            }
            sleep(REST).await;
        }
    }

    /// Asks the database, within bounds. None when it fails, which is told once until it works again.
    async fn ask<T>(&mut self, asking: impl Future<Output = Result<T, ServiceError>>) -> Option<T> {
        match timeout(DATABASE_PATIENCE, asking).await {
            Ok(Ok(answer)) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the worker reaches the database again");
                }
                Some(answer)
            }
            Ok(Err(error)) => {
                self.tell_of_failure(&error.to_string());
                None
            }
            Err(_) => {
                self.tell_of_failure("no answer in time");
                None
            }
        }
    }

    fn tell_of_failure(&mut self, error: &str) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(error, "the worker cannot reach the database; jobs wait");
        }
    }
}

fn handed_back(running: Running) -> EndedTry {
    EndedTry {
        claim: running.claim,
        kind: running.kind,
        end: TryEnd::HandedBack,
        at_ms: running.at_ms,
        duration_ms: 0,
        status: None,
        excerpt: "the node stopped before it was done".to_owned(),
    }
}
