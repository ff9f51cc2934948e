//! Small pictures of stored ones, made within limits.

use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use formhold_domain::Dimensions;
use image::{
    DynamicImage, ImageDecoder as _, ImageError as DecodeError, ImageFormat, ImageReader, Limits,
};
use thiserror::Error;
use tokio::{
    io::AsyncReadExt as _,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use crate::{FilesError, Reading};

/// How many pictures are decoded at once.
pub(crate) const AT_ONCE: usize = 2;
/// The longest side of a thumbnail.
const LONGEST_SIDE: u32 = 320;
/// A picture file is held in memory while it is decoded.
const MAX_FILE_BYTES: u64 = 64 << 20;
const JPEG_QUALITY: u8 = 80;

/// A small picture, freshly encoded: nothing of the original's metadata is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The encoded picture.
    pub content: Bytes,
    /// `image/png` where the original has transparency, else `image/jpeg`.
    pub content_type: &'static str,
    /// Its own size.
    pub dimensions: Dimensions,
}

/// Why there is no thumbnail.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// It is no PNG, JPEG, GIF or WebP, or a broken one.
    #[error("the file is no picture that can be shown small: {0}")]
    NoPicture(String),
    /// Decoding would take more than the settings allow.
    #[error("the picture is too large to be shown small: {0}")]
    TooLarge(String),
}

/// Reads, checks, decodes, turns and shrinks a picture.
pub(crate) async fn of(
    reading: Reading,
    max_pixels: u64,
    decoding: &Arc<Semaphore>,
) -> Result<Thumbnail, ImageError> {
    if reading.size_bytes() > MAX_FILE_BYTES {
        return Err(ImageError::TooLarge(format!("{} bytes", reading.size_bytes())));
    }
    // Before the file is in memory, and until its pixels are gone, also where nobody waits any
    // more.
    let permit = Arc::clone(decoding).acquire_owned().await;
    let permit = permit.map_err(|error| FilesError::Other(std::io::Error::other(error)))?;
    let mut encoded = Vec::new();
    reading.take(MAX_FILE_BYTES).read_to_end(&mut encoded).await.map_err(FilesError::from)?;
    spawn_blocking(move || make(&encoded, max_pixels, &permit))
        .await
        .map_err(|error| FilesError::Other(std::io::Error::other(error)))?
}

/// The permit is handed in so that it is held as long as the memory.
fn make(
    encoded: &[u8],
    max_pixels: u64,
    _held: &OwnedSemaphorePermit,
) -> Result<Thumbnail, ImageError> {
    let reader = ImageReader::new(Cursor::new(encoded))
        .with_guessed_format()
        .map_err(|error| ImageError::NoPicture(error.to_string()))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(max_pixels.saturating_mul(4));
    let mut reader = reader;
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(of_decoder)?;
    // What the decoder itself will make counts, not what another parser read in the head.
    let (width, height) = decoder.dimensions();
    if (Dimensions { width, height }).pixels() > max_pixels {
        return Err(ImageError::TooLarge(format!("{width} x {height} pixels")));
    }
    decoder.set_limits(limits).map_err(of_decoder)?;
    let orientation = decoder.orientation().map_err(of_decoder)?;
    let whole = DynamicImage::from_decoder(decoder).map_err(of_decoder)?;
    let mut small = if width.max(height) > LONGEST_SIDE {
        whole.thumbnail(LONGEST_SIDE, LONGEST_SIDE)
    } else {
        whole
    };
    small.apply_orientation(orientation);
    encode(&small)
}

fn encode(picture: &DynamicImage) -> Result<Thumbnail, ImageError> {
    let mut content = Cursor::new(Vec::new());
    let content_type = if picture.color().has_alpha() {
        picture.to_rgba8().write_to(&mut content, ImageFormat::Png).map_err(of_decoder)?;
        "image/png"
    } else {
        let encoder =
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
        picture.to_rgb8().write_with_encoder(encoder).map_err(of_decoder)?;
        "image/jpeg"
    };
    let dimensions = Dimensions { width: picture.width(), height: picture.height() };
    Ok(Thumbnail { content: content.into_inner().into(), content_type, dimensions })
}

fn of_decoder(error: DecodeError) -> ImageError {
    match error {
        DecodeError::Limits(error) => ImageError::TooLarge(error.to_string()),
        error => ImageError::NoPicture(error.to_string()),
    }
}
