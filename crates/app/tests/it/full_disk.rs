//! A disk without space: refused, nothing acknowledged is lost, and all is well when there is space.

use std::{io::Write as _, path::Path, process::Command};

use formhold_testkit::{Program, Running};

/// A small file system of its own. Unmounted when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path, size: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder)
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        let _ = writeln!(
            std::io::stderr(),
            "left out: the full disk, because a small file system cannot be mounted here"
        );
        None
    }

    fn grow(&self, size: &str) {
        let grown = Command::new("mount")
            .args(["-o", &format!("remount,size={size}")])
            .arg(self.0)
            .status();
        assert!(grown.expect("mount").success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

async fn post(running: &Running, text: &str) -> u16 {
    let url = format!("http://{}/f/x.json", running.address);
    formhold_testkit::client()
        .post(url)
        .form(&[("a", text)])
        .send()
        .await
        .expect("a reply")
        .status()
        .as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_acknowledged_and_heals_without_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(folder.path(), "3m") else { return };
    let url = format!("sqlite://{}/formhold.db", folder.path().display());
    let program = Program::with(env!("CARGO_BIN_EXE_formhold"), &url, folder.path());
    std::fs::write(folder.path().join("x.toml"), "name = \"X\"\nslug = \"x\"\n").expect("written");
    assert!(
        program
            .run(&["form", "import", folder.path().join("x.toml").to_str().expect("text")])
            .status
            .success()
    );
    let running = program.serve().expect("it starts");
    let large = "x".repeat(100_000);
    let mut acknowledged = 0;
    let mut refused = 0;
    // Far beyond the point at which the disk is full: the failure must not turn into a success.
    for _ in 0..60 {
        match post(&running, &large).await {
            200 => acknowledged += 1,
            503 => refused += 1,
            status => panic!("status {status}"),
        }
    }
    assert!(acknowledged > 5 && refused > 20, "{acknowledged} acknowledged, {refused} refused");
    let page = formhold_testkit::client()
        .get(format!("http://{}/f/x", running.address))
        .send()
        .await
        .expect("a page");
    assert_eq!(page.status().as_u16(), 200, "reading goes on");
    disk.grow("40m");
    for _ in 0..5 {
        assert_eq!(post(&running, &large).await, 200, "it heals at once");
        acknowledged += 1;
    }
    drop(running);
    let exported = program.run(&["export", "--form", "x", "--format", "ndjson", "-o", "-"]);
    let rows = exported.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    assert_eq!(rows, acknowledged);
}
