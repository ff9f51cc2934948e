//! A folder on a local disk: `incoming/` for what is being written, `objects/<day>/` for the rest.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use formhold_domain::UploadId;
use tokio::fs::File;

use crate::{FilesError, Incoming, Settings};

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// File storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    root: Arc<Path>,
    /// The newest day whose folder this process knows to be on disk.
    synced_day: Arc<AtomicU64>,
}

impl Files {
    /// Opens the storage, making its folders where they are missing.
    ///
    /// # Errors
    /// When the folders cannot be made or written.
    pub fn open(settings: &Settings) -> Result<Self, FilesError> {
        let root = Path::new(settings.url.trim_start_matches("file://"));
        for folder in ["incoming", "objects"] {
            fs::create_dir_all(root.join(folder))?;
        }
        sync_folder(root)?;
        sync_folder(&root.join("objects"))?;
        Ok(Self { root: root.into(), synced_day: Arc::default() })
    }

    /// Starts a file. It is in place only once it is finished; dropped before, it leaves nothing.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn begin(&self, id: UploadId) -> Result<Incoming, FilesError> {
        let written = self.root.join("incoming").join(id.to_string());
        let file = File::options().write(true).create_new(true).open(&written).await?;
        Ok(Incoming::new(file, written, self.place_of(id), Arc::clone(&self.synced_day)))
    }

    /// Opens a stored file for reading; none where there is no such file.
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn read(&self, id: UploadId) -> Result<Option<File>, FilesError> {
        match File::open(self.place_of(id)).await {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a stored file. That it is gone already is no error.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn remove(&self, id: UploadId) -> Result<(), FilesError> {
        remove_if_there(&self.place_of(id))
    }

    /// Files that may belong to no submission, because a process ended between storing them and
    /// the commit: those of the two newest days that are older than `age`. Half-written files of
    /// that age are removed right away.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn old_enough_to_check(&self, age: Duration) -> Result<Vec<UploadId>, FilesError> {
        for (path, _) in older_than(&self.root.join("incoming"), age)? {
            remove_if_there(&path)?;
        }
        let mut days: Vec<PathBuf> = fs::read_dir(self.root.join("objects"))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        days.sort();
        let mut ids = Vec::new();
        for day in days.iter().rev().take(2) {
            let names = older_than(day, age)?.into_iter().map(|(_, name)| name);
            ids.extend(names.filter_map(|name| name.parse::<UploadId>().ok()));
        }
        Ok(ids)
    }

    /// The id holds the time, so the place is known without asking anyone.
    fn place_of(&self, id: UploadId) -> PathBuf {
        self.root.join("objects").join(format!("{:06}", day_of(id))).join(id.to_string())
    }
}

/// The days since the Unix epoch at which an id was made.
fn day_of(id: UploadId) -> u64 {
    id.0.get_timestamp().map_or(0, |time| time.to_unix().0) / DAY_SECONDS
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

pub(crate) fn remove_if_there(path: &Path) -> Result<(), FilesError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
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
