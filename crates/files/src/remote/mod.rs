//! S3, and the spool before it: a file is safe on the local disk first, and leaves it only when S3
//! was seen to have every byte.

mod parts;
mod s3;
mod spool;

use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use formhold_domain::{Clock, UploadId};
use futures_util::future::join_all;
use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{FilesError, Reading, Settings, settings::Bucket};
use parts::PART_BYTES;
use s3::{S3, S3Error};
pub(crate) use spool::Room;
pub use spool::SpoolUsage;
use spool::{Claim, Spool};

/// How long the sender of a file waits for S3; then the file waits alone.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many files go up side by side when the spool empties.
const SIDE_BY_SIDE: usize = 16;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Memory of all uploads together, in pieces: for one part of the largest size, and beside it for
/// many small files.
const MEMORY_PIECE_BYTES: u64 = 64 << 10;
const MEMORY_PIECES: u64 = (PART_BYTES + (1 << 20)) / MEMORY_PIECE_BYTES;
/// What reading a file back takes: its connection reads ahead into buffers that grow.
const READING_BYTES: u64 = 2 << 20;
/// For so long a file that S3 does not have may well wait on another node.
const MAY_WAIT_ELSEWHERE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What one pass over the spool did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Files that S3 has now.
    pub moved: usize,
    /// Files that still wait, or are on their way.
    pub waiting: usize,
}

/// Files in S3. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Remote(Arc<Inner>);

struct Inner {
    s3: S3,
    spool: Spool,
    clock: Arc<dyn Clock>,
    memory: Semaphore,
    /// Whether the last upload went well. Where it did not, nobody waits for S3.
    answers: AtomicBool,
    /// Rung when a file is left to wait.
    waits: Notify,
    last_tried: Mutex<Option<UploadId>>,
}

impl Remote {
    /// Opens the spool; S3 may be away.
    pub(crate) fn open(
        settings: &Settings,
        bucket: &Bucket,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, FilesError> {
        let s3 = S3::new(settings, bucket)
            .map_err(|error| FilesError::Unavailable(S3Error::from(error).to_string()))?;
        let spool = Spool::open(Path::new(&settings.spool), settings.max_spool_bytes)?;
        Ok(Self(Arc::new(Inner {
            s3,
            spool,
            clock,
            memory: Semaphore::new(usize::try_from(MEMORY_PIECES).unwrap_or(1)),
            answers: AtomicBool::new(true),
            waits: Notify::new(),
            last_tried: Mutex::default(),
        })))
    }

    pub(crate) fn room(&self) -> Result<Room, FilesError> {
        self.0.spool.room()
    }

    pub(crate) fn written_at(&self, id: UploadId) -> std::path::PathBuf {
        self.0.spool.written_at(id)
    }

    /// Moves a synced file into the spool: from here on it is safe.
    pub(crate) fn take_in(&self, id: UploadId, written: &Path, room: Room) -> io::Result<()> {
        self.0.spool.take_in(id, written, room)
    }

    /// Brings a file to S3 and waits a little for it. Whatever happens, the file is safe; what S3
    /// does not take now is left to [`Remote::keep_moving`].
    pub(crate) async fn store_soon(&self, id: UploadId) {
        if self.0.answers.load(Ordering::Relaxed)
            && let Some(claim) = self.0.spool.claim(id)
        {
            let remote = self.clone();
            // A task of its own: who sent the file may hang up meanwhile.
            let moving = tokio::spawn(async move { remote.bring(claim).await });
            match timeout(PATIENCE, moving).await {
                Ok(Ok(true)) => return,
                Ok(_) => {}
                Err(_) => {
                    if self.0.answers.swap(false, Ordering::Relaxed) {
                        tracing::warn!("S3 is slow; files wait in the spool");
                    }
                }
            }
        }
        self.0.waits.notify_one();
    }

    /// Brings what waits to S3, for ever: at once where S3 answers, with growing pauses where it
    /// does not.
    pub(crate) async fn keep_moving(&self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let (_, refused) = self.pass().await;
            if refused {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            } else {
                pause = FIRST_PAUSE;
                // Now and then also without a ring: another process of this node may have ended.
                let _ = timeout(LONGEST_PAUSE, self.0.waits.notified()).await;
            }
        }
    }

    /// One pass over what waits.
    pub(crate) async fn move_waiting(&self) -> Moved {
        self.pass().await.0
    }

    /// Says also whether S3 did not take one. The pass ends there, and the next one begins after
    /// that file, so that no single one holds up the rest.
    async fn pass(&self) -> (Moved, bool) {
        let spool = self.0.spool.clone();
        if let Ok(Err(error)) = spawn_blocking(move || spool.look_again()).await {
            tracing::warn!(%error, "the spool cannot be read");
        }
        let (mut moved, mut refused) = (0, false);
        let mut left = self.usage().files;
        while left > 0 && !refused {
            // While S3 does not answer, one file is enough to find out.
            let count = if self.0.answers.load(Ordering::Relaxed) { SIDE_BY_SIDE } else { 1 };
            let last_tried = *self.last_tried();
            let ids = self.0.spool.next_after(last_tried, count.min(left));
            let Some(last) = ids.last() else { break };
            *self.last_tried() = Some(*last);
            let claims = ids.iter().filter_map(|id| self.0.spool.claim(*id));
            let taken = join_all(claims.map(|claim| self.bring(claim))).await;
            moved += taken.iter().filter(|taken| **taken).count();
            left = left.saturating_sub(ids.len());
            refused = taken.contains(&false);
        }
        (Moved { moved, waiting: self.usage().files }, refused)
    }

