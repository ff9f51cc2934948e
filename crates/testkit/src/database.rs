//! Throw-away databases.

use std::{io::Write as _, sync::Once};

use sqlx::{Connection as _, MySqlConnection};
use tempfile::TempDir;

/// Names the MariaDB server that tests may make databases on, as `mysql://root@127.0.0.1:3307`.
const MYSQL_VARIABLE: &str = "FORMHOLD_TEST_MYSQL_URL";
/// Names the Redis server that goes with it, as `redis://127.0.0.1:6380`.
const REDIS_VARIABLE: &str = "FORMHOLD_TEST_REDIS_URL";

/// What Formhold runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// One SQLite file.
    Sqlite,
    /// A database on a MariaDB server.
    MariaDb,
}

impl Stack {
    /// The stacks that are there.
    #[must_use]
    pub fn all() -> Vec<Self> {
        [Self::Sqlite, Self::MariaDb].into_iter().filter(|stack| stack.is_there()).collect()
    }

    /// True when tests can run on it; says once what is left out.
    #[must_use]
    pub fn is_there(self) -> bool {
        static SAID: Once = Once::new();
        if self == Self::Sqlite || server().is_some() {
            return true;
        }
        // Not by a macro: the test runner would swallow it.
        SAID.call_once(|| {
            let _ = writeln!(
                std::io::stderr(),
                "left out: the tests on MariaDB, because {MYSQL_VARIABLE} is not set; `make test` runs them"
            );
        });
        false
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test runner hands the server over in the environment"
)]
fn named_by(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.is_empty())
}

fn server() -> Option<String> {
    named_by(MYSQL_VARIABLE)
}

/// A database of its own for one test, and a folder. Gone when dropped.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its address, as the setting `database.url` takes it.
    pub url: String,
    /// The Redis that goes with it; none beside SQLite. Tests share it, each with forms of its own.
    pub redis_url: Option<String>,
    /// A folder for files beside it.
    pub folder: TempDir,
    name: Option<String>,
}

impl TestDatabase {
    /// Makes one.
    ///
    /// # Panics
    /// When it cannot be made: a test cannot go on then.
    pub async fn new(stack: Stack) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if stack == Stack::Sqlite {
            let url = format!("sqlite://{}/formhold.db", folder.path().display());
            return Self { url, redis_url: None, folder, name: None };
        }
        let server = server().expect("MariaDB is there");
        let unique = folder.path().file_name().expect("a name").to_string_lossy().to_lowercase();
        let name = format!("formhold_{}", unique.trim_start_matches('.'));
        let mut connection =
            MySqlConnection::connect(&server).await.expect("a connection to MariaDB");
        execute(&mut connection, format!("CREATE DATABASE `{name}`")).await;
        let (base, query) =
            server.split_once('?').map_or((server.as_str(), ""), |(base, query)| (base, query));
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        Self {
            // A prefix of its own, so that tests are no nodes of each other.
            redis_url: named_by(REDIS_VARIABLE).map(|url| format!("{url}/?prefix={name}")),
            url: format!("{}/{name}{query}", base.trim_end_matches('/')),
            folder,
            name: Some(name),
        }
    }

    /// Ends all connections to this database at the server; only MariaDB has any.
    ///
    /// # Panics
    /// When the server cannot be asked.
    pub async fn close_connections(&self) {
        let Some(name) = &self.name else { return };
        let server = server().expect("MariaDB is there");
        let mut connection =
            MySqlConnection::connect(&server).await.expect("a connection to MariaDB");
        let ids: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM information_schema.processlist WHERE db = ?")
                .bind(name)
                .fetch_all(&mut connection)
                .await
                .expect("a list of connections");
        for id in ids {
            execute(&mut connection, format!("KILL {id}")).await;
        }
    }

    /// Keeps everybody from storing submissions until what is given back is released.
    ///
    /// # Panics
    /// When the database does not let one.
    pub async fn hold_writes(&self) -> Held {
        if self.name.is_none() {
            let mut connection =
                sqlx::SqliteConnection::connect(&self.url).await.expect("the database");
            sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.expect("the lock");
            return Held::Sqlite(connection);
        }
        let mut connection = MySqlConnection::connect(&self.url).await.expect("the database");
        execute(&mut connection, "LOCK TABLES submissions READ".to_owned()).await;
        Held::MariaDb(connection)
    }

    /// Runs a statement, as somebody would who has the database's password.
    ///
    /// # Panics
    /// When it fails.
    pub async fn execute(&self, sql: &str) {
        if self.name.is_none() {
            let mut connection =
                sqlx::SqliteConnection::connect(&self.url).await.expect("the database");
            sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
                .execute(&mut connection)
                .await
                .expect("a statement that works");
            return;
        }
        let mut connection = MySqlConnection::connect(&self.url).await.expect("the database");
        execute(&mut connection, sql.to_owned()).await;
    }

    /// Runs a query and gives back its first column of the first row, for facts that no API shows.
    ///
    /// # Panics
    /// When the query fails.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.name.is_none() {
            let mut connection =
                sqlx::SqliteConnection::connect(&self.url).await.expect("the database");
            return sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a number");
        }
        let mut connection = MySqlConnection::connect(&self.url).await.expect("the database");
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a number")
    }
}

