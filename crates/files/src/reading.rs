//! A stored file while it is read, in constant memory, wherever it lives.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use tokio::{
    fs::File,
    io::{AsyncRead, ReadBuf},
};
use tokio_util::io::{ReaderStream, StreamReader};

const CHUNK_BYTES: usize = 64 << 10;

/// Content in pieces, as HTTP replies take it.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// A stored file, to be read as bytes or taken as a stream.
pub struct Reading {
    size_bytes: u64,
    source: Source,
}

enum Source {
    File(File),
    Stream(StreamReader<ByteStream, Bytes>),
}

impl Reading {
    pub(crate) async fn of_file(file: File) -> io::Result<Self> {
        Ok(Self { size_bytes: file.metadata().await?.len(), source: Source::File(file) })
    }

    pub(crate) fn of_stream(size_bytes: u64, stream: ByteStream) -> Self {
        Self { size_bytes, source: Source::Stream(StreamReader::new(stream)) }
    }

    /// The length of the whole file.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// What was not read yet, in pieces of about 64 KiB. A connection that breaks is an error in
    /// the stream, never an end of it.
    #[must_use]
    pub fn into_stream(self) -> ByteStream {
        match self.source {
            Source::File(mut file) => {
                file.set_max_buf_size(CHUNK_BYTES);
                ReaderStream::with_capacity(file, CHUNK_BYTES).boxed()
            }
            Source::Stream(reader) => {
                let (stream, begun) = reader.into_inner_with_chunk();
                stream::iter(begun.map(Ok)).chain(stream).boxed()
            }
        }
    }
}

impl AsyncRead for Reading {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().source {
            Source::File(file) => Pin::new(file).poll_read(context, buffer),
            Source::Stream(reader) => Pin::new(reader).poll_read(context, buffer),
        }
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}
