//! What is damaged, newer or another program's is refused and left as it is.

use std::path::Path;

use formhold_testkit::{Stack, TestDatabase};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, SqliteConnection};

use super::{contents, good_database, outcome};

const NEWER: &str =
    "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_from_the_future', 1)";

/// Every command that opens the database says no with status 1 and words, and changes no byte.
fn assert_refused(database: &TestDatabase, words: &[&str]) {
    let before = contents(database);
    for command in
        [&["serve"][..], &["migrate"], &["migrate", "--check"], &["form", "list"], &["doctor"]]
    {
        let (status, text) = outcome(database, command);
        assert_eq!(status, 1, "{command:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{command:?} does not say `{word}`: {text}");
        }
        let after = contents(database);
        assert_eq!(
            after.keys().collect::<Vec<_>>(),
            before.keys().collect::<Vec<_>>(),
            "{command:?}"
        );
        for (path, bytes) in &before {
            assert!(after[path] == *bytes, "{command:?} changed {}", path.display());
        }
    }
}

fn file(database: &TestDatabase) -> std::path::PathBuf {
    database.folder.path().join("formhold.db")
}

async fn sqlite(path: &Path, statements: &[&'static str]) {
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
    for statement in statements {
        sqlx::query(*statement).execute(&mut connection).await.expect("a statement that works");
    }
    connection.close().await.expect("it closes");
}

#[tokio::test]
async fn an_empty_file_is_refused() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    std::fs::write(file(&database), b"").unwrap();
    assert_refused(&database, &["is empty (0 bytes)", "Nothing was touched", "restore a backup"]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    for content in [&b"Dear diary, today I filled in a form.\n"[..], b"x", &[0; 8192]] {
        let database = TestDatabase::new(Stack::Sqlite).await;
        std::fs::write(file(&database), content).unwrap();
        assert_refused(&database, &["is no SQLite database", "restore a backup"]);
    }
}

#[tokio::test]
async fn a_folder_in_its_place_is_refused() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    std::fs::create_dir(file(&database)).unwrap();
    assert_refused(&database, &["formhold.db` cannot be read"]);
}

#[tokio::test]
async fn a_database_with_an_overwritten_header_is_refused() {
    let database = good_database(Stack::Sqlite).await;
    let mut bytes = std::fs::read(file(&database)).unwrap();
    bytes[..100].fill(0xff);
    std::fs::write(file(&database), &bytes).unwrap();
    assert_refused(&database, &["its beginning is damaged", "restore a backup"]);
}

#[tokio::test]
async fn a_database_whose_header_makes_no_sense_behind_its_name_is_refused() {
    // Page size, then the schema's format.
    for (at, value) in [(16, 0x03), (47, 0x77)] {
        let database = good_database(Stack::Sqlite).await;
        let mut bytes = std::fs::read(file(&database)).unwrap();
        bytes[at] = value;
        std::fs::write(file(&database), &bytes).unwrap();
        assert_refused(&database, &["Nothing was touched", "restore a backup"]);
    }
}

#[tokio::test]
async fn a_database_that_is_cut_off_is_refused() {
    let whole = good_database(Stack::Sqlite).await;
    let bytes = std::fs::read(file(&whole)).unwrap();
    for length in [16, 100, 4096, bytes.len() / 2, bytes.len() - 1] {
        let database = TestDatabase::new(Stack::Sqlite).await;
        std::fs::write(file(&database), &bytes[..length]).unwrap();
        assert_refused(&database, &["Nothing was touched", "restore a backup"]);
    }
}

#[tokio::test]
async fn a_database_whose_schema_was_overwritten_is_refused() {
    let database = good_database(Stack::Sqlite).await;
    let mut bytes = std::fs::read(file(&database)).unwrap();
    bytes[100..4096].fill(0x5a);
    std::fs::write(file(&database), &bytes).unwrap();
    assert_refused(&database, &["Nothing was touched", "restore a backup"]);
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let statements = ["CREATE TABLE customers (id INTEGER)", "INSERT INTO customers VALUES (1)"];
    sqlite(&file(&database), &statements).await;
    assert_refused(&database, &["is a database of another program", "Nothing was touched"]);
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let database = good_database(Stack::Sqlite).await;
    sqlite(&file(&database), &[NEWER]).await;
    let words = ["newer Formhold", "m9999_from_the_future", "Start the newer Formhold again"];
    assert_refused(&database, &words);
}

#[tokio::test]
async fn a_newer_database_that_was_killed_is_refused_and_its_log_stays_as_it_is() {
    let source = good_database(Stack::Sqlite).await;
    let mut open = SqliteConnection::connect(&source.url).await.unwrap();
    sqlx::query(NEWER).execute(&mut open).await.unwrap();
    for names in [
        &["formhold.db", "formhold.db-wal", "formhold.db-shm"][..],
        &["formhold.db", "formhold.db-wal"],
    ] {
        let database = TestDatabase::new(Stack::Sqlite).await;
        for name in names {
            let copy = database.folder.path().join(name);
            std::fs::copy(source.folder.path().join(name), copy).unwrap();
        }
        assert_refused(&database, &["newer Formhold", "m9999_from_the_future"]);
    }
}

#[tokio::test]
async fn a_log_without_its_database_is_refused() {
    let database = good_database(Stack::Sqlite).await;
    std::fs::rename(file(&database), database.folder.path().join("formhold.db-wal")).unwrap();
    assert_refused(&database, &["is missing but its log", "Put the database file back"]);
}

#[tokio::test]
async fn a_newer_database_on_mariadb_is_refused_and_not_changed() {
    if !Stack::MariaDb.is_there() {
        return;
    }
    let database = good_database(Stack::MariaDb).await;
    let mut connection = MySqlConnection::connect(&database.url).await.unwrap();
    sqlx::query(NEWER).execute(&mut connection).await.unwrap();
    let tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()";
    let before = (
        database.number(tables).await,
        database.number("SELECT COUNT(*) FROM seaql_migrations").await,
    );
    // A table less shows that not even a missing one is made.
    sqlx::query(AssertSqlSafe("DROP TABLE probes".to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    assert_refused(&database, &["newer Formhold", "m9999_from_the_future"]);
    let after = (
        database.number(tables).await + 1,
        database.number("SELECT COUNT(*) FROM seaql_migrations").await,
    );
    assert_eq!(before, after);
}
