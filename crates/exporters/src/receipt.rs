//! Proof of what an export wrote.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// How many rows.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
    /// SHA-256 of them, 64 lower-case hex digits.
    pub sha256: String,
}

/// Passes an export on to its destination and keeps count.
pub(crate) struct Receiver<W> {
    output: W,
    bytes: u64,
    hash: Sha256,
}

impl<W: Write> Receiver<W> {
    pub(crate) fn new(output: W) -> Self {
        Self { output, bytes: 0, hash: Sha256::new() }
    }

    /// Writes out what is buffered and states what was written.
    pub(crate) fn finish(mut self, rows: u64) -> io::Result<(W, Receipt)> {
        self.output.flush()?;
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((self.output, Receipt { rows, bytes: self.bytes, sha256 }))
    }
}

impl<W: Write> Write for Receiver<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
