//! Copies of pictures that tell no place: containers are rewritten, pixels are not.
//!
//! Only what is needed to show the picture is kept, by a list of what may stay: coordinates stand
//! in EXIF, but also in XMP, IPTC, makers' notes, comments, previews and whatever a camera appends
//! after the picture's end. Of EXIF the orientation alone is written anew, else photographs would
//! lie on their side. Libraries for this hold the whole file in memory and remove what they know;
//! here a copy takes constant memory and keeps what it knows.

mod exif;
mod jpeg;
mod png;
mod webp;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::local::remove_if_there;

/// What became of a picture's location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationRemoval {
    /// The file holds the picture, its colour profile and its orientation, and nothing else.
    Done,
    /// The file is no JPEG, PNG or WebP; it was left as it is.
    OtherKind,
    /// The file's parts do not fit together; it was left as it is, and may tell a place.
    Broken,
}

/// Containers that can be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    WebP,
}

/// The copy that stands where the file was.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) file: File,
    pub(crate) hash: Sha256,
    pub(crate) size_bytes: u64,
}

impl Format {
    pub(crate) fn of(content_type: &str) -> Option<Self> {
        match content_type {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }
}

/// Puts a copy without location in a file's place; none where the file is broken, which then stays
/// as it is. Nothing is synced here.
pub(crate) fn rewrite(format: Format, path: &Path) -> io::Result<Option<Rewritten>> {
    let copy_path = path.with_extension("copy");
    let file = File::create_new(&copy_path)?;
    let mut output = Hashing { file: BufWriter::new(file), hash: Sha256::new(), size_bytes: 0 };
    let copied = copy(format, &mut BufReader::new(File::open(path)?), &mut output)
        .and_then(|()| output.flush())
        .and_then(|()| std::fs::rename(&copy_path, path));
    if let Err(error) = copied {
        remove_if_there(&copy_path)?;
        let broken = [io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof];
        return if broken.contains(&error.kind()) { Ok(None) } else { Err(error) };
    }
    let Hashing { file, hash, size_bytes } = output;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Some(Rewritten { file, hash, size_bytes }))
}

/// Copies a picture without its location.
///
/// # Errors
/// `InvalidData` or `UnexpectedEof` where the file is broken.
fn copy(
    format: Format,
    input: &mut (impl BufRead + Seek),
    output: &mut impl Write,
) -> io::Result<()> {
    match format {
        Format::Jpeg => jpeg::copy(input, output),
        Format::Png => png::copy(input, output),
        Format::WebP => webp::copy(input, output),
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn read<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Copies exactly so many bytes.
fn pass(input: &mut impl Read, output: &mut impl Write, count: u64) -> io::Result<()> {
    if io::copy(&mut input.take(count), output)? == count {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Skips exactly so many bytes.
fn skip(input: &mut impl Read, count: u64) -> io::Result<()> {
    pass(input, &mut io::sink(), count)
}

/// Measures and hashes what is written.
struct Hashing {
    file: BufWriter<File>,
    hash: Sha256,
    size_bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size_bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
