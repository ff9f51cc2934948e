//! A request's body, chunk by chunk: decompressed, counted, and never waited for too long.

use std::{io, sync::Arc, time::Duration};

use async_compression::tokio::bufread::{GzipDecoder, ZlibDecoder};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::time::timeout;
use tokio_util::io::{ReaderStream, StreamReader};

use super::{BodyError, MemoryBudget, memory::Reservation};

/// How much of a refused body is still read, so that a browser that only listens once it has sent
/// everything gets to see the reply.
const DRAIN_BYTES: u64 = 64 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(5);

pub(crate) struct BodyReader {
    body: Body,
    progress: Duration,
    max_bytes: u64,
    read_bytes: u64,
    /// A client that waits for `100 Continue` has sent nothing that would have to be read.
    waits_for_leave: bool,
    memory: Arc<Reservation>,
}

impl BodyReader {
    pub(crate) fn new(body: Body, progress_seconds: u64, memory: &Arc<MemoryBudget>) -> Self {
        Self {
            body,
            progress: Duration::from_secs(progress_seconds),
            max_bytes: 0,
            read_bytes: 0,
            waits_for_leave: false,
            memory: Reservation::of(memory),
        }
    }

    /// Sets the limit, which counts after decompression, and decompresses where the headers say so.
    pub(crate) fn prepare(&mut self, headers: &HeaderMap, max_bytes: u64) -> Result<(), BodyError> {
        self.max_bytes = max_bytes;
        self.waits_for_leave = headers.contains_key(header::EXPECT);
        if self.body.size_hint().lower() > max_bytes {
            return Err(BodyError::BodyTooLarge { max_bytes });
        }
        let Some(encoding) = headers.get(header::CONTENT_ENCODING) else { return Ok(()) };
        let body = std::mem::take(&mut self.body);
        let compressed =
            StreamReader::new(body.into_data_stream().map(|chunk| chunk.map_err(io::Error::other)));
        self.body = match encoding.as_bytes().to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => {
                Body::from_stream(ReaderStream::new(GzipDecoder::new(compressed)))
            }
            b"deflate" => Body::from_stream(ReaderStream::new(ZlibDecoder::new(compressed))),
            b"identity" | b"" => Body::from_stream(ReaderStream::new(compressed)),
            _ => return Err(BodyError::UnsupportedEncoding),
        };
        Ok(())
    }

    /// The next piece; none at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let Some(frame) =
                timeout(self.progress, self.body.frame()).await.map_err(|_| BodyError::TooSlow)?
            else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| BodyError::Malformed(cause(&error)))?;
            let Ok(bytes) = frame.into_data() else { continue };
            self.read_bytes += bytes.len() as u64;
            if self.read_bytes > self.max_bytes {
                return Err(BodyError::BodyTooLarge { max_bytes: self.max_bytes });
            }
            return Ok(Some(bytes));
        }
    }

    /// Where what is kept of this body in memory is accounted for, until it is dropped.
    pub(super) fn memory(&self) -> Arc<Reservation> {
        Arc::clone(&self.memory)
    }

    /// All of it.
    pub(crate) async fn whole(&mut self) -> Result<Bytes, BodyError> {
        let Some(first) = self.kept_chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.kept_chunk().await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(next) = self.kept_chunk().await? {
            all.extend_from_slice(&next);
        }
        Ok(all.freeze())
    }

    async fn kept_chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        let chunk = self.chunk().await?;
        self.memory.hold(chunk.as_ref().map_or(0, Bytes::len))?;
        Ok(chunk)
    }

    /// Reads and forgets the rest, within bounds.
    pub(crate) async fn drain(mut self) {
        if self.waits_for_leave {
            return;
        }
        self.max_bytes = self.read_bytes.saturating_add(DRAIN_BYTES);
        let rest = async { while let Ok(Some(_)) = self.chunk().await {} };
        let _ = timeout(DRAIN_TIME, rest).await;
    }
}

/// The innermost reason: the outer ones only say that a stream ended.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
