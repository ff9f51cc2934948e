//! A file on its way in: hashed and measured while it is written.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use formhold_domain::FileKind;
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncWriteExt as _};

use crate::{FilesError, local};

/// A file that is in place and synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its length.
    pub size_bytes: u64,
    /// SHA-256 of its content, 64 lower-case hex digits.
    pub sha256: String,
    /// Its type by its first bytes.
    pub content_type: &'static str,
}

/// A file that is being written. Dropping it removes what was written.
#[derive(Debug)]
pub struct Incoming {
    file: Option<File>,
    written: PathBuf,
    place: PathBuf,
    synced_day: Arc<AtomicU64>,
    hash: Sha256,
    size_bytes: u64,
    head: Vec<u8>,
}

impl Incoming {
    pub(crate) fn new(
        file: File,
        written: PathBuf,
        place: PathBuf,
        synced_day: Arc<AtomicU64>,
    ) -> Self {
        Self {
            file: Some(file),
            written,
            place,
            synced_day,
            hash: Sha256::new(),
            size_bytes: 0,
            head: Vec::new(),
        }
    }

    /// How much was written so far.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Appends to the file.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FilesError> {
        let missing = FileKind::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.hash.update(bytes);
        self.size_bytes += bytes.len() as u64;
        if let Some(file) = &mut self.file {
            file.write_all(bytes).await?;
        }
        Ok(())
    }

    /// Syncs the file, moves it into place and syncs the folder: from here on it survives a power
    /// cut.
    ///
    /// # Errors
    /// When the disk says no; nothing is left behind then.
    pub async fn finish(mut self) -> Result<StoredFile, FilesError> {
        let mut file = self.file.take().ok_or_else(|| std::io::Error::other("finished twice"))?;
        file.flush().await?;
        file.sync_all().await?;
        let (written, place, synced_day) =
            (self.written.clone(), self.place.clone(), Arc::clone(&self.synced_day));
        tokio::task::spawn_blocking(move || move_into_place(&written, &place, &synced_day))
            .await
            .map_err(std::io::Error::other)??;
        Ok(StoredFile {
            size_bytes: self.size_bytes,
            sha256: self.hash.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect(),
            content_type: FileKind::of(&self.head),
        })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After `finish` there is nothing at this path any more.
        if let Err(error) = local::remove_if_there(&self.written) {
            tracing::warn!(%error, "an aborted upload could not be removed; the next sweep will");
        }
    }
}

/// Another process may have made the day's folder a moment ago, so that it is there is not enough:
/// each process syncs it into its parent once.
fn move_into_place(written: &Path, place: &Path, synced_day: &AtomicU64) -> std::io::Result<()> {
    let day = place.parent().ok_or_else(|| std::io::Error::other("no folder"))?;
    let number = day.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0);
    if synced_day.load(Ordering::Relaxed) != number {
        std::fs::create_dir_all(day)?;
        if let Some(objects) = day.parent() {
            local::sync_folder(objects)?;
        }
        synced_day.store(number, Ordering::Relaxed);
    }
    std::fs::rename(written, place)?;
    local::sync_folder(day)
}
