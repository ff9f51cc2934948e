//! Many stored files as one ZIP file, made while it is sent.

use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use formhold_domain::UploadId;
use futures_util::{StreamExt as _, stream};
use rawzip::{ZipArchiveWriter, path::EntryPath, time::UtcDateTime};
use tokio::sync::mpsc;

use crate::{ByteStream, Files, FilesError};

/// How many pieces may be ahead of who reads them.
const PIECES_AHEAD: usize = 2;
/// The longest name that the usual file systems take.
const MAX_NAME_BYTES: usize = 255;

/// A file to put into the ZIP file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZipEntry {
    /// The stored file.
    pub id: UploadId,
    /// The folder to put it in, one level; empty for none. Made safe like the name.
    pub folder: String,
    /// Its name. It may be anything: it is made safe, and unique in its folder.
    pub name: String,
    /// The time that it shows, milliseconds since the Unix epoch.
    pub modified_at_ms: i64,
}

/// Packs stored files, one after the other and without compressing them: uploads mostly are
/// compressed already. Content takes constant memory; each entry takes about a hundred bytes until
/// the end, for the list that stands there. Large archives become Zip64 by themselves.
///
/// A file that is not there or cannot be read is an error in the stream, never left out.
///
/// # Panics
/// When called outside of a tokio runtime.
pub fn zip(
    files: Files,
    entries: impl IntoIterator<Item = ZipEntry, IntoIter: Send> + Send + 'static,
) -> ByteStream {
    let (sender, mut pieces) = mpsc::channel(PIECES_AHEAD);
    let entries = entries.into_iter();
    tokio::spawn(async move {
        let end = match pack(&files, entries, &sender).await {
            Ok(()) => Piece::End,
            Err(error) => Piece::Content(Err(error)),
        };
        // Where nobody reads any more, nobody needs to know.
        let _ = sender.send(end).await;
    });
    let mut ended = false;
    stream::poll_fn(move |context| {
        pieces.poll_recv(context).map(|piece| match piece {
            _ if ended => None,
            Some(Piece::Content(content)) => {
                ended = content.is_err();
                Some(content)
            }
            Some(Piece::End) => None,
            None => {
                ended = true;
                Some(Err(io::Error::other("packing ended early")))
            }
        })
    })
    .fuse()
    .boxed()
}

enum Piece {
    Content(io::Result<Bytes>),
    End,
}

async fn pack(
    files: &Files,
    entries: impl Iterator<Item = ZipEntry>,
    sender: &mpsc::Sender<Piece>,
) -> io::Result<()> {
    let written = Written::default();
    let mut archive = ZipArchiveWriter::new(written.clone());
    let mut names = Names::default();
    for entry in entries {
        let missing = || FilesError::Other(io::Error::other(format!("file {} is gone", entry.id)));
        let reading = files.read(entry.id).await.and_then(|found| found.ok_or_else(missing));
        let mut content = reading.map_err(io::Error::other)?.into_stream();
        let file = archive
            .new_file(EntryPath::conformant(names.of(&entry)))
            .last_modified(UtcDateTime::from_unix(entry.modified_at_ms.div_euclid(1000)))
            // Also says that names are not in the code page of an old DOS.
            .unix_permissions(0o100_644);
        let (mut head, config) = file.start().map_err(io::Error::other)?;
        let mut data = config.wrap(&mut head);
        while let Some(piece) = content.next().await {
            data.write_all(&piece?)?;
            written.send(sender).await?;
        }
        let (_, descriptor) = data.finish().map_err(io::Error::other)?;
        head.finish(descriptor).map_err(io::Error::other)?;
    }
    archive.finish().map_err(io::Error::other)?;
    written.send(sender).await
}

/// What the archive wrote and nobody took yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    async fn send(&self, sender: &mpsc::Sender<Piece>) -> io::Result<()> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let piece = Piece::Content(Ok(bytes.into()));
        sender.send(piece).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Names that were given out, folded: some file systems see no difference between `A` and `a`. Each
/// with the number to try next, so that a thousand equal names are not tried a million times.
#[derive(Default)]
struct Names(HashMap<String, u32>);

impl Names {
    /// A safe name that no entry before has.
    fn of(&mut self, entry: &ZipEntry) -> String {
        let name = safe(&entry.name).unwrap_or_else(|| "file".to_owned());
        let folder = safe(&entry.folder).map(|folder| folder + "/").unwrap_or_default();
        let first = format!("{folder}{name}");
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
            _ => (name.as_str(), String::new()),
        };
        let (mut path, mut number) = (first.clone(), 2);
        while let Some(next) = self.0.get(&path.to_lowercase()) {
            if path == first {
                number = *next;
            }
            path = format!("{folder}{stem} ({number}){ending}");
            number += 1;
        }
        self.0.insert(first.to_lowercase(), number);
        self.0.entry(path.to_lowercase()).or_insert(2);
        path
    }
}

/// A name that every file system takes: no separators, no control characters, nothing that Windows
/// reserves; none where nothing is left.
fn safe(name: &str) -> Option<String> {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = name
        .chars()
        .filter(|c| !c.is_control() && !turns(*c))
        .map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c })
        .collect();
    // Room for a number.
    let end = clean.floor_char_boundary(MAX_NAME_BYTES - 16);
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if clean.len() > end && ending.len() <= 16 => {
            (&stem[..stem.floor_char_boundary(end - 17)], format!(".{ending}"))
        }
        _ => (&clean[..end], String::new()),
    };
    let clean = format!("{stem}{ending}");
    let clean = clean.trim().trim_end_matches('.').trim_start_matches("..");
    let stem = clean.split('.').next().unwrap_or_default().trim().to_ascii_uppercase();
    let numbered =
        |device: &str| stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest != "0");
    let device =
        ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT");
    match clean {
        "" | "." => None,
        clean if device => Some(format!("_{clean}")),
        clean => Some(clean.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn names(given: &[(&str, &str)]) -> Vec<String> {
        let mut names = Names::default();
        let entry = |(folder, name): &(&str, &str)| ZipEntry {
            id: UploadId(Uuid::nil()),
            folder: (*folder).to_owned(),
            name: (*name).to_owned(),
            modified_at_ms: 0,
        };
        given.iter().map(|given| names.of(&entry(given))).collect()
    }

    #[test]
    fn a_name_in_the_archive_is_never_a_path() {
        let given = [
            ("", "../../etc/passwd"),
            ("", "/etc/passwd"),
            ("", "C:\\Windows\\a.dll"),
            ("..", "a"),
            ("a/../b", "..."),
            ("", "con.txt"),
            ("", "LPT1"),
            ("", "a\0b\r\n.txt"),
            ("", ""),
        ];
        let expected = [
            "_.._etc_passwd",
            "_etc_passwd",
            "C__Windows_a.dll",
            "a",
            "a_.._b/file",
            "_con.txt",
            "_LPT1",
            "ab.txt",
            "file",
        ];
        assert_eq!(names(&given), expected);
    }

    #[test]
    fn equal_names_are_numbered_and_long_ones_keep_their_ending() {
        let given =
            [("", "a.pdf"), ("", "A.PDF"), ("", "a (2).pdf"), ("x", "a.pdf"), ("", "a.pdf")];
        let expected = ["a.pdf", "A (2).PDF", "a (2) (2).pdf", "x/a.pdf", "a (3).pdf"];
        assert_eq!(names(&given), expected);
        let long = format!("{}.docx", "ü".repeat(4096));
        for name in names(&[("", &long), ("", &long)]) {
            assert!(name.len() <= MAX_NAME_BYTES && name.ends_with(".docx"), "{name}");
        }
    }
}
