//! Many files as one ZIP file.

use std::io::Read as _;

use formhold_domain::UploadId;
use formhold_files::{Files, ZipEntry, zip};
use futures_util::{StreamExt as _, TryStreamExt as _};
use rawzip::ZipArchive;

use crate::{
    door::Door,
    scene::{Scene, content, new_id, store},
};

fn entry(id: UploadId, name: &str) -> ZipEntry {
    ZipEntry { id, folder: String::new(), name: name.to_owned(), modified_at_ms: 1_700_000_000_000 }
}

async fn packed(files: &Files, entries: Vec<ZipEntry>) -> Vec<u8> {
    let pieces: Vec<_> = zip(files.clone(), entries).try_collect().await.expect("pieces");
    pieces.concat()
}

/// Names and checked content, as a reader by another hand sees them.
fn unpacked(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let archive = ZipArchive::from_slice(archive).expect("an archive");
    let mut entries = archive.entries();
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().expect("an entry") {
        let name = entry.file_path().try_normalize().expect("a safe name").as_str().to_owned();
        let stored = archive.get_entry(entry.wayfinder()).expect("content");
        let mut bytes = Vec::new();
        stored.verifying_reader(stored.data()).read_to_end(&mut bytes).expect("checked content");
        found.push((name, bytes));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_s3_and_of_the_spool_are_packed_together_under_their_names() {
    let scene = Scene::new(Door::Open).await;
    let files = scene.node("a");
    let (one, two, empty) = (new_id(), new_id(), new_id());
    let (first, second) = (content(300_000), content(6 << 20));
    store(&files, one, &first).await;
    store(&files, empty, b"").await;
    scene.door.set(Door::Shut);
    store(&files, two, &second).await;
    scene.door.set(Door::Open);
    let folder = ZipEntry { folder: "Grüße/..".to_owned(), ..entry(two, "../b.bin") };
    let entries =
        vec![entry(one, "Übersicht 日本.pdf"), folder, entry(empty, "Übersicht 日本.pdf")];
    let expected = [
        ("Übersicht 日本.pdf".to_owned(), first),
        ("Grüße_/_b.bin".to_owned(), second),
        ("Übersicht 日本 (2).pdf".to_owned(), Vec::new()),
    ];
    let found = unpacked(&packed(&files, entries).await);
    let names =
        |all: &[(String, Vec<u8>)]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    assert!(found == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_seventy_thousand_files_is_one_of_64_bits() {
    let scene = Scene::new(Door::Shut).await;
    let files = scene.node("a");
    let id = new_id();
    store(&files, id, b"x").await;
    let entries = (0..70_000).map(|_| entry(id, "a.txt")).collect();
    let archive = packed(&files, entries).await;
    let found = unpacked(&archive);
    assert_eq!((found.len(), found[69_999].0.as_str()), (70_000, "a (70000).txt"));
    assert!(archive.windows(4).rev().take(200).any(|window| window == b"PK\x06\x06"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_breaks_the_archive_and_is_not_left_out() {
    let scene = Scene::new(Door::Open).await;
    let files = scene.node("a");
    let id = new_id();
    store(&files, id, b"x").await;
    let pieces: Vec<_> = zip(files, vec![entry(id, "a"), entry(new_id(), "b")]).collect().await;
    let last = pieces.last().expect("a piece");
    assert!(last.is_err(), "the last word is an error");
    assert_eq!(pieces.iter().filter(|piece| piece.is_err()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_ahead_of_a_slow_reader() {
    let scene = Scene::new(Door::Shut).await;
    let files = scene.node("a");
    let id = new_id();
    store(&files, id, &content(4 << 20)).await;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&asked);
    let entries = (0..1000).map(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        entry(id, "a")
    });
    let mut stream = zip(files, entries);
    stream.next().await.expect("a piece").expect("bytes");
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
}