    /// Opens a file: of the spool, else of S3.
    pub(crate) async fn read(&self, id: UploadId) -> Result<Option<Reading>, FilesError> {
        if let Some(file) = self.0.spool.open_file(id).await? {
            return Ok(Some(Reading::of_file(file).await?));
        }
        let found = self.0.s3.open_file(id).await.map_err(unavailable)?;
        if found.is_none() && self.is_young(id) {
            return Err(FilesError::NotYetStored);
        }
        Ok(found)
    }

    pub(crate) async fn remove(&self, id: UploadId) -> Result<(), FilesError> {
        self.0.spool.discard(id)?;
        self.0.s3.remove(id).await.map_err(unavailable)
    }

    /// As [`Remote::remove`], without waiting for S3.
    pub(crate) fn discard(&self, id: UploadId) -> io::Result<()> {
        if self.0.spool.discard(id)? {
            return Ok(());
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let remote = self.clone();
            runtime.spawn(async move {
                if let Err(error) = remote.0.s3.remove(id).await {
                    tracing::warn!(%error, upload = %id, "a refused file stays in S3; the next sweep will remove it");
                }
            });
        }
        Ok(())
    }

    pub(crate) async fn old_enough_to_check(
        &self,
        age: Duration,
    ) -> Result<Vec<UploadId>, FilesError> {
        let spool = self.0.spool.clone();
        let mut ids = spawn_blocking(move || spool.old_enough_to_check(age))
            .await
            .map_err(io::Error::other)??;
        let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let before_ms = self.0.clock.now_ms().saturating_sub(age_ms);
        ids.extend(self.0.s3.stored_before(before_ms).await.map_err(unavailable)?);
        Ok(ids)
    }

    pub(crate) async fn check(&self) -> Result<(), FilesError> {
        self.0.s3.check().await.map_err(unavailable)
    }

    pub(crate) fn usage(&self) -> SpoolUsage {
        self.0.spool.usage()
    }

    /// Puts a file up, reads it back, and only then lets it leave the spool. Says whether S3 has
    /// it.
    async fn bring(&self, claim: Claim) -> bool {
        let id = claim.id();
        match self.copy(id).await {
            // Another process moved it, or it was discarded.
            Ok(false) => {}
            Ok(true) => {
                if !self.0.answers.swap(true, Ordering::Relaxed) {
                    tracing::info!("S3 takes files again");
                }
            }
            Err(error) => {
                if self.0.answers.swap(false, Ordering::Relaxed) {
                    tracing::error!(%error, "S3 does not take files; they wait in the spool");
                } else {
                    tracing::debug!(%error, "S3 still does not take files");
                }
                return false;
            }
        }
        match claim.arrived() {
            Ok(false) => {}
            Ok(true) => {
                if let Err(error) = self.0.s3.remove(id).await {
                    tracing::warn!(%error, upload = %id, "a refused file stays in S3; the next sweep will remove it");
                }
            }
            Err(error) => {
                tracing::warn!(%error, upload = %id, "a file that S3 has cannot leave the spool");
                return false;
            }
        }
        true
    }

    /// Says whether there was something to copy.
    async fn copy(&self, id: UploadId) -> Result<bool, S3Error> {
        let Some(file) = self.0.spool.open_file(id).await? else { return Ok(false) };
        let size_bytes = file.metadata().await?.len();
        let sent = {
            let _memory = self.memory(size_bytes.min(PART_BYTES)).await?;
            self.0.s3.put(id, file).await?
        };
        let held = {
            let _memory = self.memory(size_bytes.min(READING_BYTES)).await?;
            self.0.s3.summary(id).await?
        };
        if sent == held { Ok(true) } else { Err(S3Error::Differs) }
    }

    /// Waits until so much memory is free for uploads.
    async fn memory(&self, bytes: u64) -> io::Result<SemaphorePermit<'_>> {
        let pieces = bytes.div_ceil(MEMORY_PIECE_BYTES).max(1);
        let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
        self.0.memory.acquire_many(pieces).await.map_err(io::Error::other)
    }

    fn is_young(&self, id: UploadId) -> bool {
        let made_ms = id.0.get_timestamp().map_or(0, |time| {
            let (seconds, nanoseconds) = time.to_unix();
            seconds.saturating_mul(1000) + u64::from(nanoseconds) / 1_000_000
        });
        let made_ms = i64::try_from(made_ms).unwrap_or(i64::MAX);
        self.0.clock.now_ms().saturating_sub(made_ms) < MAY_WAIT_ELSEWHERE_MS
    }

    fn last_tried(&self) -> std::sync::MutexGuard<'_, Option<UploadId>> {
        self.0.last_tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable(error: S3Error) -> FilesError {
    FilesError::Unavailable(error.to_string())
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("s3", &self.0.s3).finish_non_exhaustive()
    }
}
