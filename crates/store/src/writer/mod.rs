//! The batching writer: submissions that wait while a commit is in flight share the next one.
//!
//! A bounded queue, one writer, no artificial delay; each caller is answered after the commit that
//! holds its row. A full queue refuses at once.
//!
//! The writer runs on a thread of its own. A batch is a handful of steps, each of which waits for the
//! database; among the tasks of the requests every step would queue behind all of them. A second
//! writer would only make the batches smaller: on MariaDB four of them stored half as much as one.

mod batch;
mod checkpoint;
mod direct;
pub(crate) mod insert;
mod meters;
mod row;
mod tally;

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use formhold_domain::{Submission, SubmissionId, UserId, job::NewJob};
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use uuid::Uuid;

use self::{batch::Batch, direct::Direct, meters::Meters, row::Row};
use crate::{Idempotency, Store, StoreError, Unavailable, WriterStats, connect::Connections};

/// How many submissions may wait.
const QUEUE_ROWS: usize = 4096;
/// How much of them may wait, so that a queue of large ones stays within memory.
const QUEUE_BYTES: usize = 32 << 20;
const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 2 << 20;

/// A submission to be stored.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// The submission.
    pub submission: Submission,
    /// The client's key for it.
    pub idempotency: Option<Idempotency>,
    /// Who sent it while signed in.
    pub owner: Option<UserId>,
    /// How many submissions the form takes in all.
    pub max_submissions: Option<u64>,
    /// What follows from it: stored in the same transaction, and only if the submission is.
    pub jobs: Vec<NewJob>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is committed.
    Stored,
    /// The same was stored before under the same key, as this submission.
    Replayed(SubmissionId),
    /// The key stands for other content; nothing was stored.
    KeyReused,
    /// The form has as many as it takes; nothing was stored.
    FormFull,
}

pub(crate) struct Waiting {
    row: Row,
    reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

pub(crate) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
    sender: mpsc::WeakSender<Waiting>,
    waiting_bytes: Arc<AtomicUsize>,
    meters: Arc<Meters>,
    ended: watch::Receiver<bool>,
}

impl Writer {
    /// Starts the writer. `broken` is told when the database must not be used any more.
    pub(crate) fn start(
        connections: &Connections,
        broken: watch::Sender<Option<String>>,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(QUEUE_ROWS);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let meters = Meters::new();
        let task = WriterTask {
            connection: connections.intake.clone(),
            receiver,
            waiting_bytes: Arc::clone(&waiting_bytes),
            meters: Arc::clone(&meters),
            broken,
            shard: random_shard(),
            direct: Direct::new(connections.intake.clone()),
        };
        let checkpoint =
            connections.checkpoint.clone().map(|pool| checkpoint::run(pool, sender.downgrade()));
        let (end, ended) = watch::channel(false);
        let failed = |error: std::io::Error| {
            StoreError::Other(format!("the writer's thread cannot start: {error}"))
        };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let work = async move {
            let checkpoint = checkpoint.map(tokio::spawn);
            task.run().await;
            if let Some(checkpoint) = checkpoint {
                let _ = checkpoint.await;
            }
            end.send_replace(true);
        };
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || runtime.block_on(work))
            .map_err(failed)?;
        Ok(Self {
            sender: sender.downgrade(),
            queue: Mutex::new(Some(sender)),
            waiting_bytes,
            meters,
            ended,
        })
    }

    /// Takes in no more, commits what waits, and ends the writer.
    pub(crate) async fn stop(&self) {
        drop(self.queue.lock().await.take());
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    pub(crate) fn stats(&self) -> WriterStats {
        let waiting = |queue: mpsc::Sender<_>| queue.max_capacity() - queue.capacity();
        WriterStats {
            queue_rows: self.sender.upgrade().map_or(0, waiting),
            queue_bytes: self.waiting_bytes.load(Ordering::Relaxed),
            batch_rows: self.meters.batch_rows.read(),
            batch_us: self.meters.batch_us.read(),
            refused: self.meters.refused.load(Ordering::Relaxed),
            failed: self.meters.failed.load(Ordering::Relaxed),
        }
    }

    async fn write(&self, new: &NewSubmission) -> Result<Outcome, StoreError> {
        let row = Row::new(new)?;
        let bytes = row.bytes;
        let stopping = || StoreError::Unavailable(Unavailable::Busy("shutting down".to_owned()));
        let sender = self.sender.upgrade().ok_or_else(stopping)?;
        // Counted before it can be written: the writer counts it down again.
        let waiting_bytes = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        if waiting_bytes > QUEUE_BYTES || sender.try_send(Waiting { row, reply }).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.meters.refused.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Unavailable(Unavailable::QueueFull));
        }
        drop(sender);
        answer.await.map_err(|_| stopping())?
    }
}

