//! PNG: a list of chunks, each with its length, name and checksum.

use std::io::{self, BufRead, Read as _, Write};

use super::{broken, exif, pass, read, skip};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Chunks that show the picture, by the third edition of the standard
/// (<https://www.w3.org/TR/png-3/>): pixels, transparency, colour, density, animation.
const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"sTER",
];

/// Copies those chunks, and the orientation.
pub(super) fn copy(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    if read(input)? != SIGNATURE {
        return Err(broken("no PNG"));
    }
    output.write_all(&SIGNATURE)?;
    loop {
        let length: [u8; 4] = read(input)?;
        let name: [u8; 4] = read(input)?;
        let content = u64::from(u32::from_be_bytes(length));
        if KEPT.contains(&&name) {
            output.write_all(&length)?;
            output.write_all(&name)?;
            pass(input, output, content + 4)?;
            if name == *b"IEND" {
                return Ok(());
            }
        } else if name == *b"eXIf" && content <= exif::MAX_BYTES {
            let mut tiff = Vec::new();
            input.by_ref().take(content).read_to_end(&mut tiff)?;
            skip(input, content - tiff.len() as u64 + 4)?;
            if let Some(kept) = exif::orientation_only(&tiff) {
                let mut chunk = Vec::from(*b"eXIf");
                chunk.extend(kept);
                output.write_all(&26_u32.to_be_bytes())?;
                output.write_all(&chunk)?;
                output.write_all(&crc32fast::hash(&chunk).to_be_bytes())?;
            }
        } else {
            skip(input, content + 4)?;
        }
    }
}
