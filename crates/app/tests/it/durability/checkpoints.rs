//! Killed while SQLite's log is moved into the database file.

use formhold_testkit::{KillPoint, Stack, Strace, client};

use super::{
    kill_sweep::{block_on, dies},
    scene::Scene,
};

/// The log is moved from 2,000 pages on, which these fill.
const SUBMISSIONS: i64 = 20;
const TEXT_BYTES: usize = 480_000;

#[test]
fn a_checkpoint_killed_at_any_write_or_sync_loses_nothing() {
    if !Strace::is_there() {
        return;
    }
    let at = |call: &str, path: &str, when| KillPoint {
        call: call.to_owned(),
        path: Some(path.into()),
        when,
    };
    let points = [
        at("pwrite64", "formhold.db", 1),
        at("pwrite64", "formhold.db", 700),
        at("pwrite64", "formhold.db", 1999),
        at("fsync", "formhold.db", 1),
    ];
    for point in points {
        block_on(kill_at(point));
    }
}

async fn kill_at(mut point: KillPoint) {
    let scene = Scene::new(Stack::Sqlite).await;
    point.path = point.path.map(|path| scene.database.folder.path().join(path));
    let mut running = scene.serve();
    let strace = Strace::kill_at(&running, &point);
    let client = client();
    let text = "x".repeat(TEXT_BYTES);
    let mut acknowledged = 0;
    for _ in 0..SUBMISSIONS {
        let request = client
            .post(format!("http://{}/f/test", running.address))
            .header("accept", "application/json")
            .form(&[("text", &text)]);
        match request.send().await {
            Ok(response) if response.status().is_success() => acknowledged += 1,
            Ok(response) => panic!("{}", response.status()),
            Err(_) => break,
        }
    }
    assert!(dies(&mut running).await, "{point:?} was not reached");
    drop(strace);

    let again = scene.serve();
    let rows = scene.database.number("SELECT COUNT(*) FROM submissions").await;
    assert!((acknowledged..=acknowledged + 1).contains(&rows), "{acknowledged} ok, {rows} rows");
    drop(again);
    let verdict = "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    assert_eq!(scene.database.number(verdict).await, 1, "{point:?}");
}
