//! The kill sweep: one submission, killed right before each system call that it makes.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use formhold_testkit::{KillPoint, Running, Stack, Strace};

use super::{
    kill_points,
    scene::{Scene, Sent, Told},
    tally::Tally,
};

#[test]
fn a_submission_killed_at_any_of_its_calls_is_neither_lost_nor_doubled() {
    sweep(Stack::Sqlite, &Sent::text("k-text"), "SQLite, text");
}

#[test]
fn a_submission_with_a_file_killed_at_any_of_its_calls_is_neither_lost_nor_doubled() {
    sweep(Stack::Sqlite, &Sent::with_file("k-file", 100_000), "SQLite, with a file");
}

#[test]
fn a_submission_killed_at_any_packet_to_mariadb_is_neither_lost_nor_doubled() {
    sweep(Stack::MariaDb, &Sent::text("k-text"), "MariaDB, text");
    sweep(Stack::MariaDb, &Sent::with_file("k-file", 100_000), "MariaDB, with a file");
}

fn sweep(stack: Stack, sent: &Sent, what: &str) {
    if !stack.is_there() || !Strace::is_there() {
        return;
    }
    let points = block_on(async {
        kill_points::of_one_submission(&Scene::new(stack).await.on_one_thread(), sent).await
    });
    let left = Mutex::new(points.into_iter());
    let total = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                block_on(async {
                    while let Some(point) = { left.lock().expect("no panic").next() } {
                        let tally = kill_at(stack, sent, point).await;
                        total.lock().expect("no panic").add(&tally);
                    }
                });
            });
        }
    });
    total.into_inner().expect("no panic").conclude(what);
}

async fn kill_at(stack: Stack, sent: &Sent, mut point: KillPoint) -> Tally {
    let scene = Scene::new(stack).await.on_one_thread();
    let folder = scene.database.folder.path();
    point.path = point.path.map(|path| {
        if path.as_os_str().is_empty() { folder.to_owned() } else { folder.join(path) }
    });
    let mut running = scene.serve();
    let strace = Strace::kill_at(&running, &point);
    let told = sent.post(running.address).await;
    if !dies(&mut running).await {
        // A pool sends a packet more or less, so the last points may be behind the end.
        assert!(stack == Stack::MariaDb && matches!(told, Told::Ok(_)), "{point:?}: {told:?}");
        return Tally::default();
    }
    drop(strace);

    let mut tally = Tally::of_one_kill();
    let again = scene.serve();
    tally.compare(&scene, sent, &told).await;
    let second = sent.post(again.address).await;
    drop(again);
    Tally::check_second_try(&scene.stored_and_swept().await, sent, &told, &second);
    tally
}

/// True when it ends by itself, soon.
pub(super) async fn dies(running: &mut Running) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    while running.is_alive() {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}
