//! The real program, killed at every step between the claim of a job and the note that it is done.

use std::time::{Duration, Instant};

use formhold_testkit::{KillPoint, Program, Stack, Strace, TestDatabase, files_below};

use super::{schedule_count, until};

/// What a worker does to the disk for one letter, in order: the claim, the letter, the end.
const CALLS: [(&str, usize); 4] = [("pwrite64", 9), ("fdatasync", 3), ("fsync", 1), ("mkdir", 1)];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_killed_at_any_of_its_calls_is_done_and_repeated_once_at_most() {
    if !Strace::is_there() {
        return;
    }
    let mut deaths = 0;
    for (call, most) in CALLS {
        for when in 1..=most {
            deaths += usize::from(kill_at(call, when).await);
        }
    }
    assert!(deaths >= 6, "only {deaths} kills hit something");
}

async fn kill_at(call: &str, when: usize) -> bool {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database)
        .setting("FORMHOLD_JOBS__POLL_MS", "50");
    let mail = database.folder.path().join("mail");
    // The schedules are written down at the first start.
    drop(program.serve().expect("the program starts"));
    let mut running = program.serve().expect("the program starts");
    until("its schedules are known", async || {
        database.number("SELECT COUNT(*) FROM schedules").await == schedule_count() as i64
    })
    .await;
    let point = KillPoint { call: call.to_owned(), path: None, when };
    let strace = Strace::kill_at(&running, &point);
    let made = program.run(&["user", "create", "--email", "ada@example.org"]);
    assert!(made.status.success());
    let deadline = Instant::now() + Duration::from_secs(4);
    let done = "SELECT COUNT(*) FROM jobs WHERE state = 'done'";
    while running.is_alive() && Instant::now() < deadline {
        if database.number(done).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let died = !running.is_alive();
    drop((strace, running));

    let again = program.serve().expect("the program starts again");
    until("the job is done", async || database.number(done).await == 1).await;
    drop(again);
    let whole = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path).expect("a letter").contains("/reset?token=")
    };
    let letters = files_below(&mail).iter().filter(|path| whole(path)).count();
    assert!((1..=2).contains(&letters), "{call} {when}: {letters} letters");
    let attempts = database.number("SELECT attempts FROM jobs").await;
    assert!((1..=2).contains(&attempts), "{call} {when}: {attempts} tries");
    assert_eq!(database.number("SELECT COUNT(*) FROM jobs").await, 1, "the same job");
    assert_eq!(database.number("SELECT COUNT(*) FROM jobs WHERE payload <> ''").await, 0);
    died
}
