//! How large a picture is, by its head alone.

use std::{
    fs::File,
    io::{BufReader, Seek as _, SeekFrom},
};

/// Width and height of a picture, as its head claims them. Nobody has seen the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Dimensions {
    /// How many pixels decoding would make. A picture may claim 65,535 x 65,535 in a hundred
    /// bytes, so look at this first.
    #[must_use]
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Of a file: PNG, JPEG, GIF, WebP, BMP, TIFF, ICO, HEIF, AVIF and others; none where the head
    /// cannot be read.
    pub(crate) fn of(mut file: &File) -> Option<Self> {
        file.seek(SeekFrom::Start(0)).ok()?;
        let size = imagesize::reader_size(BufReader::new(file)).ok()?;
        Some(Self {
            width: u32::try_from(size.width).ok()?,
            height: u32::try_from(size.height).ok()?,
        })
    }
}
