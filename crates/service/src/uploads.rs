//! Files on their way into a submission.

use std::time::Duration;

use formhold_domain::{Scan, Upload, UploadId};
use formhold_files::{Files, Incoming, LocationRemoval};
use tokio::io::AsyncReadExt as _;

use crate::{App, ServiceError};

/// How long a stored file may be without its submission before it counts as left behind; longer
/// than any request may take.
const ORPHAN_AGE: Duration = Duration::from_secs(60 * 60);
const MAX_NAME_BYTES: usize = 255;

/// Limits of the server on files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// How many a submission may have.
    pub max_files: usize,
    /// How large each may be.
    pub max_file_bytes: u64,
}

/// Files that are stored but belong to no submission yet. Dropping them removes them.
#[derive(Debug)]
pub struct ReceivedUploads {
    files: Files,
    uploads: Vec<Upload>,
}

/// A file that is being received.
#[derive(Debug)]
pub struct ReceivingUpload {
    id: UploadId,
    field: String,
    name: String,
    incoming: Incoming,
}

impl ReceivedUploads {
    /// None yet.
    #[must_use]
    pub fn none(app: &App) -> Self {
        Self { files: app.files.clone(), uploads: Vec::new() }
    }

    /// Starts to receive a file, sent in `field` under the name `name`.
    ///
    /// # Errors
    /// When file storage fails.
    pub async fn begin(
        &self,
        app: &App,
        field: String,
        name: &str,
    ) -> Result<ReceivingUpload, ServiceError> {
        let id = UploadId(app.ids.uuid());
        let incoming = self.files.begin(id).await?;
        Ok(ReceivingUpload { id, field, name: safe_name(name), incoming })
    }

    /// Puts a received file into place, durably.
    ///
    /// # Errors
    /// When file storage fails; nothing of the file is left then.
    pub async fn finish(&mut self, receiving: ReceivingUpload) -> Result<(), ServiceError> {
        let stored = receiving.incoming.finish().await?;
        self.uploads.push(Upload {
            id: receiving.id,
            field: receiving.field,
            name: receiving.name,
            content_type: stored.content_type.to_owned(),
            size_bytes: stored.size_bytes,
            sha256: stored.sha256,
            dimensions: stored.dimensions,
            scan: Scan::NotAsked,
        });
        Ok(())
    }

    /// Puts a copy without metadata into the place of each picture, so that it no longer tells where
    /// it was taken. One that is too broken for that is locked.
    ///
    /// # Errors
    /// When file storage fails.
    pub(crate) async fn remove_locations(&mut self, app: &App) -> Result<(), ServiceError> {
        for upload in &mut self.uploads {
            if !upload.content_type.starts_with("image/") {
                continue;
            }
            let Some(mut content) = self.files.read(upload.id).await? else { continue };
            let id = UploadId(app.ids.uuid());
            let mut copy = self.files.begin(id).await?;
            let mut piece = vec![0; 64 << 10];
            loop {
                let length = content.read(&mut piece).await?;
                if length == 0 {
                    break;
                }
                copy.write(&piece[..length]).await?;
            }
            match copy.remove_location().await? {
                LocationRemoval::Done => {}
                LocationRemoval::OtherKind => continue,
                LocationRemoval::Broken => {
                    let reason = "a broken picture, which may still tell where it was taken";
                    upload.scan = Scan::Unscannable(reason.to_owned());
                    continue;
                }
            }
            let stored = copy.finish().await?;
            let before = std::mem::replace(&mut upload.id, id);
            upload.size_bytes = stored.size_bytes;
            upload.sha256 = stored.sha256;
            upload.dimensions = stored.dimensions;
            self.files.discard(before)?;
        }
        Ok(())
    }

    /// The files so far, to note what a scanner says of them.
    pub(crate) fn uploads_mut(&mut self) -> impl Iterator<Item = &mut Upload> {
        self.uploads.iter_mut()
    }

    /// The files so far, in order.
    #[must_use]
    pub fn uploads(&self) -> &[Upload] {
        &self.uploads
    }

    /// Hands the files over to a submission that is about to be committed: from here on they stay,
    /// unless [`remove`] is called for them.
    pub(crate) fn hand_over(mut self) -> Vec<Upload> {
        std::mem::take(&mut self.uploads)
    }
}

impl Drop for ReceivedUploads {
    fn drop(&mut self) {
        remove(&self.files, &self.uploads);
    }
}

impl ReceivingUpload {
    /// Appends to the file.
    ///
    /// # Errors
    /// When file storage fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        Ok(self.incoming.write(bytes).await?)
    }

    /// How much was received so far.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.incoming.size_bytes()
    }
}

/// Writes, syncs and removes a small file.
///
/// # Errors
/// Why it cannot be done.
pub async fn probe(app: &App) -> Result<(), ServiceError> {
    let mut received = ReceivedUploads::none(app);
    let mut file = received.begin(app, "probe".to_owned(), "probe").await?;
    file.write(b"probe").await?;
    received.finish(file).await
}

/// Removes files whose submission was refused.
pub(crate) fn remove(files: &Files, uploads: &[Upload]) {
    for upload in uploads {
        if let Err(error) = files.discard(upload.id) {
            tracing::warn!(%error, upload = %upload.id, "a refused file could not be removed; the next sweep will");
        }
    }
}

/// Removes files that belong to no submission and no profile, because a process ended between storing them and
/// the commit. Says how many.
///
/// # Errors
/// When database or file storage fail.
pub async fn sweep_orphans(app: &App) -> Result<usize, ServiceError> {
    sweep_older_than(app, ORPHAN_AGE).await
}

/// As [`sweep_orphans`], for another age.
///
/// # Errors
/// When database or file storage fail.
pub async fn sweep_older_than(app: &App, age: Duration) -> Result<usize, ServiceError> {
    let candidates = app.files.old_enough_to_check(age).await?;
    let mut removed = 0;
    for some in candidates.chunks(500) {
        let mut known = app.store.known_uploads(some).await?;
        known.extend(app.store.known_pictures(some).await?);
        for id in some.iter().filter(|id| !known.contains(id)) {
            app.files.remove(*id).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// The last part of a name that may look like a path, without control characters, at most 255
/// bytes with its extension kept. Names are shown and never used as paths.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim();
    if clean.is_empty() {
        return "file".to_owned();
    }
    if clean.len() <= MAX_NAME_BYTES {
        return clean.to_owned();
    }
    let extension = clean.rsplit_once('.').map(|(_, last)| last).filter(|last| last.len() <= 16);
    let extension = extension.map_or(String::new(), |extension| format!(".{extension}"));
    let end = clean.floor_char_boundary(MAX_NAME_BYTES - extension.len());
    format!("{}{extension}", &clean[..end])
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn a_name_is_never_a_path() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\temp\\a.png"), "a.png");
        assert_eq!(safe_name("a\0b\r\n.txt"), "ab.txt");
        assert_eq!(safe_name("///"), "file");
        let long = safe_name(&format!("{}.pdf", "ü".repeat(4096)));
        assert!(long.len() <= 255 && long.ends_with("ü.pdf"), "{long}");
    }
}
