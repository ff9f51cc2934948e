//! `multipart/form-data` (RFC 7578): text into memory, files straight into storage.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use encoding_rs::UTF_8;
use formhold_service::{App, uploads::ReceivedUploads};
use futures_util::{Stream, stream};
use http::header;
use multer::{Field, Multipart};

use super::{
    BodyError, BodyReader, Sent, admit, charset, disposition::Disposition, memory::Reservation,
};
use crate::{LimitSettings, intake::door::Door};

pub(super) struct Receiver<'a, 'd> {
    pub(super) app: &'a App,
    pub(super) limits: &'a LimitSettings,
    pub(super) door: &'a mut Door<'d>,
    pub(super) uploads: ReceivedUploads,
    pub(super) memory: Arc<Reservation>,
}

impl Receiver<'_, '_> {
    pub(super) async fn receive(
        mut self,
        reader: &mut BodyReader,
        boundary: String,
    ) -> Result<Sent, BodyError> {
        let max_header = self.limits.max_part_header_bytes;
        let budget = Arc::new(AtomicUsize::new(0));
        let chunks = stream::unfold(reader, |reader| async {
            let chunk = reader.chunk().await.map_err(Carried).transpose()?;
            Some((chunk, reader))
        });
        let mut multipart =
            Multipart::new(Paced::new(chunks, Arc::clone(&budget), max_header), boundary);
        let mut raw: Vec<(String, Vec<u8>)> = Vec::new();
        let mut encoding = UTF_8;
        let mut text_bytes = 0;
        for part in 0_usize.. {
            // What is buffered already may belong to the header, so one chunk more is granted.
            budget.store(max_header + Paced::<()>::CHUNK_BYTES, Ordering::Relaxed);
            let Some(field) = multipart.next_field().await.map_err(lift)? else { break };
            budget.store(usize::MAX, Ordering::Relaxed);
            if part >= self.limits.max_parts {
                return Err(BodyError::TooManyParts { max: self.limits.max_parts });
            }
            let header_bytes: usize = field
                .headers()
                .iter()
                .map(|(name, value)| name.as_str().len() + value.len() + 4)
                .sum();
            if header_bytes > max_header {
                return Err(BodyError::PartHeaderTooLarge { max_bytes: max_header });
            }
            let disposition = field
                .headers()
                .get(header::CONTENT_DISPOSITION)
                .map(|value| Disposition::parse(value.as_bytes()));
            let Some(Disposition { name: Some(name), file_name }) = disposition else {
                return Err(BodyError::Malformed("a part has no name".to_owned()));
            };
            if let Some(file_name) = file_name {
                self.file((name, &file_name), field, &raw).await?;
                continue;
            }
            if raw.len() >= self.limits.max_fields {
                return Err(BodyError::TooManyFields { max: self.limits.max_fields });
            }
            let value = self.text(field, &mut text_bytes).await?;
            encoding = charset::in_field(name.as_bytes(), &value).unwrap_or(encoding);
            raw.push((name, value));
        }
        let mut fields = Vec::with_capacity(raw.len());
        for (name, value) in raw {
            admit(&fields, &name, self.limits)?;
            let value = charset::decode(value, encoding, &|| format!("the field `{name}`"))?;
            fields.push((name, value));
        }
        Ok(Sent { fields, uploads: self.uploads })
    }

    async fn text(&self, mut field: Field<'_>, text_bytes: &mut u64) -> Result<Vec<u8>, BodyError> {
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(lift)? {
            *text_bytes += chunk.len() as u64;
            if *text_bytes > self.limits.max_text_bytes {
                return Err(BodyError::BodyTooLarge { max_bytes: self.limits.max_text_bytes });
            }
            self.memory.hold(chunk.len())?;
            value.extend_from_slice(&chunk);
        }
        Ok(value)
    }

    async fn file(
        &mut self,
        (name, file_name): (String, &str),
        mut field: Field<'_>,
        before: &[(String, Vec<u8>)],
    ) -> Result<(), BodyError> {
        let mut first = field.chunk().await.map_err(lift)?;
        while first.as_ref().is_some_and(Bytes::is_empty) {
            first = field.chunk().await.map_err(lift)?;
        }
        // A file input in which nothing was chosen is sent as a nameless file without content.
        if first.is_none() && file_name.is_empty() {
            return Ok(());
        }
        admit(&[], &name, self.limits)?;
        self.door.let_in(before).await?;
        let form = self.door.form();
        let max_files = self.app.file_limits.max_files;
        if form.is_some_and(|form| !form.takes_files()) || max_files == 0 {
            return Err(BodyError::NoFileUploads);
        }
        if self.uploads.uploads().len() >= max_files {
            return Err(BodyError::TooManyFiles { max: max_files });
        }
        let own = form.and_then(|form| form.definition.limits.max_file_bytes);
        let max_bytes = self.app.file_limits.max_file_bytes.min(own.unwrap_or(u64::MAX));
        let mut receiving = self
            .uploads
            .begin(self.app, name.clone(), file_name)
            .await
            .map_err(BodyError::Storage)?;
        let mut next = first;
        while let Some(chunk) = next {
            if receiving.size_bytes() + chunk.len() as u64 > max_bytes {
                return Err(BodyError::FileTooBig { field: name, max_bytes });
            }
            receiving.write(&chunk).await.map_err(BodyError::Storage)?;
            next = field.chunk().await.map_err(lift)?;
        }
        self.uploads.finish(receiving).await.map_err(BodyError::Storage)
    }
}

/// Carries an error of ours through the parser.
#[derive(Debug)]
struct Carried(BodyError);

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Carried {}

fn lift(error: multer::Error) -> BodyError {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(other) => BodyError::Malformed(other.to_string()),
        },
        other => BodyError::Malformed(other.to_string()),
    }
}

/// Hands chunks on one at a time. The parser reads ahead for as long as the stream is ready, which
/// would take a whole upload into memory, and has no limit on the header of a part.
struct Paced<S> {
    chunks: Pin<Box<S>>,
    rest: Bytes,
    handed_on: bool,
    budget: Arc<AtomicUsize>,
    max_header: usize,
}

impl<S> Paced<S> {
    const CHUNK_BYTES: usize = 16 * 1024;

    fn new(chunks: S, budget: Arc<AtomicUsize>, max_header: usize) -> Self {
        Self { chunks: Box::pin(chunks), rest: Bytes::new(), handed_on: false, budget, max_header }
    }
}

impl<S: Stream<Item = Result<Bytes, Carried>>> Stream for Paced<S> {
    type Item = Result<Bytes, Carried>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.handed_on) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match self.chunks.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => self.rest = chunk,
                other => return other,
            }
        }
        let left = self.budget.load(Ordering::Relaxed);
        if left == 0 {
            let max_bytes = self.max_header;
            return Poll::Ready(Some(Err(Carried(BodyError::PartHeaderTooLarge { max_bytes }))));
        }
        let take = self.rest.len().min(Self::CHUNK_BYTES);
        if left != usize::MAX {
            self.budget.store(left.saturating_sub(take), Ordering::Relaxed);
        }
        self.handed_on = true;
        Poll::Ready(Some(Ok(self.rest.split_to(take))))
    }
}
