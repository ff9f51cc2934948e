//! A local disk.

use std::time::Duration;

use formhold_domain::Dimensions;
use formhold_files::{Files, Settings};
use futures_util::TryStreamExt as _;

use crate::scene::{content, files_below, new_id, read, sha256, store};

fn open(folder: &std::path::Path) -> Files {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let settings = crate::scene::settings(&folder.join("spool"), nowhere);
    let url = format!("file://{}/files", folder.display());
    Files::open(&Settings { url, ..settings }).expect("files")
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_and_is_gone_when_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    let (id, bytes) = (new_id(), content(300_000));
    let stored = store(&files, id, &bytes).await;
    assert_eq!((stored.size_bytes, stored.sha256), (300_000, sha256(&bytes)));
    assert_eq!(read(&files, id).await.as_deref(), Some(&bytes[..]));
    let reading = files.read(id).await.expect("readable").expect("there");
    let pieces: Vec<_> = reading.into_stream().try_collect().await.expect("pieces");
    assert!(pieces.len() > 1 && pieces.concat() == bytes);
    files.remove(id).await.expect("removed");
    files.remove(id).await.expect("removed again");
    files.discard(id).expect("discarded");
    assert!(files.read(id).await.expect("readable").is_none());
    assert_eq!(files.spool_usage(), None);
    assert!(!folder.path().join("spool").exists(), "no spool is made for a local disk");
}

#[tokio::test]
async fn what_a_killed_process_left_is_found_and_half_written_files_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    let id = new_id();
    store(&files, id, b"whole").await;
    let mut half = files.begin(new_id()).await.expect("begun");
    half.write(b"half").await.expect("written");
    std::mem::forget(half);
    assert_eq!(files_below(folder.path()).len(), 2);
    let hour = Duration::from_secs(3600);
    assert_eq!(files.old_enough_to_check(hour).await.expect("listed"), []);
    assert_eq!(files.old_enough_to_check(Duration::ZERO).await.expect("listed"), [id]);
    assert_eq!(files_below(folder.path()).len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    let mut incoming = files.begin(new_id()).await.expect("begun");
    incoming.write(b"half").await.expect("written");
    drop(incoming);
    assert_eq!(files_below(folder.path()).len(), 0);
}

#[tokio::test]
async fn a_picture_is_measured_by_its_head() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    let picture = crate::pictures::png(640, 480);
    let stored = store(&files, new_id(), &picture).await;
    assert_eq!(stored.content_type, "image/png");
    assert_eq!(stored.dimensions, Some(Dimensions { width: 640, height: 480 }));
    assert_eq!(store(&files, new_id(), b"text").await.dimensions, None);
    let headless = store(&files, new_id(), &picture[..20]).await;
    assert_eq!((headless.content_type, headless.dimensions), ("image/png", None));
}
