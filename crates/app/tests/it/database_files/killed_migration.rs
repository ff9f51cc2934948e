//! A migration that is killed at any call is run again and succeeds.

use std::{ffi::OsString, io::Write as _, os::unix::process::ExitStatusExt as _};

use formhold_testkit::{KillPoint, Program, Stack, Strace, TestDatabase};

use super::outcome;

#[tokio::test]
async fn a_migration_of_sqlite_killed_at_any_write_or_sync_is_run_again() {
    for call in ["openat", "pwrite64", "fsync", "fdatasync", "ftruncate", "linkat", "unlink"] {
        let kills = sweep(Stack::Sqlite, call).await;
        assert!(
            kills > 0 || ["fdatasync", "ftruncate", "linkat", "unlink"].contains(&call),
            "{call}"
        );
    }
}

#[tokio::test]
async fn a_migration_of_mariadb_killed_at_any_packet_is_run_again() {
    if Stack::MariaDb.is_there() {
        assert!(sweep(Stack::MariaDb, "sendto").await > 10);
    }
}

/// Kills `formhold migrate` at the first such call, at the second and so on, until it is through.
async fn sweep(stack: Stack, call: &str) -> usize {
    if !Strace::is_there() {
        return usize::MAX;
    }
    // Where one database differs from the next only by one call more, a few of them are enough.
    let mut when = 1;
    let mut kills = 0;
    loop {
        let database = TestDatabase::new(stack).await;
        let point = KillPoint { call: call.to_owned(), path: None, when };
        let killed = traced(&database, &point).run(&["migrate"]).status.signal().is_some();
        let (status, text) = outcome(&database, &["migrate"]);
        assert_eq!(status, 0, "after a kill at {point:?}: {text}");
        let (status, text) = outcome(&database, &["migrate", "--check"]);
        assert_eq!(status, 0, "after a kill at {point:?}: {text}");
        let tables = database.number("SELECT COUNT(*) FROM submissions").await;
        assert_eq!(tables, 0);
        if !killed {
            break;
        }
        kills += 1;
        when += if when < 20 { 1 } else { 7 };
    }
    let _ = writeln!(std::io::stderr(), "{stack:?}: a migration killed {kills} times at {call}");
    kills
}

fn traced(database: &TestDatabase, point: &KillPoint) -> Program {
    let mut program =
        Program::new(env!("CARGO_BIN_EXE_formhold"), database).setting("TOKIO_WORKER_THREADS", "1");
    program.wrapper = [OsString::from("strace")].into_iter().chain(point.arguments()).collect();
    program
}
