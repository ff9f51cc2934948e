//! Files on their way to S3: read in parts, hashed, in memory that is used again.

use std::{
    fs::File,
    io::{self, Read as _},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::{Bytes, BytesMut};
use object_store::PutPayload;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

/// What S3 demands of every part but the last; also the most that one upload holds in memory.
pub(super) const PART_BYTES: u64 = 5 << 20;
/// A part is held in pieces, so that who sends it may copy one and need not copy all.
const PIECE_BYTES: usize = 256 << 10;

/// Length and SHA-256 of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) size_bytes: u64,
    pub(super) sha256: [u8; 32],
}

/// Pieces that are free. Allocated anew for each part, they would stay behind in the allocator's
/// caches of several threads, which is more than what is in use. As many as uploads hold at once
/// come together here, and that is bounded.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers(Arc<Mutex<Vec<BytesMut>>>);

impl Buffers {
    fn take(&self, length: usize) -> BytesMut {
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let kept = if length == PIECE_BYTES { free() } else { None };
        kept.unwrap_or_else(|| BytesMut::zeroed(length))
    }

    fn give_back(&self, piece: Bytes) {
        // What somebody still holds is freed when they let it go.
        if piece.len() == PIECE_BYTES
            && let Ok(piece) = piece.try_into_mut()
        {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
        }
    }
}

/// A file that is read in parts.
pub(super) struct Parts {
    reader: Option<Reader>,
    left_bytes: u64,
}

struct Reader {
    file: File,
    sent_bytes: u64,
    hash: Sha256,
    buffers: Buffers,
}

impl Parts {
    pub(super) async fn of(file: tokio::fs::File, buffers: &Buffers) -> io::Result<Self> {
        let left_bytes = file.metadata().await?.len();
        let file = file.into_std().await;
        let reader = Reader { file, sent_bytes: 0, hash: Sha256::new(), buffers: buffers.clone() };
        Ok(Self { reader: Some(reader), left_bytes })
    }

    /// What was not read yet.
    pub(super) fn left_bytes(&self) -> u64 {
        self.left_bytes
    }

    /// Reads and hashes the next part.
    pub(super) async fn next(&mut self) -> io::Result<Part> {
        let length = self.left_bytes.min(PART_BYTES);
        let mut reader = self.reader.take().ok_or_else(failed_before)?;
        let (reader, part) = spawn_blocking(move || {
            let part = reader.read(length)?;
            io::Result::Ok((reader, part))
        })
        .await
        .map_err(io::Error::other)??;
        self.reader = Some(reader);
        self.left_bytes -= length;
        Ok(part)
    }

    /// What was read, when all was.
    pub(super) fn summary(self) -> io::Result<Summary> {
        let reader = self.reader.ok_or_else(failed_before)?;
        Ok(Summary { size_bytes: reader.sent_bytes, sha256: reader.hash.finalize().into() })
    }
}

impl Reader {
    fn read(&mut self, mut missing: u64) -> io::Result<Part> {
        let mut part = Part { pieces: Vec::new(), buffers: self.buffers.clone() };
        while missing > 0 {
            let length = missing.min(PIECE_BYTES as u64);
            let mut piece = self.buffers.take(usize::try_from(length).map_err(io::Error::other)?);
            self.file.read_exact(&mut piece)?;
            self.hash.update(&piece);
            part.pieces.push(piece.freeze());
            missing -= length;
            self.sent_bytes += length;
        }
        Ok(part)
    }
}

/// A part in memory. Dropped after it was sent, its pieces can be used again.
pub(super) struct Part {
    pieces: Vec<Bytes>,
    buffers: Buffers,
}

impl Part {
    pub(super) fn payload(&self) -> PutPayload {
        self.pieces.iter().cloned().collect()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.pieces.drain(..).for_each(|piece| self.buffers.give_back(piece));
    }
}

fn failed_before() -> io::Error {
    io::Error::other("reading it failed before")
}
