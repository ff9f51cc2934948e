//! S3 away, slow, refusing, lying: submissions are accepted all the same, and nothing is lost.

use std::time::{Duration, Instant};

use formhold_files::{Files, FilesError, Moved, Settings};

use crate::{
    door::Door,
    scene::{Scene, content, new_id, read, store, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn while_s3_is_away_files_wait_in_the_spool_and_then_go_up() {
    let scene = Scene::new(Door::Shut).await;
    let (here, there) = (scene.node("a"), scene.node("b"));
    assert!(matches!(here.check_remote().await, Err(FilesError::Unavailable(_))));
    let files: Vec<_> = (0..40).map(|index| (new_id(), content(1000 + index))).collect();
    for (id, bytes) in &files {
        store(&here, *id, bytes).await;
        assert_eq!(read(&here, *id).await.as_ref(), Some(bytes), "readable where it waits");
    }
    assert_eq!(here.move_waiting().await, Some(Moved { moved: 0, waiting: 40 }));
    scene.door.set(Door::Open);
    assert!(matches!(there.read(files[0].0).await, Err(FilesError::NotYetStored)));
    assert_eq!(here.move_waiting().await, Some(Moved { moved: 40, waiting: 0 }));
    assert_eq!((scene.in_spool("a").len(), scene.in_s3().len()), (0, 40));
    for (id, bytes) in &files {
        assert_eq!(read(&there, *id).await.as_ref(), Some(bytes));
    }
    // And from here on it is as if nothing had been.
    store(&here, new_id(), b"x").await;
    assert_eq!((scene.in_spool("a").len(), scene.in_s3().len()), (0, 41));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spool_empties_by_itself_when_s3_is_back() {
    let scene = Scene::new(Door::Shut).await;
    let files = scene.node("a");
    let mover = tokio::spawn({
        let files = files.clone();
        async move { files.keep_moving().await }
    });
    for length in [10, 20, 6 << 20] {
        store(&files, new_id(), &content(length)).await;
    }
    assert_eq!(files.spool_usage().expect("a spool").files, 3);
    scene.door.set(Door::Open);
    until("all are in S3", || scene.in_s3().len() == 3 && scene.in_spool("a").is_empty()).await;
    mover.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_to_s3_that_is_cut_off_is_done_again() {
    let scene = Scene::new(Door::CutAfter(6 << 20)).await;
    let files = scene.node("a");
    let (id, bytes) = (new_id(), content(12 << 20));
    store(&files, id, &bytes).await;
    until("the upload failed", || {
        scene.in_s3().is_empty() && files.spool_usage().expect("a spool").files == 1
    })
    .await;
    scene.door.set(Door::Open);
    until_moved(&files).await;
    assert_eq!(scene.in_spool("a").len(), 0);
    assert_eq!(read(&scene.node("b"), id).await.as_ref(), Some(&bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_long_for_a_slow_s3() {
    let scene = Scene::new(Door::Slow(Duration::from_secs(8))).await;
    let files = scene.node("a");
    let begun = Instant::now();
    store(&files, new_id(), b"first").await;
    let first = begun.elapsed();
    assert!((4..8).contains(&first.as_secs()), "{first:?}");
    // From here on S3 is known to be slow.
    for _ in 0..10 {
        store(&files, new_id(), b"another").await;
    }
    assert!(begun.elapsed() - first < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(files.spool_usage().expect("a spool").files, 11);
    // The first one is still on its way, and arrives.
    until("the first one is in S3", || scene.in_s3().len() == 1).await;
    scene.door.set(Door::Open);
    until_moved(&files).await;
    assert_eq!((scene.in_spool("a").len(), scene.in_s3().len()), (0, 11));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_s3_holds_nobody_up_and_a_file_refused_meanwhile_never_arrives() {
    let scene = Scene::new(Door::Silent).await;
    let files = scene.node("a");
    let id = new_id();
    store(&files, id, b"x").await;
    assert_eq!(files.spool_usage().expect("a spool").files, 1);
    // It is on its way at this moment.
    files.discard(id).expect("discarded");
    scene.door.set(Door::Open);
    until_moved(&files).await;
    until("S3 is empty", || scene.in_s3().is_empty()).await;
    assert_eq!(scene.in_spool("a").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_s3_does_not_know_costs_no_file() {
    let scene = Scene::new(Door::Open).await;
    let wrong: Settings = toml::from_str(
        &crate::scene::settings_text(&scene.folder.path().join("a"), scene.door.address)
            .replace("\"secret\"", "\"wrong\""),
    )
    .expect("settings");
    let files = Files::open(&wrong).expect("files");
    let (id, bytes) = (new_id(), content(5000));
    store(&files, id, &bytes).await;
    assert_eq!(files.move_waiting().await, Some(Moved { moved: 0, waiting: 1 }));
    let error = files.check_remote().await.expect_err("refused").to_string();
    assert!(error.contains("SignatureDoesNotMatch") && !error.contains("wrong"), "{error}");
    drop(files);
    // The right key, after a restart.
    let files = scene.node("a");
    assert_eq!(files.move_waiting().await, Some(Moved { moved: 1, waiting: 0 }));
    assert_eq!(read(&scene.node("b"), id).await.as_ref(), Some(&bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_s3_does_not_hold_as_it_was_given_stays_in_the_spool() {
    let scene = Scene::new(Door::Lying).await;
    let files = scene.node("a");
    let (id, bytes) = (new_id(), content(500_000));
    store(&files, id, &bytes).await;
    assert_eq!(files.move_waiting().await, Some(Moved { moved: 0, waiting: 1 }));
    assert_eq!(read(&files, id).await.as_ref(), Some(&bytes));
    scene.door.set(Door::Open);
    assert_eq!(files.move_waiting().await, Some(Moved { moved: 1, waiting: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_refuses_more_and_takes_it_again_when_it_empties() {
    let scene = Scene::new(Door::Shut).await;
    let settings = Settings { max_spool_bytes: 1 << 20, ..scene.settings("a") };
    let files = Files::open(&settings).expect("files");
    let id = new_id();
    store(&files, id, &content(700_000)).await;
    let mut second = files.begin(new_id()).await.expect("begun");
    second.write(&content(300_000)).await.expect("written");
    let refused = second.write(&content(100_000)).await;
    assert!(matches!(refused, Err(FilesError::SpoolFull)), "{refused:?}");
    drop(second);
    // Also the many tiny ones are bounded.
    let mut tiny = 0;
    while let Ok(mut incoming) = files.begin(new_id()).await {
        incoming.write(b"x").await.expect("written");
        incoming.finish().await.expect("finished");
        tiny += 1;
    }
    assert_eq!(tiny, ((1 << 20) - 700_000) / 4096);
    assert!(read(&files, id).await.is_some(), "reading goes on");
    scene.door.set(Door::Open);
    until_moved(&files).await;
    assert_eq!(files.spool_usage().expect("a spool").bytes, 0);
    store(&files, new_id(), &content(700_000)).await;
    assert_eq!(scene.in_s3().len(), 2 + tiny);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_s3_never_takes_holds_up_no_other() {
    let scene = Scene::new(Door::Shut).await;
    let files = scene.node("a");
    let mut ids = Vec::new();
    for index in 0..5 {
        let id = new_id();
        store(&files, id, &content(100 + index)).await;
        ids.push(id);
    }
    scene.door.set(Door::Open);
    // A folder stands where the oldest one has to go: the server cannot take it.
    let oldest = ids[0];
    let days = oldest.0.get_timestamp().expect("a time").to_unix().0 / 86_400;
    let place = format!("s3/uploads/test/objects/{days:06}/{oldest}/x");
    std::fs::create_dir_all(scene.folder.path().join(place)).expect("a folder");
    let mut waiting = 5;
    for _ in 0..10 {
        waiting = files.move_waiting().await.expect("a spool").waiting;
    }
    assert_eq!((waiting, scene.in_s3().len()), (1, 4));
    assert!(read(&files, oldest).await.is_some());
}

/// Passes until nothing waits; a failed upload may still be under way.
async fn until_moved(files: &Files) {
    for _ in 0..600 {
        if files.move_waiting().await.expect("a spool").waiting == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("files still wait");
}
