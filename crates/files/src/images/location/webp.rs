//! WebP: a RIFF file, a list of chunks with one length for all before them (RFC 9649).

use std::io::{self, BufRead, Read as _, Seek, SeekFrom, Write};

use super::{broken, exif, pass, read, skip};

/// Chunks that show the picture.
const KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;

/// Copies those chunks, and the orientation. The length of all stands first, so the file is walked
/// twice.
pub(super) fn copy(input: &mut (impl BufRead + Seek), output: &mut impl Write) -> io::Result<()> {
    let (mut size, mut orientation) = (4, None);
    walk(input, |input, name, length| {
        if KEPT.contains(&&name) {
            size += 8 + length + length % 2;
        } else if name == *b"EXIF" && length <= exif::MAX_BYTES {
            let mut tiff = Vec::new();
            input.take(length).read_to_end(&mut tiff)?;
            let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(&tiff);
            orientation = orientation.or_else(|| exif::orientation_only(tiff));
            return Ok(true);
        }
        Ok(false)
    })?;
    if let Some(kept) = orientation {
        size += 8 + kept.len() as u64;
    }
    output.write_all(b"RIFF")?;
    output.write_all(&u32::try_from(size).map_err(io::Error::other)?.to_le_bytes())?;
    output.write_all(b"WEBP")?;
    walk(input, |input, name, length| {
        if !KEPT.contains(&&name) {
            return Ok(false);
        }
        output.write_all(&name)?;
        output.write_all(&u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())?;
        if name == *b"VP8X" && length > 0 {
            let [flags] = read(input)?;
            let exif = if orientation.is_some() { EXIF_FLAG } else { 0 };
            output.write_all(&[flags & !(EXIF_FLAG | XMP_FLAG) | exif])?;
            pass(input, output, length - 1)?;
        } else {
            pass(input, output, length)?;
        }
        output.write_all(&[0][..usize::from(length % 2 == 1)])?;
        Ok(true)
    })?;
    if let Some(kept) = orientation {
        output.write_all(b"EXIF\x1a\0\0\0")?;
        output.write_all(&kept)?;
    }
    Ok(())
}

/// Shows each chunk, its name and length; `look` says whether it read all of its content.
fn walk<R: BufRead + Seek>(
    input: &mut R,
    mut look: impl FnMut(&mut R, [u8; 4], u64) -> io::Result<bool>,
) -> io::Result<()> {
    input.seek(SeekFrom::Start(0))?;
    let [riff, size, webp]: [[u8; 4]; 3] = [read(input)?, read(input)?, read(input)?];
    let size = u64::from(u32::from_le_bytes(size));
    if riff != *b"RIFF" || webp != *b"WEBP" || size < 4 {
        return Err(broken("no WebP"));
    }
    let mut left = size - 4;
    while left >= 8 {
        let name: [u8; 4] = read(input)?;
        let length = u64::from(u32::from_le_bytes(read(input)?));
        if length > left - 8 {
            return Err(broken("a chunk longer than the file"));
        }
        if !look(input, name, length)? {
            skip(input, length)?;
        }
        let padding = (length % 2).min(left - 8 - length);
        skip(input, padding)?;
        left -= 8 + length + padding;
    }
    Ok(())
}
