//! JPEG: segments before, between and after the compressed picture.

use std::io::{self, BufRead, Read as _, Write};

use super::{broken, exif, pass, read, skip};

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COMMENT: u8 = 0xfe;

/// Copies what shows the picture: tables, frames and scans, JFIF, the colour profile, Adobe's
/// mark of the colour space, and the orientation.
pub(super) fn copy(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    if read(input)? != [0xff, START] {
        return Err(broken("no JPEG"));
    }
    output.write_all(&[0xff, START])?;
    let mut marker = next_marker(input)?;
    loop {
        match marker {
            END => return output.write_all(&[0xff, END]),
            APP0 => copy_if(input, output, marker, b"JFIF\0")?,
            APP2 => copy_if(input, output, marker, b"ICC_PROFILE\0")?,
            APP14 => copy_if(input, output, marker, b"Adobe")?,
            APP1 => copy_orientation(input, output)?,
            APP0..=APP15 | COMMENT => {
                let length = length_of(input)?;
                skip(input, length)?;
            }
            SCAN => {
                copy_if(input, output, marker, b"")?;
                marker = match copy_scan(input, output)? {
                    Some(marker) => marker,
                    // A picture that was cut off is shown as far as it goes.
                    None => return Ok(()),
                };
                continue;
            }
            0xc0..=0xfe => copy_if(input, output, marker, b"")?,
            _ => return Err(broken("a marker where none may be")),
        }
        marker = next_marker(input)?;
    }
}

/// The code after any number of 0xff.
fn next_marker(input: &mut impl BufRead) -> io::Result<u8> {
    if read(input)? != [0xff] {
        return Err(broken("no marker where one must be"));
    }
    loop {
        let [code] = read(input)?;
        if code != 0xff {
            return Ok(code);
        }
    }
}

/// The length of a segment's content.
fn length_of(input: &mut impl BufRead) -> io::Result<u64> {
    let length = u16::from_be_bytes(read(input)?);
    length.checked_sub(2).map(u64::from).ok_or_else(|| broken("a segment shorter than its length"))
}

/// Copies a segment if it begins so, else skips it.
fn copy_if(
    input: &mut impl BufRead,
    output: &mut impl Write,
    marker: u8,
    beginning: &[u8],
) -> io::Result<()> {
    let length = length_of(input)?;
    let mut begun = Vec::new();
    input.by_ref().take(length.min(beginning.len() as u64)).read_to_end(&mut begun)?;
    let rest = length - begun.len() as u64;
    if begun != beginning {
        return skip(input, rest);
    }
    // The length fits: it was read from 16 bits.
    let written_length = u16::try_from(length + 2).map_err(io::Error::other)?;
    output.write_all(&[0xff, marker])?;
    output.write_all(&written_length.to_be_bytes())?;
    output.write_all(&begun)?;
    pass(input, output, rest)
}

fn copy_orientation(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let length = length_of(input)?;
    let mut content = Vec::new();
    input.by_ref().take(length).read_to_end(&mut content)?;
    if content.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let tiff = content.strip_prefix(b"Exif\0\0");
    if let Some(kept) = tiff.and_then(exif::orientation_only) {
        output.write_all(&[0xff, APP1, 0, 34])?;
        output.write_all(b"Exif\0\0")?;
        output.write_all(&kept)?;
    }
    Ok(())
}

/// Copies compressed data up to the next marker; none where the file ends first.
fn copy_scan(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<u8>> {
    loop {
        let data = input.fill_buf()?;
        if data.is_empty() {
            return Ok(None);
        }
        let Some(at) = data.iter().position(|byte| *byte == 0xff) else {
            let count = data.len();
            output.write_all(data)?;
            input.consume(count);
            continue;
        };
        output.write_all(&data[..at])?;
        input.consume(at + 1);
        // 0xff 0x00 stands for 0xff, 0xd0 to 0xd7 are marks inside of a scan, 0xff is padding.
        loop {
            let mut code = [0];
            if input.read(&mut code)? == 0 {
                return Ok(None);
            }
            match code[0] {
                0xff => {}
                0x00 | 0xd0..=0xd7 => break output.write_all(&[0xff, code[0]])?,
                marker => return Ok(Some(marker)),
            }
        }
    }
}
