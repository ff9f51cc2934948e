//! `formhold migrate` and `migrate --check`: exit statuses, and that a check changes nothing.

use formhold_testkit::{Stack, TestDatabase};

use super::{contents, good_database, outcome, program};

const TABLES: &str =
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()";

#[tokio::test]
async fn a_check_of_no_database_yet_says_so_and_makes_none() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let (status, text) = outcome(&database, &["migrate", "--check"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("missing  m0001_trunk") && text.contains("formhold migrate"), "{text}");
    assert!(contents(&database).is_empty());
}

#[tokio::test]
async fn a_check_of_a_database_up_to_date_changes_no_byte() {
    let database = good_database(Stack::Sqlite).await;
    let before = contents(&database);
    let (status, text) = outcome(&database, &["migrate", "--check"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("up to date"), "{text}");
    assert_eq!(contents(&database), before);
    let (status, text) = outcome(&database, &["migrate", "--check", "--json"]);
    assert!(status == 0 && text.contains("\"missing\": 0"), "{text}");
}

#[tokio::test]
async fn a_check_beside_a_running_program_works() {
    let database = good_database(Stack::Sqlite).await;
    let running = program(&database).serve().expect("it starts");
    let (status, text) = outcome(&database, &["migrate", "--check"]);
    assert_eq!(status, 0, "{text}");
    drop(running);
    let (status, text) = outcome(&database, &["migrate", "--check"]);
    assert_eq!(status, 0, "with the log of a killed program: {text}");
}

#[tokio::test]
async fn a_migration_can_be_run_again_and_then_the_check_is_content() {
    for stack in Stack::all() {
        let database = TestDatabase::new(stack).await;
        for _ in 0..2 {
            let (status, text) = outcome(&database, &["migrate"]);
            assert_eq!(status, 0, "{text}");
        }
        let (status, text) = outcome(&database, &["migrate", "--check"]);
        assert_eq!(status, 0, "{text}");
    }
}

#[tokio::test]
async fn a_check_of_an_empty_database_on_mariadb_makes_no_table() {
    if !Stack::MariaDb.is_there() {
        return;
    }
    let database = TestDatabase::new(Stack::MariaDb).await;
    let (status, text) = outcome(&database, &["migrate", "--check"]);
    assert_eq!(status, 1, "{text}");
    assert_eq!(database.number(TABLES).await, 0);
}
