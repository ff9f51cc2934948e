//! How large a picture is, by its head alone.

use std::{
    fs::File,
    io::{BufReader, Seek as _, SeekFrom},
};

use formhold_domain::Dimensions;

/// Of a file: PNG, JPEG, GIF, WebP, BMP, TIFF, ICO, HEIF, AVIF and others; none where the head
/// cannot be read.
pub(crate) fn of(mut file: &File) -> Option<Dimensions> {
    file.seek(SeekFrom::Start(0)).ok()?;
    let size = imagesize::reader_size(BufReader::new(file)).ok()?;
    Some(Dimensions {
        width: u32::try_from(size.width).ok()?,
        height: u32::try_from(size.height).ok()?,
    })
}
