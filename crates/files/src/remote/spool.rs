//! The spool: files on a local disk that wait until S3 has them. `incoming/` for what is being
//! written, `waiting/` for what is whole, synced and may have been acknowledged.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use formhold_domain::UploadId;
use tokio::fs::File;

use crate::{
    FilesError,
    local::{ids_older_than, open_if_there, remove_if_there, remove_older_than, sync_folder},
};

/// What the smallest file takes on a disk, so that many tiny ones count as well.
const BLOCK_BYTES: u64 = 4096;

/// How full the spool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolUsage {
    /// Files that wait for S3.
    pub files: usize,
    /// Bytes that wait or are being written; a file counts 4 KiB at least.
    pub bytes: u64,
}

/// The spool. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Spool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    max_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What waits, oldest first, with what it takes on the disk.
    waiting: BTreeMap<UploadId, u64>,
    /// What is on its way to S3, and whether it was discarded meanwhile.
    moving: HashMap<UploadId, bool>,
    used_bytes: u64,
}

impl Spool {
    /// Opens the spool and finds what waits there from before.
    pub(super) fn open(root: &Path, max_bytes: u64) -> io::Result<Self> {
        for folder in ["incoming", "waiting"] {
            fs::create_dir_all(root.join(folder))?;
        }
        sync_folder(root)?;
        let state = Mutex::default();
        let spool = Self(Arc::new(Inner { root: root.to_owned(), max_bytes, state }));
        spool.look_again()?;
        Ok(spool)
    }

    pub(super) fn usage(&self) -> SpoolUsage {
        let state = self.state();
        SpoolUsage { files: state.waiting.len(), bytes: state.used_bytes }
    }

    /// Room for a file that is about to be written.
    pub(super) fn room(&self) -> Result<Room, FilesError> {
        let mut room = Room { spool: self.clone(), written_bytes: 0, held_bytes: 0 };
        room.grow(0)?;
        Ok(room)
    }

    pub(super) fn written_at(&self, id: UploadId) -> PathBuf {
        self.0.root.join("incoming").join(id.to_string())
    }

    /// Moves a synced file to what waits, and syncs the folder.
    pub(super) fn take_in(&self, id: UploadId, written: &Path, room: Room) -> io::Result<()> {
        let size_bytes = fs::metadata(written)?.len();
        fs::rename(written, self.waiting_at(id))?;
        self.add(id, size_bytes);
        // The file itself holds its room now.
        drop(room);
        sync_folder(&self.0.root.join("waiting"))
    }

    /// Finds what another process of this node left, and forgets what another one moved.
    pub(super) fn look_again(&self) -> io::Result<()> {
        let known: Vec<UploadId> = self.state().waiting.keys().copied().collect();
        for id in known {
            if !self.waiting_at(id).try_exists()? {
                self.state().forget(id);
            }
        }
        for entry in fs::read_dir(self.0.root.join("waiting"))? {
            let entry = entry?;
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            // A file that vanished meanwhile waits no more.
            if let (Some(id), Ok(file)) = (id, entry.metadata()) {
                self.add(id, file.len());
            }
        }
        Ok(())
    }

    /// The next of those that wait and are not on their way: the oldest after this one, and from
    /// the beginning again.
    pub(super) fn next_after(&self, last: Option<UploadId>, count: usize) -> Vec<UploadId> {
        let state = self.state();
        let free = |id: &&UploadId| !state.moving.contains_key(id);
        let later = state.waiting.keys().filter(|id| last.is_none_or(|last| **id > last));
        let earlier = state.waiting.keys().filter(|id| last.is_some_and(|last| **id <= last));
        later.chain(earlier).filter(free).take(count).copied().collect()
    }

    /// Takes a waiting file for the way to S3; none where it does not wait or is on its way.
    pub(super) fn claim(&self, id: UploadId) -> Option<Claim> {
        let mut state = self.state();
        if !state.waiting.contains_key(&id) || state.moving.contains_key(&id) {
            return None;
        }
        state.moving.insert(id, false);
        Some(Claim { spool: self.clone(), id })
    }

    pub(super) async fn open_file(&self, id: UploadId) -> io::Result<Option<File>> {
        open_if_there(&self.waiting_at(id)).await
    }

    /// Removes a file that nobody wants any more. Says whether that was all: else S3 may have it.
    pub(super) fn discard(&self, id: UploadId) -> io::Result<bool> {
        let mut state = self.state();
        let on_its_way = state.moving.get_mut(&id).map(|discarded| *discarded = true).is_some();
        let was_there = remove_if_there(&self.waiting_at(id))?;
        state.forget(id);
        Ok(on_its_way || was_there)
    }

    /// Files that wait for longer than `age`, by the file system; half-written ones of that age
    /// are removed.
    pub(super) fn old_enough_to_check(&self, age: Duration) -> io::Result<Vec<UploadId>> {
        remove_older_than(&self.0.root.join("incoming"), age)?;
        ids_older_than(&self.0.root.join("waiting"), age)
    }

    fn waiting_at(&self, id: UploadId) -> PathBuf {
        self.0.root.join("waiting").join(id.to_string())
    }

    fn add(&self, id: UploadId, size_bytes: u64) {
        let on_disk = size_bytes.max(BLOCK_BYTES);
        let mut state = self.state();
        if state.waiting.insert(id, on_disk).is_none() {
            state.used_bytes += on_disk;
        }
    }

    /// A panic elsewhere leaves the numbers as good as they were.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, id: UploadId) {
        if let Some(on_disk) = self.waiting.remove(&id) {
            self.used_bytes -= on_disk;
        }
    }
}

/// Room in the spool for a file that is being written. Dropping it gives the room back.
#[derive(Debug)]
pub(crate) struct Room {
    spool: Spool,
    written_bytes: u64,
    held_bytes: u64,
}

impl Room {
    /// Makes room for more bytes.
    ///
    /// # Errors
    /// When the spool is full.
    pub(crate) fn grow(&mut self, more_bytes: u64) -> Result<(), FilesError> {
        self.written_bytes += more_bytes;
        let missing = self.written_bytes.max(BLOCK_BYTES) - self.held_bytes;
        let mut state = self.spool.state();
        if state.used_bytes + missing > self.spool.0.max_bytes {
            return Err(FilesError::SpoolFull);
        }
        state.used_bytes += missing;
        self.held_bytes += missing;
        Ok(())
    }

    /// Takes the room out of its place, leaving none there.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self { spool: self.spool.clone(), written_bytes: 0, held_bytes: 0 };
        std::mem::replace(self, empty)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.spool.state().used_bytes -= self.held_bytes;
    }
}

/// A file on its way to S3. Dropped before [`Claim::arrived`], the file waits again.
#[derive(Debug)]
pub(super) struct Claim {
    spool: Spool,
    id: UploadId,
}

impl Claim {
    pub(super) fn id(&self) -> UploadId {
        self.id
    }

    /// S3 has the file: it leaves the spool. Says whether it was discarded on the way.
    pub(super) fn arrived(self) -> io::Result<bool> {
        let mut state = self.spool.state();
        let discarded = state.moving.remove(&self.id).unwrap_or(false);
        remove_if_there(&self.spool.waiting_at(self.id))?;
        state.forget(self.id);
        Ok(discarded)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.spool.state().moving.remove(&self.id);
    }
}
