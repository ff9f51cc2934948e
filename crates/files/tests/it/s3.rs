//! S3 as it should be.

use std::time::Duration;

use formhold_files::{FilesError, Moved, SpoolUsage};

use crate::{
    door::Door,
    scene::{Scene, content, new_id, read, sha256, store},
};

const EMPTY: SpoolUsage = SpoolUsage { files: 0, bytes: 0 };

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_in_s3_when_it_is_finished_and_nothing_stays_in_the_spool() {
    let scene = Scene::new(Door::Open).await;
    let (here, there) = (scene.node("a"), scene.node("b"));
    // One request, exactly one part, and several parts with a short last one.
    for length in [0, 1, 100_000, 5 << 20, (5 << 20) + 1, 12_345_678] {
        let (id, bytes) = (new_id(), content(length));
        let stored = store(&here, id, &bytes).await;
        assert_eq!((stored.size_bytes, stored.sha256), (length as u64, sha256(&bytes)));
        assert_eq!((scene.in_spool("a").len(), here.spool_usage()), (0, Some(EMPTY)), "{length}");
        assert_eq!(read(&there, id).await.as_deref(), Some(&bytes[..]), "{length}");
        there.remove(id).await.expect("removed");
        here.remove(id).await.expect("removed again");
        assert!(matches!(here.read(id).await, Err(FilesError::NotYetStored)));
    }
    assert_eq!(scene.in_s3().len(), 0);
    assert_eq!(here.move_waiting().await, Some(Moved { moved: 0, waiting: 0 }));
    here.check_remote().await.expect("S3 answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_lies_under_its_prefix_by_day_and_id() {
    let scene = Scene::new(Door::Open).await;
    let id = new_id();
    store(&scene.node("a"), id, b"x").await;
    let days = id.0.get_timestamp().expect("a time").to_unix().0 / 86_400;
    let key = format!("s3/uploads/test/objects/{days:06}/{id}");
    assert_eq!(scene.in_s3(), [scene.folder.path().join(key)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_for_long_is_none_and_a_young_one_may_be_elsewhere() {
    let scene = Scene::new(Door::Open).await;
    let files = scene.node("a");
    assert!(matches!(files.read(new_id()).await, Err(FilesError::NotYetStored)));
    let old = formhold_domain::UploadId(formhold_domain::Ids::uuid_at(
        &formhold_domain::RandomIds,
        1_600_000_000_000,
    ));
    assert!(files.read(old).await.expect("an answer").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_a_submission_are_found_in_s3_and_in_the_spool() {
    let scene = Scene::new(Door::Open).await;
    let files = scene.node("a");
    let (stored, waiting) = (new_id(), new_id());
    store(&files, stored, b"stored").await;
    scene.door.set(Door::Shut);
    store(&files, waiting, b"waiting").await;
    scene.door.set(Door::Open);
    let mut half = files.begin(new_id()).await.expect("begun");
    half.write(b"half").await.expect("written");
    std::mem::forget(half);
    let hour = Duration::from_secs(3600);
    assert_eq!(files.old_enough_to_check(hour).await.expect("listed"), []);
    let mut found = files.old_enough_to_check(Duration::ZERO).await.expect("listed");
    found.sort();
    assert_eq!(found, [stored, waiting]);
    assert_eq!(scene.in_spool("a").len(), 1, "the half-written one is removed");
    for id in found {
        files.remove(id).await.expect("removed");
    }
    assert_eq!((scene.in_spool("a").len(), scene.in_s3().len()), (0, 0));
    assert_eq!(files.spool_usage().expect("a spool").files, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_leaves_the_spool_and_s3_wherever_it_was() {
    let scene = Scene::new(Door::Open).await;
    let files = scene.node("a");
    let (in_s3, in_spool) = (new_id(), new_id());
    store(&files, in_s3, b"stored").await;
    scene.door.set(Door::Shut);
    store(&files, in_spool, b"waiting").await;
    scene.door.set(Door::Open);
    files.discard(in_spool).expect("discarded");
    assert_eq!(files.spool_usage(), Some(EMPTY));
    files.discard(in_s3).expect("discarded");
    crate::scene::until("S3 is empty", || scene.in_s3().is_empty()).await;
    assert_eq!(scene.in_spool("a").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_https_endpoint_is_spoken_to_in_tls() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings =
        crate::scene::settings(folder.path(), listener.local_addr().expect("an address"));
    settings.url = settings.url.replace("http://", "https://");
    let files = formhold_files::Files::open(&settings).expect("files");
    let asking = tokio::spawn(async move { files.check_remote().await });
    let (mut socket, _) = listener.accept().await.expect("a connection");
    let first = tokio::io::AsyncReadExt::read_u8(&mut socket).await.expect("a byte");
    assert_eq!(first, 0x16, "a TLS handshake");
    drop((socket, listener));
    assert!(asking.await.expect("no panic").is_err());
}