impl Store {
    /// Stores a submission. When this returns `Stored`, it is committed and synced.
    ///
    /// # Errors
    /// [`Unavailable::QueueFull`] at once when too many wait; else what the database says.
    pub async fn write_submission(&self, new: &NewSubmission) -> Result<Outcome, StoreError> {
        let outcome = self.inner.writer.write(new).await?;
        if outcome == Outcome::Stored {
            self.inner.new_work.announce(new.jobs.iter().map(|job| &job.lane));
        }
        Ok(outcome)
    }
}

/// Changes how many submissions a form has taken.
pub(crate) async fn add_to_count(
    transaction: &DatabaseTransaction,
    form_id: Uuid,
    count: i64,
) -> Result<(), StoreError> {
    batch::add(transaction, form_id, 0, count).await
}

/// Counts of a form are kept in shards, so that nodes do not wait for each other's row; shard 0 is
/// for forms with a maximum, whose nodes must.
fn random_shard() -> i16 {
    const SHARDS: u64 = 63;
    let random = RandomState::new().build_hasher().finish();
    i16::try_from(random % SHARDS + 1).unwrap_or(1)
}

struct WriterTask {
    connection: DatabaseConnection,
    receiver: mpsc::Receiver<Waiting>,
    waiting_bytes: Arc<AtomicUsize>,
    meters: Arc<Meters>,
    broken: watch::Sender<Option<String>>,
    shard: i16,
    direct: Direct,
}

impl WriterTask {
    async fn run(mut self) {
        while let Some(waiting) = self.next_batch().await {
            let (rows, replies): (Vec<Row>, Vec<_>) =
                waiting.into_iter().map(|one| (one.row, one.reply)).unzip();
            let bytes: usize = rows.iter().map(|row| row.bytes).sum();
            let mut batch =
                Batch { connection: &self.connection, shard: self.shard, direct: &mut self.direct };
            let start = Instant::now();
            let results = batch.write(&rows).await;
            let failed = results.iter().filter(|result| result.is_err()).count();
            self.meters.wrote(rows.len(), failed, start.elapsed());
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            for (reply, result) in replies.into_iter().zip(results) {
                if let Err(StoreError::Unavailable(Unavailable::Broken(reason))) = &result {
                    tracing::error!(reason, "the database can no longer be trusted");
                    self.broken.send_replace(Some(reason.clone()));
                }
                // Whoever asked may have gone away meanwhile; the row is stored all the same.
                let _ = reply.send(result);
            }
        }
        self.direct.close().await;
    }

    /// Waits for a first submission and takes those that wait behind it. None when no more come.
    async fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let first = self.receiver.recv().await?;
        let mut bytes = first.row.bytes;
        let mut batch = vec![first];
        while batch.len() < BATCH_ROWS
            && bytes < BATCH_BYTES
            && let Ok(next) = self.receiver.try_recv()
        {
            bytes += next.row.bytes;
            batch.push(next);
        }
        Some(batch)
    }
}
