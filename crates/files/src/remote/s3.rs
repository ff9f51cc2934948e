//! S3: the few calls that files need, each bounded in time and memory.

use std::{io, time::Duration};

use formhold_domain::UploadId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{
    ClientOptions, MultipartUpload as _, ObjectStore as _, ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio::{fs::File, time::timeout};

use super::parts::{Buffers, PART_BYTES, Parts, Summary};
use crate::{Reading, Settings, local::day_of, settings::Bucket};

/// How long one request, or one piece of a reply, may take.
const STEP_TIME: Duration = Duration::from_secs(30);
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// The connection to a bucket.
#[derive(Debug)]
pub(super) struct S3 {
    store: AmazonS3,
    prefix: Path,
    buffers: Buffers,
}

/// Why a call failed.
#[derive(Debug, Error)]
pub(super) enum S3Error {
    #[error("{}", whole(.0))]
    Refused(#[from] object_store::Error),
    #[error("no answer within {} seconds", STEP_TIME.as_secs())]
    TimedOut,
    #[error("the file in the spool cannot be read: {0}")]
    Spool(#[from] io::Error),
    #[error("S3 gave back other bytes than it was given")]
    Differs,
}

impl S3 {
    /// Makes the connection; nothing is asked of S3 yet.
    pub(super) fn new(settings: &Settings, bucket: &Bucket) -> object_store::Result<Self> {
        // Where the program did not choose one already; the process has one at most.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let address = bucket.address();
        let plain = bucket.endpoint.as_ref().is_some_and(|url| url.scheme() == "http");
        let client = ClientOptions::new()
            .with_allow_http(plain)
            .with_connect_timeout(CONNECT_TIME)
            // It would also end long downloads by slow readers; each step has a limit of its own.
            .with_timeout_disabled();
        let retry = RetryConfig { max_retries: 2, retry_timeout: STEP_TIME, ..Default::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(&bucket.region)
            .with_virtual_hosted_style_request(!bucket.path_style)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(address) = address {
            builder = builder.with_endpoint(address);
        }
        if !settings.s3_access_key_id.is_empty() {
            builder = builder
                .with_access_key_id(&settings.s3_access_key_id)
                .with_secret_access_key(settings.s3_secret_access_key.expose());
        }
        let prefix = Path::from(bucket.prefix.as_str());
        Ok(Self { store: builder.build()?, prefix, buffers: Buffers::default() })
    }

    /// Puts a file up, a part at a time, and says what was sent.
    pub(super) async fn put(&self, id: UploadId, file: File) -> Result<Summary, S3Error> {
        let mut parts = Parts::of(file, &self.buffers).await?;
        let key = self.key_of(id);
        if parts.left_bytes() <= PART_BYTES {
            let all = parts.next().await?;
            in_time(self.store.put(&key, all.payload())).await?;
            return Ok(parts.summary()?);
        }
        let mut upload = in_time(self.store.put_multipart(&key)).await?;
        let sent = async {
            while parts.left_bytes() > 0 {
                let part = parts.next().await?;
                in_time(upload.put_part(part.payload())).await?;
            }
            in_time(upload.complete()).await?;
            Ok(parts.summary()?)
        }
        .await;
        if sent.is_err()
            && let Err(error) = in_time(upload.abort()).await
        {
            tracing::debug!(%error, upload = %id, "parts of a failed upload stay in S3");
        }
        sent
    }

    /// Reads a file back: what S3 really holds.
    pub(super) async fn summary(&self, id: UploadId) -> Result<Summary, S3Error> {
        let mut pieces = in_time(self.store.get(&self.key_of(id))).await?.into_stream();
        let (mut hash, mut size_bytes) = (Sha256::new(), 0);
        while let Some(piece) =
            timeout(STEP_TIME, pieces.next()).await.map_err(|_| S3Error::TimedOut)?
        {
            let piece = piece?;
            size_bytes += piece.len() as u64;
            hash.update(&piece);
        }
        Ok(Summary { size_bytes, sha256: hash.finalize().into() })
    }

    /// Opens a file for reading; none where S3 has no such file.
    pub(super) async fn open_file(&self, id: UploadId) -> Result<Option<Reading>, S3Error> {
        let found = match in_time(self.store.get(&self.key_of(id))).await {
            Err(S3Error::Refused(object_store::Error::NotFound { .. })) => return Ok(None),
            found => found?,
        };
        let size_bytes = found.meta.size;
        let pieces = stream::unfold(found.into_stream(), |mut pieces| async move {
            // Counted only while somebody waits for the piece.
            let piece = match timeout(STEP_TIME, pieces.next()).await {
                Ok(piece) => piece?.map_err(io::Error::other),
                Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "S3 stopped sending")),
            };
            Some((piece, pieces))
        });
        Ok(Some(Reading::of_stream(size_bytes, pieces.boxed())))
    }

    /// Removes a file. That S3 has no such file is no error.
    pub(super) async fn remove(&self, id: UploadId) -> Result<(), S3Error> {
        match in_time(self.store.delete(&self.key_of(id))).await {
            Err(S3Error::Refused(object_store::Error::NotFound { .. })) => Ok(()),
            done => done,
        }
    }

    /// The files of the two newest days that S3 had before that time.
    pub(super) async fn stored_before(&self, before_ms: i64) -> Result<Vec<UploadId>, S3Error> {
        let objects = self.prefix.clone().join("objects");
        let mut days =
            in_time(self.store.list_with_delimiter(Some(&objects))).await?.common_prefixes;
        days.sort();
        let mut ids = Vec::new();
        for day in days.iter().rev().take(2) {
            let mut found = self.store.list(Some(day));
            while let Some(object) =
                timeout(STEP_TIME, found.try_next()).await.map_err(|_| S3Error::TimedOut)??
            {
                let name = object.location.filename();
                let id = name.and_then(|name| name.parse::<UploadId>().ok());
                let old = object.last_modified.timestamp_millis() <= before_ms;
                ids.extend(id.filter(|_| old));
            }
        }
        Ok(ids)
    }

    /// Asks for something that is not there, to see whether S3 answers and knows us.
    pub(super) async fn check(&self) -> Result<(), S3Error> {
        let nothing = self.prefix.clone().join("objects").join("none");
        in_time(self.store.list_with_delimiter(Some(&nothing))).await.map(|_| ())
    }

    fn key_of(&self, id: UploadId) -> Path {
        self.prefix.clone().join("objects").join(format!("{:06}", day_of(id))).join(id.to_string())
    }
}

async fn in_time<T>(call: impl Future<Output = object_store::Result<T>>) -> Result<T, S3Error> {
    Ok(timeout(STEP_TIME, call).await.map_err(|_| S3Error::TimedOut)??)
}

/// An error with everything that led to it, on one line.
fn whole(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
