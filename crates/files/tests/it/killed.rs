//! A process that takes files in is killed: whatever it said was safe is in S3 in the end.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use formhold_domain::UploadId;
use formhold_files::Files;

use crate::{
    door::Door,
    scene::{Scene, files_below, read, settings_text, sha256},
};

/// The program beside this one, which cargo builds with the tests.
pub(crate) fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    own.parent().and_then(|deps| deps.parent()).expect("a folder").join("examples/taking_in")
}

pub(crate) fn start(scene: &Scene, arguments: [&str; 3]) -> Child {
    let settings = scene.folder.path().join("settings.toml");
    let text = settings_text(&scene.folder.path().join("a"), scene.door.address);
    std::fs::write(&settings, text).expect("written");
    Command::new(program())
        .arg(settings)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo builds the examples with the tests")
}

/// Reads what the process says is safe, kills it after so many, and reads what it said till then.
fn kill_after(mut child: Child, count: usize, more: Duration) -> Vec<(UploadId, String)> {
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut safe: Vec<String> =
        lines.by_ref().take(count).map(|line| line.expect("a line")).collect();
    std::thread::sleep(more);
    child.kill().expect("killed");
    child.wait().expect("ended");
    safe.extend(lines.map_while(Result::ok));
    safe.iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(id, sha256)| (id.parse().expect("an id"), sha256.to_owned()))
        .collect()
}

/// Every file that was said to be safe is in S3 after a restart, as it was, and the spool is empty.
async fn assert_all_arrive(scene: &Scene, safe: &[(UploadId, String)]) {
    scene.door.set(Door::Open);
    let files = scene.node("a");
    let moved = files.move_waiting().await.expect("a spool");
    assert_eq!(moved.waiting, 0);
    let elsewhere = scene.node("b");
    for (id, expected) in safe {
        let bytes = read(&elsewhere, *id).await.expect("there");
        assert_eq!(sha256(&bytes), *expected, "{id}");
    }
    assert_eq!(files_below(&scene.folder.path().join("a/waiting")).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_spool_and_s3_no_file_is_lost() {
    // Silent: each upload to S3 is under way, and none ends.
    let scene = Scene::new(Door::Silent).await;
    let child = start(&scene, ["3", "6000000", "one-by-one"]);
    let safe = tokio::task::spawn_blocking(move || kill_after(child, 3, Duration::ZERO))
        .await
        .expect("no panic");
    assert_eq!((safe.len(), scene.in_s3().len()), (3, 0));
    assert_all_arrive(&scene, &safe).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_no_file_is_lost() {
    // From half a millisecond on in steps that fit neither disk nor server.
    for round in 0..12_u32 {
        let scene = Scene::new(Door::Open).await;
        let bytes = if round % 2 == 0 { "20000" } else { "6000000" };
        let child = start(&scene, ["1000", bytes, "one-by-one"]);
        let more = Duration::from_micros(500) * 3_u32.pow(round / 2);
        let safe = tokio::task::spawn_blocking(move || kill_after(child, 2, more))
            .await
            .expect("no panic");
        assert!(safe.len() >= 2);
        assert_all_arrive(&scene, &safe).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_was_writing_is_swept() {
    let scene = Scene::new(Door::Silent).await;
    let child = start(&scene, ["1000", "50000000", "one-by-one"]);
    let spool = scene.folder.path().join("a/incoming");
    crate::scene::until("a file is being written", || !files_below(&spool).is_empty()).await;
    let safe = tokio::task::spawn_blocking(move || kill_after(child, 0, Duration::ZERO))
        .await
        .expect("no panic");
    scene.door.set(Door::Open);
    let files = Files::open(&scene.settings("a")).expect("files");
    files.old_enough_to_check(Duration::ZERO).await.expect("listed");
    assert_eq!(files_below(&spool).len(), 0);
    assert_all_arrive(&scene, &safe).await;
}
