//! Where uploaded files live: a folder on a local disk, or S3 with a spool before it.

use std::{io, sync::Arc, time::Duration};

use formhold_domain::{Clock, SystemClock, UploadId};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    FilesError, ImageError, Incoming, Moved, Reading, Settings, SpoolUsage, Thumbnail,
    images::thumbnail, incoming::Destination, local::Local, remote::Remote, settings::Place,
};

/// File storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    storage: Storage,
    /// Pictures that are decoded at once.
    decoding: Arc<Semaphore>,
    max_image_pixels: u64,
}

#[derive(Debug, Clone)]
enum Storage {
    Local(Local),
    Remote(Remote),
}

impl Files {
    /// Opens the storage, making its folders where they are missing. S3 is not asked for
    /// anything: it may be away.
    ///
    /// # Errors
    /// When the settings make no sense, or the folders cannot be made or written.
    pub fn open(settings: &Settings) -> Result<Self, FilesError> {
        Self::open_with(settings, Arc::new(SystemClock))
    }

    /// As [`Files::open`], with a clock of the caller's.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn open_with(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, FilesError> {
        let storage = match Place::parse(&settings.url).map_err(io::Error::other)? {
            Place::Folder(folder) => Storage::Local(Local::open(&folder)?),
            Place::Bucket(bucket) => Storage::Remote(Remote::open(settings, &bucket, clock)?),
        };
        Ok(Self {
            storage,
            decoding: Arc::new(Semaphore::new(thumbnail::AT_ONCE)),
            max_image_pixels: settings.max_image_pixels,
        })
    }

    /// Starts a file. It is in place only once it is finished; dropped before, it leaves nothing.
    ///
    /// # Errors
    /// When the disk says no, or too much waits for S3.
    pub async fn begin(&self, id: UploadId) -> Result<Incoming, FilesError> {
        let (written, destination) = match &self.storage {
            Storage::Local(local) => (local.written_at(id), Destination::Local(local.clone())),
            Storage::Remote(remote) => {
                let room = remote.room()?;
                (remote.written_at(id), Destination::Remote(remote.clone(), room))
            }
        };
        Ok(Incoming::begin(id, written, destination).await?)
    }

    /// Opens a stored file for reading; none where there is no such file.
    ///
    /// # Errors
    /// When the disk or S3 say no. With S3, a file of the last seven days that is neither in this
    /// node's spool nor in S3 is [`FilesError::NotYetStored`].
    pub async fn read(&self, id: UploadId) -> Result<Option<Reading>, FilesError> {
        match &self.storage {
            Storage::Local(local) => match local.open_file(id).await? {
                Some(file) => Ok(Some(Reading::of_file(file).await?)),
                None => Ok(None),
            },
            Storage::Remote(remote) => remote.read(id).await,
        }
    }

    /// Removes a stored file, also from S3. That it is gone already is no error.
    ///
    /// # Errors
    /// When the disk or S3 say no.
    pub async fn remove(&self, id: UploadId) -> Result<(), FilesError> {
        match &self.storage {
            Storage::Local(local) => Ok(local.remove(id)?),
            Storage::Remote(remote) => remote.remove(id).await,
        }
    }

    /// Removes a file that no submission will have. As [`Files::remove`], but without waiting for
    /// S3, which is asked in a task of its own: also for `Drop`.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn discard(&self, id: UploadId) -> Result<(), FilesError> {
        match &self.storage {
            Storage::Local(local) => Ok(local.remove(id)?),
            Storage::Remote(remote) => Ok(remote.discard(id)?),
        }
    }

    /// Files that may belong to no submission, because a process ended between storing them and
    /// the commit: those of the two newest days, and of this node's spool, that are older than
    /// `age`. Half-written files of that age are removed right away.
    ///
    /// # Errors
    /// When the disk or S3 say no.
    pub async fn old_enough_to_check(&self, age: Duration) -> Result<Vec<UploadId>, FilesError> {
        match &self.storage {
            Storage::Local(local) => {
                let local = local.clone();
                Ok(spawn_blocking(move || local.old_enough_to_check(age))
                    .await
                    .map_err(io::Error::other)??)
            }
            Storage::Remote(remote) => remote.old_enough_to_check(age).await,
        }
    }

    /// Brings files that wait in the spool to S3, for ever: the program runs this beside serving.
    /// On a local disk there is nothing to do, and it never returns either.
    pub async fn keep_moving(&self) {
        match &self.storage {
            Storage::Local(_) => std::future::pending().await,
            Storage::Remote(remote) => remote.keep_moving().await,
        }
    }

    /// One pass of [`Files::keep_moving`]; none on a local disk.
    pub async fn move_waiting(&self) -> Option<Moved> {
        match &self.storage {
            Storage::Local(_) => None,
            Storage::Remote(remote) => Some(remote.move_waiting().await),
        }
    }

    /// How full the spool is; none on a local disk.
    #[must_use]
    pub fn spool_usage(&self) -> Option<SpoolUsage> {
        match &self.storage {
            Storage::Local(_) => None,
            Storage::Remote(remote) => Some(remote.usage()),
        }
    }

    /// Asks S3 whether it answers and knows us; always well on a local disk.
    ///
    /// # Errors
    /// What S3 says, or that it says nothing.
    pub async fn check_remote(&self) -> Result<(), FilesError> {
        match &self.storage {
            Storage::Local(_) => Ok(()),
            Storage::Remote(remote) => remote.check().await,
        }
    }

    /// A small picture of a stored PNG, JPEG, GIF or WebP file: at most 320 pixels each way, turned
    /// as its orientation says, without metadata. None where there is no such file. Two are made
    /// at a time; further ones wait.
    ///
    /// # Errors
    /// When the file cannot be read, is no such picture, or has too many pixels.
    pub async fn thumbnail(&self, id: UploadId) -> Result<Option<Thumbnail>, ImageError> {
        let Some(reading) = self.read(id).await? else { return Ok(None) };
        thumbnail::of(reading, self.max_image_pixels, &self.decoding).await.map(Some)
    }
}
