//! Memory does not grow with what is uploaded.

use crate::{
    door::Door,
    killed::{program, start},
    scene::{Scene, settings_text},
};

const MOST_KIB: u64 = 16 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_files_of_ten_mebibytes_at_once_take_little_memory_on_the_way_to_s3() {
    let scene = Scene::new(Door::Open).await;
    let child = start(&scene, ["20", "10485760", "at-once"]);
    let output = tokio::task::spawn_blocking(move || child.wait_with_output())
        .await
        .expect("no panic")
        .expect("its output");
    assert!(output.status.success());
    let grown: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number");
    assert!(grown < MOST_KIB, "grew by {grown} KiB");
}

#[test]
fn twenty_files_of_ten_mebibytes_at_once_take_little_memory_on_a_local_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("settings.toml");
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let text = settings_text(&folder.path().join("spool"), nowhere);
    let url = format!("url = \"file://{}/files\"", folder.path().display());
    let text: Vec<&str> = std::iter::once(url.as_str()).chain(text.lines().skip(1)).collect();
    std::fs::write(&settings, text.join("\n")).expect("written");
    let output = std::process::Command::new(program())
        .arg(settings)
        .args(["20", "10485760", "at-once"])
        .output()
        .expect("its output");
    assert!(output.status.success());
    let grown: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number");
    assert!(grown < MOST_KIB, "grew by {grown} KiB");
}
