//! Links to files that need no session: signed, for one file and purpose, until a time.

use formhold_domain::{
    FileKind, FileLink, LinkProblem, LinkPurpose, Scan, SubmissionId, Upload, UploadId,
    access::Caller,
};
use formhold_files::{ByteStream, ImageError, ZipEntry, zip};

use crate::{App, ServiceError, exports, forms};

/// Submissions that are looked up at once while files are packed.
const PAGE: u64 = 200;

/// What a link leads to.
pub struct Download {
    /// The file's name as its sender gave it.
    pub name: String,
    /// What to send it as; one of a few harmless types.
    pub content_type: &'static str,
    /// Its length.
    pub size_bytes: u64,
    /// Its content.
    pub content: ByteStream,
}

/// Why a link leads nowhere.
#[derive(Debug)]
pub enum LinkRefusal {
    /// We did not make it, or there is no such file.
    NotFound,
    /// Its time is over.
    Expired,
    /// The file waits for a scan.
    NotScannedYet,
    /// The file holds malware, or cannot be scanned.
    Unsafe,
    /// There is no small picture of this file; the text says why.
    NoThumbnail(String),
    /// Something failed.
    Failed(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for LinkRefusal {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The path and query of a link to a file that works for so long.
#[must_use]
pub fn link(app: &App, upload_id: UploadId, purpose: LinkPurpose, lifetime_s: i64) -> String {
    let expires_at_s = app.clock.now_ms().div_euclid(1000).saturating_add(lifetime_s);
    let link = FileLink { upload_id, purpose, expires_at_s };
    let signature = link.sign(&app.secrets.links);
    let purpose = purpose.name();
    format!("/uploads/{upload_id}?purpose={purpose}&expires={expires_at_s}&signature={signature}")
}

/// Opens what a link leads to.
///
/// # Errors
/// Why it leads nowhere.
pub async fn open_link(
    app: &App,
    link: &FileLink,
    signature: &str,
) -> Result<Download, LinkRefusal> {
    let now_s = app.clock.now_ms().div_euclid(1000);
    link.verify(&app.secrets.links, signature, now_s).map_err(|problem| match problem {
        LinkProblem::Forged => LinkRefusal::NotFound,
        LinkProblem::Expired => LinkRefusal::Expired,
    })?;
    let found = app.store.find_upload(link.upload_id).await?;
    let (_, upload) = found.ok_or(LinkRefusal::NotFound)?;
    match upload.scan {
        Scan::NotAsked | Scan::Clean => {}
        Scan::Waiting => return Err(LinkRefusal::NotScannedYet),
        Scan::Infected(_) | Scan::Unscannable(_) => return Err(LinkRefusal::Unsafe),
    }
    match link.purpose {
        LinkPurpose::Download => whole(app, upload).await,
        LinkPurpose::Thumbnail => thumbnail(app, upload).await,
    }
}

async fn whole(app: &App, upload: Upload) -> Result<Download, LinkRefusal> {
    let reading = app.files.read(upload.id).await?.ok_or(LinkRefusal::NotFound)?;
    Ok(Download {
        content_type: FileKind::served_as(&upload.content_type),
        size_bytes: reading.size_bytes(),
        name: upload.name,
        content: reading.into_stream(),
    })
}

async fn thumbnail(app: &App, upload: Upload) -> Result<Download, LinkRefusal> {
    let thumbnail = match app.files.thumbnail(upload.id).await {
        Ok(thumbnail) => thumbnail.ok_or(LinkRefusal::NotFound)?,
        Err(ImageError::Files(error)) => return Err(error.into()),
        Err(other) => return Err(LinkRefusal::NoThumbnail(other.to_string())),
    };
    let content = thumbnail.content;
    Ok(Download {
        name: upload.name,
        content_type: thumbnail.content_type,
        size_bytes: content.len() as u64,
        content: Box::pin(futures_util::stream::iter([Ok(content)])),
    })
}

/// All files of a form's submissions as one ZIP file, a folder for each submission; those of spam,
/// and those that are not known to be clean where that was asked for, are left out. Answers how many
/// there are, too.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form that the caller sees. That a file cannot be read is an error in
/// the stream, which then ends early.
pub async fn zip_of_form(
    app: &App,
    caller: &Caller,
    key_or_slug: &str,
) -> Result<(ByteStream, usize), ServiceError> {
    let form = forms::get_form(app, key_or_slug).await?;
    exports::note(app, caller, &form, "files").await?;
    let (mut after, mut entries) = (None, Vec::new());
    while let Some((last, files)) = app.store.uploads_of_form(form.identity.id, after, PAGE).await?
    {
        after = Some(last);
        let readable = files.into_iter().filter(|(_, upload)| upload.scan.may_be_read());
        entries.extend(readable.map(|(submission, upload)| ZipEntry {
            id: upload.id,
            folder: submission.to_string(),
            name: upload.name,
            modified_at_ms: made_at_ms(submission),
        }));
    }
    let count = entries.len();
    Ok((zip(app.files.clone(), entries), count))
}

/// When a submission was received, as its id tells.
fn made_at_ms(id: SubmissionId) -> i64 {
    let (seconds, nanos) = id.0.get_timestamp().map_or((0, 0), |time| time.to_unix());
    i64::try_from(seconds * 1000 + u64::from(nanos / 1_000_000)).unwrap_or(0)
}
