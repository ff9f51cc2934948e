//! Compressed bodies that swell.

use flate2::{Compress, Compression, FlushCompress};

use super::{app, refused};

pub(super) const MIB: usize = 1 << 20;

/// A mebibyte of zeros in about a kibibyte of deflate, which may be repeated: it refers to nothing
/// before it.
fn block() -> Vec<u8> {
    let zeros = vec![0; MIB];
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(64 * 1024);
    compress.compress_vec(&zeros, &mut block, FlushCompress::Full).expect("it is compressed");
    block
}

/// Zeros as a gzip file; its checksum is wrong, but nobody gets that far.
pub(super) fn gzip(mebibytes: usize, before: &[u8]) -> Vec<u8> {
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    // A stored block: its kind, its length, the complement of it.
    let length = u16::try_from(before.len()).expect("a short text");
    let stored = [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes(), before].concat();
    let last = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    [&header[..], &stored, &block().repeat(mebibytes), &last].concat()
}

pub(super) fn part_of_a_file() -> &'static [u8] {
    b"--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_body_that_swells_is_refused_at_the_limit() {
    let app = app().await;
    let cases: [(&str, &[u8], &str); 4] = [
        ("application/x-www-form-urlencoded", b"a=", "BODY_TOO_LARGE"),
        ("application/json", b"{\"a\":\"", "BODY_TOO_LARGE"),
        ("multipart/form-data; boundary=b", part_of_a_file(), "FILES_TOO_BIG"),
        ("multipart/form-data; boundary=b", b"", "PART_HEADER_TOO_LARGE"),
    ];
    for (kind, before, code) in cases {
        // Compressed it is well within the limits.
        let bomb = gzip(400, before);
        assert!(bomb.len() < MIB / 2, "400 MiB in {} bytes", bomb.len());
        let more = format!("content-encoding: gzip\r\ncontent-type: {kind}\r\n");
        refused(&app, &more, &bomb).await.assert(413, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_body_that_is_broken_or_of_unknown_kind_is_refused() {
    let app = app().await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    for (encoding, body, status, code) in [
        ("gzip", &b"a=1"[..], 400, "MALFORMED"),
        ("gzip", &gzip(1, b"a=")[..100], 400, "MALFORMED"),
        ("deflate", b"a=1", 400, "MALFORMED"),
        ("br", b"a=1", 415, "UNSUPPORTED_ENCODING"),
        ("gzip, gzip", b"a=1", 415, "UNSUPPORTED_ENCODING"),
        ("zstd", b"a=1", 415, "UNSUPPORTED_ENCODING"),
    ] {
        let more = format!("{form}content-encoding: {encoding}\r\n");
        refused(&app, &more, body).await.assert(status, code);
    }
}
