//! Writing lines out, on a thread of its own: where standard error stands still, nothing else does.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    time::Duration,
};

/// How many batches may wait to be written.
const QUEUE_BATCHES: usize = 64;
/// How large a batch gets before the next one begins.
pub(super) const BATCH_BYTES: usize = 64 << 10;

enum Job {
    Write(Batch),
    Tell(Sender<()>),
}

/// Lines that are written at once.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) lines: u64,
}

/// Hands batches to the thread that writes.
pub(super) struct Output {
    queue: SyncSender<Job>,
    dropped: Arc<AtomicU64>,
}

impl Output {
    pub(super) fn start(
        target: Box<dyn Write + Send>,
        dropped: Arc<AtomicU64>,
    ) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE_BATCHES);
        let lost = Arc::clone(&dropped);
        std::thread::Builder::new()
            .name("log output".to_owned())
            .spawn(move || write_all(target, &jobs, &lost))?;
        Ok(Self { queue, dropped })
    }

    /// Hands over a batch, or counts its lines as dropped.
    pub(super) fn write(&self, batch: Batch) {
        let lines = batch.lines;
        if lines > 0 && !self.offer(batch) {
            self.dropped.fetch_add(lines, Ordering::Relaxed);
        }
    }

    /// Hands over a batch if there is room for it. Says whether there was.
    pub(super) fn offer(&self, batch: Batch) -> bool {
        self.queue.try_send(Job::Write(batch)).is_ok()
    }

    /// Waits until everything is written, at most for `patience`.
    pub(super) fn flush(&self, patience: Duration) {
        let (tell, told) = channel();
        if self.queue.try_send(Job::Tell(tell)).is_ok() {
            let _ = told.recv_timeout(patience);
        }
    }
}

fn write_all(mut target: Box<dyn Write + Send>, jobs: &Receiver<Job>, dropped: &AtomicU64) {
    for job in jobs {
        match job {
            Job::Write(batch) => {
                // Where nobody can be told, at least the metrics say so.
                if target.write_all(&batch.bytes).and_then(|()| target.flush()).is_err() {
                    dropped.fetch_add(batch.lines, Ordering::Relaxed);
                }
            }
            Job::Tell(tell) => {
                let _ = tell.send(());
            }
        }
    }
}
