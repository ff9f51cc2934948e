//! What refused, large and stalled bodies cost the real program in memory.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use formhold_testkit::{Program, Running, Stack, TestDatabase, client, form_of};
use futures_util::future::join_all;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{
    Raw, Reply,
    bombs::{MIB, gzip, part_of_a_file},
    head,
};

/// The program with the form `test`.
fn serve(database: &TestDatabase) -> Running {
    let definition = serde_json::to_vec(&form_of(json!({}))).expect("JSON");
    let file = database.folder.path().join("form.json");
    std::fs::write(&file, definition).expect("a file");
    let program = Program::new(env!("CARGO_BIN_EXE_formhold"), database);
    let imported = program.run(&["form", "import", &file.display().to_string()]);
    assert!(imported.status.success(), "{imported:?}");
    program.serve().expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_bombs_nor_large_uploads_take_memory() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let running = serve(&database);
    let url = format!("http://{}/f/test", running.address);
    let upload = |size_bytes: usize| {
        let part = Part::bytes(vec![7; size_bytes]).file_name("a.bin");
        let request = client().post(&url).header("accept", "application/json");
        request.multipart(Form::new().part("f", part)).send()
    };
    // What is needed once, whatever comes.
    assert_eq!(upload(100_000).await.expect("a reply").status(), 200);
    let start = peak_kib(&running);
    for (kind, before) in [
        ("application/json", &b"{\"a\":\""[..]),
        ("multipart/form-data; boundary=b", part_of_a_file()),
    ] {
        assert_eq!(bomb(&running, kind, &gzip(1024, before)).await.status, 413, "{kind}");
    }
    let after_bombs = peak_kib(&running);
    for _ in 0..2 {
        assert_eq!(upload(10 * MIB).await.expect("a reply").status(), 200);
    }
    assert_eq!(upload(24 * MIB).await.expect("a reply").status(), 413);
    let after_uploads = peak_kib(&running);
    // Not by a macro: the test runner would swallow it.
    let _ = writeln!(
        std::io::stderr(),
        "peak memory: {start} KiB at first, {after_bombs} after bombs, {after_uploads} after uploads"
    );
    for peak in [after_bombs, after_uploads] {
        assert!(peak.saturating_sub(start) < 32 * 1024, "from {start} KiB to {peak}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_bodies_that_stall_before_their_end_stay_within_256_mib() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let running = serve(&database);
    let body = "x".repeat(MIB - 100);
    let lines = format!("content-type: application/json\r\ncontent-length: {MIB}\r\n");
    let stalled = (0..300).map(|_| async {
        let mut raw = Raw::connect(running.address).await;
        raw.try_send(head(&lines)).await;
        raw.try_send(&body).await;
        raw
    });
    let stalled = join_all(stalled).await;
    let deadline = Instant::now() + Duration::from_secs(2);
    while Instant::now() < deadline {
        let peak = peak_kib(&running);
        assert!(peak < 256 * 1024, "{peak} KiB");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(stalled);
}

async fn bomb(running: &Running, kind: &str, body: &[u8]) -> Reply {
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
fn peak_kib(running: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid()));
    let status = status.expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