impl TestDatabase {
    /// Runs a query and gives back its first column.
    ///
    /// # Panics
    /// When the query fails.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.name.is_none() {
            let mut connection =
                sqlx::SqliteConnection::connect(&self.url).await.expect("the database");
            return sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("texts");
        }
        let mut connection = MySqlConnection::connect(&self.url).await.expect("the database");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("texts")
    }

    /// The queries that give all rows of all tables as texts.
    ///
    /// # Panics
    /// When a query fails.
    pub async fn dump_queries(&self) -> Vec<String> {
        let (tables, columns) = match self.name {
            None => (
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                 AND sql NOT LIKE '%VIRTUAL%' ORDER BY name",
                "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{}')",
            ),
            Some(_) => (
                "SELECT table_name FROM information_schema.tables \
                 WHERE table_schema = DATABASE() ORDER BY table_name",
                "SELECT CONCAT('COALESCE(HEX(`', column_name, '`), ''-'')') \
                 FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{}'",
            ),
        };
        let mut queries = Vec::new();
        for table in self.texts(tables).await {
            let columns = self.texts(&columns.replace("{}", &table)).await;
            let row = match self.name {
                None => columns.join(" || ',' || "),
                Some(_) => format!("CONCAT_WS(',', {})", columns.join(", ")),
            };
            queries.push(format!("SELECT {row} FROM {table} ORDER BY 1"));
        }
        queries
    }

    /// What these queries give: two are equal where nothing was changed in between.
    ///
    /// # Panics
    /// When a query fails.
    pub async fn dump(&self, queries: &[String]) -> Vec<String> {
        let mut rows: Vec<String> = Vec::new();
        if self.name.is_none() {
            let mut connection =
                sqlx::SqliteConnection::connect(&self.url).await.expect("the database");
            for query in queries {
                let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query.clone()));
                rows.extend(query.fetch_all(&mut connection).await.expect("texts"));
            }
            return rows;
        }
        let mut connection = MySqlConnection::connect(&self.url).await.expect("the database");
        for query in queries {
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query.clone()));
            rows.extend(query.fetch_all(&mut connection).await.expect("texts"));
        }
        rows
    }
}

/// A lock on the submissions; see [`TestDatabase::hold_writes`].
#[derive(Debug)]
pub enum Held {
    /// Of SQLite.
    Sqlite(sqlx::SqliteConnection),
    /// Of MariaDB.
    MariaDb(MySqlConnection),
}

impl Held {
    /// Lets the others go on.
    ///
    /// # Panics
    /// When the connection cannot be closed.
    pub async fn release(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::MariaDb(connection) => connection.close().await,
        }
        .expect("a connection that closes");
    }
}

async fn execute(connection: &mut MySqlConnection, sql: String) {
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .execute(connection)
        .await
        .expect("a statement that works");
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let Some(server) = server() else { return };
        // Drop cannot wait, and the test's runtime may be ending: a thread of its own can.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                if let Ok(mut connection) = MySqlConnection::connect(&server).await {
                    execute(&mut connection, format!("DROP DATABASE IF EXISTS `{name}`")).await;
                }
            });
        });
        let _ = dropping.join();
    }
}
