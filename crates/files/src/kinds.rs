//! What only the whole file tells: which Office document a ZIP file is, how large a picture is.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use flate2::read::DeflateDecoder;
use formhold_domain::Dimensions;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipLocator};

use crate::images::dimensions;

/// The end of a ZIP file with the longest comment that may stand after it.
const MAX_END_BYTES: u64 = (64 << 10) + 22;
/// Where an Office document has more parts before its list of types, it counts as a ZIP file.
const MAX_ENTRIES: usize = 10_000;
const MAX_TYPES_BYTES: u64 = 256 << 10;

const ZIP: &str = "application/zip";
const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";

/// Types of an Office document's main part, and of the document (ECMA-376 part 2, and Microsoft's
/// for documents with macros, which must not pass for those without).
const MAIN_PARTS: [(&str, &str); 6] = [
    (
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.ms-word.document.macroEnabled.12",
    ),
    (
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
    ),
    (
        "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) content_type: &'static str,
    pub(crate) dimensions: Option<Dimensions>,
}

/// Completes what the first bytes told, for the few types where there is more to know. Reads only.
pub(crate) fn look_inside(path: &Path, by_head: &'static str) -> io::Result<Facts> {
    let (mut content_type, mut dimensions) = (by_head, None);
    if by_head == ZIP || by_head.starts_with(OFFICE) {
        content_type = office(File::open(path)?).unwrap_or(ZIP);
    } else if by_head.starts_with("image/") {
        dimensions = dimensions::of(&File::open(path)?);
    }
    Ok(Facts { content_type, dimensions })
}

/// The type of an Office document by the list of types in it; none where it has no such list.
fn office(file: File) -> Option<&'static str> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let locator = ZipLocator::new().max_search_space(MAX_END_BYTES);
    let archive = locator.locate_in_file(file, &mut buffer).ok()?;
    let mut entries = archive.entries(&mut buffer);
    let mut types = None;
    for _ in 0..MAX_ENTRIES {
        let entry = entries.next_entry().ok()??;
        if entry.file_path().as_bytes() == b"[Content_Types].xml" {
            types = Some((entry.wayfinder(), entry.compression_method()));
            break;
        }
    }
    let (place, method) = types?;
    let stored = archive.get_entry(place).ok()?.reader();
    let mut text = Vec::new();
    let read = match method {
        CompressionMethod::STORE => stored.take(MAX_TYPES_BYTES).read_to_end(&mut text),
        CompressionMethod::DEFLATE => {
            DeflateDecoder::new(stored).take(MAX_TYPES_BYTES).read_to_end(&mut text)
        }
        _ => return None,
    };
    read.ok()?;
    let text = String::from_utf8_lossy(&text);
    MAIN_PARTS
        .iter()
        .find(|(part, _)| text.contains(&format!("\"{part}\"")))
        .map(|(_, content_type)| *content_type)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn kind_of(entries: &[(&str, &str)], compressed: bool) -> &'static str {
        let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
        for (name, content) in entries {
            let method =
                if compressed { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
            let file = archive.new_file(*name).compression_method(method);
            let (mut entry, config) = file.start().expect("an entry");
            let descriptor = if compressed {
                let encoder = flate2::write::DeflateEncoder::new(&mut entry, Default::default());
                let mut data = config.wrap(encoder);
                data.write_all(content.as_bytes()).expect("written");
                let (encoder, descriptor) = data.finish().expect("an end");
                encoder.finish().expect("an end");
                descriptor
            } else {
                let mut data = config.wrap(&mut entry);
                data.write_all(content.as_bytes()).expect("written");
                data.finish().expect("an end").1
            };
            entry.finish(descriptor).expect("an entry");
        }
        let file = tempfile::NamedTempFile::new().expect("a file");
        let bytes = archive.finish().expect("an archive");
        std::fs::write(file.path(), &bytes).expect("written");
        let head = formhold_domain::FileKind::of(&bytes[..bytes.len().min(8192)]);
        look_inside(file.path(), head).expect("readable").content_type
    }

    fn types(main: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><Types><Override PartName=\"/main.xml\" ContentType=\"{main}\"/></Types>"
        )
    }

    #[test]
    fn an_office_document_is_what_its_list_of_types_says_wherever_it_stands() {
        for (main, expected) in MAIN_PARTS {
            let types = types(main);
            let list = ("[Content_Types].xml", types.as_str());
            let others =
                [("_rels/.rels", "x"), ("docProps/app.xml", "x"), ("word/document.xml", "x")];
            for compressed in [false, true] {
                let first = [&[list], &others[..]].concat();
                let last = [&others[..], &[list]].concat();
                assert_eq!(kind_of(&first, compressed), expected);
                assert_eq!(kind_of(&last, compressed), expected);
            }
        }
    }

    #[test]
    fn names_alone_make_no_office_document() {
        let named = [("[Content_Types].xml", "<Types/>"), ("word/document.xml", "x")];
        assert_eq!(kind_of(&named, false), ZIP);
        assert_eq!(kind_of(&[("word/document.xml", "x"), ("xl/workbook.xml", "x")], true), ZIP);
        assert_eq!(kind_of(&[("a.txt", "x")], false), ZIP);
    }

    #[test]
    fn a_zip_file_that_is_cut_off_is_still_a_zip_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), b"PK\x03\x04 and nothing more").expect("written");
        let facts = look_inside(file.path(), ZIP).expect("readable");
        assert_eq!(facts, Facts { content_type: ZIP, dimensions: None });
    }
}
