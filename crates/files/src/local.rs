//! A folder on a local disk: `incoming/` for what is being written, `objects/<day>/` for the rest.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use formhold_domain::UploadId;
use tokio::fs::File;

use crate::FilesError;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// Files on a local disk. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    root: Arc<Path>,
    /// The newest day whose folder this process knows to be on disk.
    synced_day: Arc<AtomicU64>,
}

impl Local {
    /// Opens the storage, making its folders where they are missing.
    pub(crate) fn open(root: &Path) -> Result<Self, FilesError> {
        for folder in ["incoming", "objects"] {
            fs::create_dir_all(root.join(folder))?;
        }
        sync_folder(root)?;
        sync_folder(&root.join("objects"))?;
        Ok(Self { root: root.into(), synced_day: Arc::default() })
    }

    /// Where a file is written until it is whole.
    pub(crate) fn written_at(&self, id: UploadId) -> PathBuf {
        self.root.join("incoming").join(id.to_string())
    }

    /// Moves a synced file into place and syncs the folder.
    ///
    /// Another process may have made the day's folder a moment ago, so that it is there is not
    /// enough: each process syncs it into its parent once.
    pub(crate) fn take_in(&self, id: UploadId, written: &Path) -> io::Result<()> {
        let (number, place) = (day_of(id), self.place_of(id));
        let day = place.parent().ok_or_else(|| io::Error::other("no folder"))?;
        if self.synced_day.load(Ordering::Relaxed) != number {
            fs::create_dir_all(day)?;
            if let Some(objects) = day.parent() {
                sync_folder(objects)?;
            }
            self.synced_day.store(number, Ordering::Relaxed);
        }
        fs::rename(written, &place)?;
        sync_folder(day)
    }

    /// Opens a stored file; none where there is no such file.
    pub(crate) async fn open_file(&self, id: UploadId) -> io::Result<Option<File>> {
        open_if_there(&self.place_of(id)).await
    }

    /// Removes a stored file. That it is gone already is no error.
    pub(crate) fn remove(&self, id: UploadId) -> io::Result<()> {
        remove_if_there(&self.place_of(id)).map(|_| ())
    }

    /// As [`crate::Files::old_enough_to_check`].
    pub(crate) fn old_enough_to_check(&self, age: Duration) -> io::Result<Vec<UploadId>> {
        remove_older_than(&self.root.join("incoming"), age)?;
        let mut days: Vec<PathBuf> = fs::read_dir(self.root.join("objects"))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        days.sort();
        let mut ids = Vec::new();
        for day in days.iter().rev().take(2) {
            ids.extend(ids_older_than(day, age)?);
        }
        Ok(ids)
    }

    /// The id holds the time, so the place is known without asking anyone.
    fn place_of(&self, id: UploadId) -> PathBuf {
        self.root.join("objects").join(format!("{:06}", day_of(id))).join(id.to_string())
    }
}

/// The days since the Unix epoch at which an id was made.
pub(crate) fn day_of(id: UploadId) -> u64 {
    id.0.get_timestamp().map_or(0, |time| time.to_unix().0) / DAY_SECONDS
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Removes a file and says whether it was there.
pub(crate) fn remove_if_there(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(crate) async fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path).await {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes what a killed process left half-written.
pub(crate) fn remove_older_than(folder: &Path, age: Duration) -> io::Result<()> {
    older_than(folder, age)?.iter().try_for_each(|(path, _)| remove_if_there(path).map(|_| ()))
}

pub(crate) fn ids_older_than(folder: &Path, age: Duration) -> io::Result<Vec<UploadId>> {
    Ok(older_than(folder, age)?.into_iter().filter_map(|(_, name)| name.parse().ok()).collect())
}

fn older_than(folder: &Path, age: Duration) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file that vanished meanwhile is nothing to look at.
        let old = entry
            .metadata()
            .and_then(|file| file.modified())
            .ok()
            .and_then(|time| time.elapsed().ok());
        if old.is_some_and(|old| old >= age) {
            found.push((entry.path(), entry.file_name().to_string_lossy().into_owned()));
        }
    }
    Ok(found)
}
