//! Compressed bodies that swell, and what a refused or large body costs in memory.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress};
use formhold_testkit::{Program, Stack, TestDatabase, client, form_of};
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{Raw, Reply, app, head, refused};

const MIB: usize = 1 << 20;

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
fn gzip(mebibytes: usize, before: &[u8]) -> Vec<u8> {
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    // A stored block: its kind, its length, the complement of it.
    let length = u16::try_from(before.len()).expect("a short text");
    let stored = [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes(), before].concat();
    let last = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    [&header[..], &stored, &block().repeat(mebibytes), &last].concat()
}

fn part_of_a_file() -> &'static [u8] {
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

#[tokio::test(flavor = "multi_thread")]
async fn neither_bombs_nor_large_uploads_take_memory() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let definition = serde_json::to_vec(&form_of(json!({}))).expect("JSON");
    let file = database.folder.path().join("form.json");
    std::fs::write(&file, definition).expect("a file");
    let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database);
    let imported = program.run(&["form", "import", &file.display().to_string()]);
    assert!(imported.status.success(), "{imported:?}");
    let running = program.serve().expect("it starts");
    let url = format!("http://{}/f/test", running.address);
    let upload = |size_bytes: usize| {
        let part = Part::bytes(vec![7; size_bytes]).file_name("a.bin");
        client()
            .post(&url)
            .header("accept", "application/json")
            .multipart(Form::new().part("f", part))
            .send()
    };
    let peak = || peak_kib(running.pid());
    // What is needed once, whatever comes.
    assert_eq!(upload(100_000).await.expect("a reply").status(), 200);
    let start = peak();

    for (kind, before) in [
        ("application/json", &b"{\"a\":\""[..]),
        ("multipart/form-data; boundary=b", part_of_a_file()),
    ] {
        let reply = bomb(&running, kind, &gzip(1024, before)).await;
        assert_eq!(reply.status, 413, "{kind}");
    }
    let after_bombs = peak();
    for _ in 0..2 {
        assert_eq!(upload(10 * MIB).await.expect("a reply").status(), 200);
    }
    assert_eq!(upload(24 * MIB).await.expect("a reply").status(), 413);
    let after_uploads = peak();
    // Not by a macro: the test runner would swallow it.
    let _ = writeln!(
        std::io::stderr(),
        "peak memory: {start} KiB at first, {after_bombs} after bombs, {after_uploads} after uploads"
    );
    assert!(after_bombs - start < 32 * 1024, "bombs took {} KiB", after_bombs - start);
    assert!(after_uploads - start < 32 * 1024, "uploads took {} KiB", after_uploads - start);
}

async fn bomb(running: &formhold_testkit::Running, kind: &str, body: &[u8]) -> Reply {
    let mut raw = Raw::connect(running.address).await;
    let more =
        format!("content-encoding: gzip\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n");
    raw.send(head(&more)).await;
    raw.try_send(format!("{:x}\r\n", body.len())).await;
    raw.try_send(body).await;
    raw.try_send("\r\n0\r\n\r\n").await;
    raw.reply().await.expect("a reply")
}

/// The most memory that a process ever had.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
