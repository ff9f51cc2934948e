//! A file on its way in: hashed and measured while it is written.

use std::{io, path::PathBuf};

use formhold_domain::{Dimensions, FileKind, UploadId};
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncWriteExt as _, task::spawn_blocking};

use crate::{
    FilesError, LocationRemoval,
    images::location,
    kinds,
    local::{Local, remove_if_there},
    remote::{Remote, Room},
};

/// A file that is in place and synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its length.
    pub size_bytes: u64,
    /// SHA-256 of its content, 64 lower-case hex digits.
    pub sha256: String,
    /// Its type by its content.
    pub content_type: &'static str,
    /// Of a picture, what its head says of its size; nothing was decoded for that.
    pub dimensions: Option<Dimensions>,
}

/// Where a finished file goes.
#[derive(Debug)]
pub(crate) enum Destination {
    Local(Local),
    Remote(Remote, Room),
}

/// A file that is being written. Dropping it removes what was written.
#[derive(Debug)]
pub struct Incoming {
    id: UploadId,
    file: Option<File>,
    written: PathBuf,
    destination: Destination,
    hash: Sha256,
    size_bytes: u64,
    head: Vec<u8>,
}

impl Incoming {
    pub(crate) async fn begin(
        id: UploadId,
        written: PathBuf,
        destination: Destination,
    ) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).open(&written).await?;
        Ok(Self {
            id,
            file: Some(file),
            written,
            destination,
            hash: Sha256::new(),
            size_bytes: 0,
            head: Vec::new(),
        })
    }

    /// How much was written so far.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Appends to the file.
    ///
    /// # Errors
    /// When the disk says no, or too much waits for S3.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FilesError> {
        if let Destination::Remote(_, room) = &mut self.destination {
            room.grow(bytes.len() as u64)?;
        }
        let missing = FileKind::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.hash.update(bytes);
        self.size_bytes += bytes.len() as u64;
        if let Some(file) = &mut self.file {
            file.write_all(bytes).await?;
        }
        Ok(())
    }

    /// Takes what tells a place out of a picture before it is stored: a copy without any metadata
    /// but colour profile and orientation goes into the file's place. The picture itself is not
    /// encoded again. Call it when all is written, before [`Incoming::finish`].
    ///
    /// # Errors
    /// When the disk says no.
    pub async fn remove_location(&mut self) -> Result<LocationRemoval, FilesError> {
        let Some(format) = location::Format::of(FileKind::of(&self.head)) else {
            return Ok(LocationRemoval::OtherKind);
        };
        if let Some(file) = &mut self.file {
            file.flush().await?;
        }
        let written = self.written.clone();
        let copied = spawn_blocking(move || location::rewrite(format, &written))
            .await
            .map_err(io::Error::other)??;
        let Some(copy) = copied else { return Ok(LocationRemoval::Broken) };
        self.file = Some(File::from_std(copy.file));
        (self.hash, self.size_bytes) = (copy.hash, copy.size_bytes);
        Ok(LocationRemoval::Done)
    }

    /// Syncs the file, moves it into place and syncs the folder: from here on it survives a power
    /// cut. With S3 that place is the spool, and for a few seconds this waits until S3 has it.
    ///
    /// # Errors
    /// When the disk says no; nothing is left behind then.
    pub async fn finish(mut self) -> Result<StoredFile, FilesError> {
        let mut file = self.file.take().ok_or_else(|| io::Error::other("finished twice"))?;
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        let content_type = FileKind::of(&self.head);
        let (id, written) = (self.id, self.written.clone());
        let remote = match &self.destination {
            Destination::Local(_) => None,
            Destination::Remote(remote, _) => Some(remote.clone()),
        };
        let facts = match &mut self.destination {
            Destination::Local(local) => {
                let local = local.clone();
                spawn_blocking(move || {
                    let facts = kinds::look_inside(&written, content_type)?;
                    local.take_in(id, &written)?;
                    io::Result::Ok(facts)
                })
            }
            Destination::Remote(remote, room) => {
                let (remote, room) = (remote.clone(), room.take());
                spawn_blocking(move || {
                    let facts = kinds::look_inside(&written, content_type)?;
                    remote.take_in(id, &written, room)?;
                    io::Result::Ok(facts)
                })
            }
        };
        let facts = facts.await.map_err(io::Error::other)??;
        if let Some(remote) = remote {
            remote.store_soon(id).await;
        }
        Ok(StoredFile {
            size_bytes: self.size_bytes,
            sha256: self.hash.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect(),
            content_type: facts.content_type,
            dimensions: facts.dimensions,
        })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After `finish` there is nothing at this path any more.
        if let Err(error) = remove_if_there(&self.written) {
            tracing::warn!(%error, "an aborted upload could not be removed; the next sweep will");
        }
    }
}
