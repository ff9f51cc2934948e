//! Which system calls one submission makes, found by watching one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use formhold_testkit::{KillPoint, Strace};

use super::scene::{Scene, Sent, Told};

/// Calls that change what a restart finds, and those that send: to the database and to the client.
const CALLS: [&str; 11] = [
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "renameat2",
    "unlink",
    "mkdir",
    "sendto",
    "writev",
    "write",
];

/// Every call of a submission, as a place to kill at; paths are relative to the scene's folder.
pub(super) async fn of_one_submission(scene: &Scene, sent: &Sent) -> Vec<KillPoint> {
    let running = scene.serve();
    let folder = scene.database.folder.path();
    let strace = Strace::log(&running, &CALLS, &folder.join("strace.log"));
    let told = sent.post(running.address).await;
    assert!(matches!(told, Told::Ok(_)), "{told:?}");
    parse(&strace.finish(), folder)
}

fn parse(log: &str, folder: &Path) -> Vec<KillPoint> {
    let mut seen: HashMap<(String, Option<PathBuf>, String), usize> = HashMap::new();
    let mut points = Vec::new();
    for line in log.lines() {
        let Some((thread, call, arguments)) = split(line) else { continue };
        let path = path_in(arguments).map(Path::new);
        let inside = path.and_then(|path| path.strip_prefix(folder).ok());
        // Wake-ups between threads and log lines are no part of it.
        if call == "write" && inside.is_none() {
            continue;
        }
        // The name of an upload is another each time, so no path can be asked for.
        let stable = inside.filter(|path| !has_id(path)).map(Path::to_owned);
        let key = (call.to_owned(), stable.clone(), thread.to_owned());
        let when = seen.entry(key).or_default();
        *when += 1;
        // Of `write` to an upload no occurrence can be singled out.
        if call != "write" {
            points.push(KillPoint { call: call.to_owned(), path: stable, when: *when });
        }
    }
    points
}

fn has_id(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.len() == 36)
}

/// Thread, call and arguments of `7105  fsync(12</a/b>) = 0`.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    let (thread, rest) = line.split_once(' ')?;
    let (call, arguments) = rest.trim_start().split_once('(')?;
    let named = !call.is_empty() && call.bytes().all(|byte| byte.is_ascii_alphanumeric());
    named.then_some((thread, call, arguments))
}

/// The path of a descriptor (`12</a/b>`), or the first one in quotes.
fn path_in(arguments: &str) -> Option<&str> {
    let (start, end) = if arguments.starts_with('"') { ('"', '"') } else { ('<', '>') };
    arguments.split_once(start)?.1.split_once(end).map(|(path, _)| path)
}
