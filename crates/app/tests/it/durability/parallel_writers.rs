//! Three writers at once, forty submissions, killed at the n-th sync or packet.

use formhold_testkit::{KillPoint, Stack, Strace};
use futures_util::future::join_all;

use super::{
    kill_sweep::{block_on, dies},
    scene::{Scene, Sent, Told},
    tally::Tally,
};

const WRITERS: usize = 3;
const EACH: usize = 14;

#[test]
fn writers_in_parallel_killed_at_any_sync_lose_and_double_nothing() {
    let points = [1, 2, 3, 5, 8, 13, 21, 34];
    let at_sync =
        |when| KillPoint { call: "fsync".into(), path: Some("formhold.db-wal".into()), when };
    sweep(Stack::Sqlite, points.map(at_sync), "SQLite, three writers");
}

#[test]
fn writers_in_parallel_killed_at_any_packet_to_mariadb_lose_and_double_nothing() {
    let points = [5, 20, 40, 70, 110];
    let at_packet = |when| KillPoint { call: "sendto".into(), path: None, when };
    sweep(Stack::MariaDb, points.map(at_packet), "MariaDB, three writers");
}

/// Stops early when the work is done before the point is reached.
fn sweep<const N: usize>(stack: Stack, points: [KillPoint; N], what: &str) {
    if !stack.is_there() || !Strace::is_there() {
        return;
    }
    let mut total = Tally::default();
    for point in points {
        match block_on(kill_at(stack, point)) {
            Some(tally) => total.add(&tally),
            None => break,
        }
    }
    total.conclude(what);
}

async fn kill_at(stack: Stack, mut point: KillPoint) -> Option<Tally> {
    let scene = Scene::new(stack).await;
    point.path = point.path.map(|path| scene.database.folder.path().join(path));
    let mut running = scene.serve();
    let strace = Strace::kill_at(&running, &point);
    let address = running.address;
    let told: Vec<(Sent, Told)> = join_all((0..WRITERS).map(|writer| async move {
        let mut told = Vec::new();
        for number in 0..EACH {
            let key = format!("k-{writer}-{number}");
            let sent = if number % 4 == 3 { Sent::with_file(key, 20_000) } else { Sent::text(key) };
            let reply = sent.post(address).await;
            told.push((sent, reply));
        }
        told
    }))
    .await
    .into_iter()
    .flatten()
    .collect();
    let all_done = told.iter().all(|(_, told)| matches!(told, Told::Ok(_)));
    if all_done && running.is_alive() {
        return None;
    }
    assert!(dies(&mut running).await, "{point:?}");
    drop(strace);

    let mut tally = Tally::of_one_kill();
    let again = scene.serve();
    for (sent, told) in &told {
        tally.compare(&scene, sent, told).await;
    }
    let address = again.address;
    let second = join_all(told.iter().map(|(sent, _)| sent.post(address))).await;
    drop(again);
    let stored = scene.stored_and_swept().await;
    assert_eq!(stored.len(), WRITERS * EACH);
    for ((sent, first), second) in told.iter().zip(&second) {
        Tally::check_second_try(&stored, sent, first, second);
    }
    Some(tally)
}
