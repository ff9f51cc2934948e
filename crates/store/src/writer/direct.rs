//! The usual batch, over a connection of the writer's own, in as few trips as the database allows.
//!
//! Each trip wakes a thread or waits for a network, so their number decides how long a batch takes:
//! one on SQLite, two on MySQL. No key is looked up before: the database refuses the whole batch
//! where one is not new, and the careful way of [`batch`](super::batch) takes over.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sea_orm::{DatabaseConnection, DbBackend, Value};
use sqlx::{
    Arguments, AssertSqlSafe, Connection as _, Encode, Executor as _, MySqlConnection,
    SqliteConnection, Type, mysql::MySqlArguments, sqlite::SqliteArguments,
};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    insert::{Insert, inserts},
    row::Row,
    tally::{tallies, with_literals},
};
use crate::{StoreError, Unavailable, connect};

/// A connection that rested for longer is asked whether it is still there.
const FRESH_FOR: Duration = Duration::from_secs(5);
/// How long opening a connection, or asking one, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long MySQL may take for a step; a little longer than it waits for a lock. SQLite is waited for:
/// its disk may stall, and nobody could take its place.
const MYSQL_TIMEOUT: Duration = Duration::from_secs(8);

pub(super) struct Direct {
    pool: DatabaseConnection,
    connection: Option<(Connection, Instant)>,
}

enum Connection {
    Sqlite(SqliteConnection),
    MySql(MySqlConnection),
}

/// Why a batch was not acknowledged.
pub(super) struct Failed {
    pub(super) error: StoreError,
    /// Whether it may be committed all the same: only its last step can leave that open.
    pub(super) may_be_committed: bool,
}

impl<E: Into<StoreError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), may_be_committed: false }
    }
}

impl Direct {
    /// Will connect as the pool does.
    pub(super) fn new(pool: DatabaseConnection) -> Self {
        Self { pool, connection: None }
    }

    /// Whether every row could be stored without looking first.
    pub(super) fn suits(rows: &[Row]) -> bool {
        rows.iter().all(|row| row.max_submissions.is_none())
    }

    /// Commits all rows, or none.
    ///
    /// A connection of before that turns out to be gone, as after a restart of the database, costs
    /// nobody a refusal: nothing was committed, and a new one is tried.
    pub(super) async fn write(&mut self, rows: &[Row], shard: i16) -> Result<(), Failed> {
        let reused = self.connection.is_some();
        match self.try_to_write(rows, shard).await {
            Err(Failed {
                error: StoreError::Unavailable(Unavailable::Unreachable(_)),
                may_be_committed: false,
            }) if reused => self.try_to_write(rows, shard).await,
            outcome => outcome,
        }
    }

    async fn try_to_write(&mut self, rows: &[Row], shard: i16) -> Result<(), Failed> {
        let mut connection = self.take().await?;
        // After an error nobody knows the connection's state: it is closed, which rolls back.
        match connection.write(rows, shard).await {
            Ok(()) => {
                self.connection = Some((connection, Instant::now()));
                Ok(())
            }
            Err(failed) => {
                connection.close().await;
                Err(failed)
            }
        }
    }

    /// The connection of the last batch where it still answers, else a new one.
    async fn take(&mut self) -> Result<Connection, StoreError> {
        if let Some((mut connection, used)) = self.connection.take() {
            if used.elapsed() < FRESH_FOR || connection.answers().await {
                return Ok(connection);
            }
            connection.close().await;
        }
        match timeout(CONNECT_TIMEOUT, self.connect()).await {
            Ok(connected) => connected,
            Err(_) => Err(unreachable_for(CONNECT_TIMEOUT)),
        }
    }

    async fn connect(&self) -> Result<Connection, StoreError> {
        Ok(match self.pool.get_database_backend() {
            DbBackend::MySql => {
                let pool = self.pool.get_mysql_connection_pool();
                let mut connection =
                    connect::mysql::connect_to_write(&pool.connect_options()).await?;
                connection.execute("SET SESSION autocommit = 0").await?;
                Connection::MySql(connection)
            }
            _ => {
                let options = self.pool.get_sqlite_connection_pool().connect_options();
                Connection::Sqlite(SqliteConnection::connect_with(&options).await?)
            }
        })
    }

    /// Closes the connection.
    pub(super) async fn close(&mut self) {
        if let Some((connection, _)) = self.connection.take() {
            connection.close().await;
        }
    }
}

fn unreachable_for(time: Duration) -> StoreError {
    let message = format!("no answer within {} s", time.as_secs());
    StoreError::Unavailable(Unavailable::Unreachable(message))
}

impl Connection {
    async fn write(&mut self, rows: &[Row], shard: i16) -> Result<(), Failed> {
        let chosen: Vec<&Row> = rows.iter().collect();
        let inserts = inserts(&chosen);
        let counts = counts(rows);
        match self {
            // One trip holds the commit, too.
            Self::Sqlite(connection) => {
                let tallies = tallies(&chosen, DbBackend::Sqlite, shard);
                write_sqlite(connection, inserts, tallies, &counts, shard)
                    .await
                    .map_err(|error| Failed { error: error.into(), may_be_committed: true })
            }
            Self::MySql(connection) => {
                let tallies = tallies(&chosen, DbBackend::MySql, shard);
                write_mysql(connection, inserts, &tallies, &counts, shard).await
            }
        }
    }

    async fn answers(&mut self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::MySql(connection) => {
                matches!(timeout(CONNECT_TIMEOUT, connection.ping()).await, Ok(Ok(())))
            }
        }
    }

    async fn close(self) {
        let closed = match self {
            Self::Sqlite(connection) => connection.close().await,
            // Where nobody answers, dropping it is all that can be done.
            Self::MySql(connection) => {
                timeout(CONNECT_TIMEOUT, connection.close()).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "the writer's connection did not close cleanly");
        }
    }
}

/// What each form gains, in the order of their ids, so that two nodes do not wait for each other in
/// a ring.
fn counts(rows: &[Row]) -> BTreeMap<Uuid, i64> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| row.counts()) {
        *counts.entry(row.form_id()).or_default() += 1;
    }
    counts
}

const COUNTS: &str = "INSERT INTO submission_counts (form_id,shard,accepted) VALUES ";

async fn write_sqlite(
    connection: &mut SqliteConnection,
    inserts: Vec<Insert>,
    tallies: Vec<Insert>,
    counts: &BTreeMap<Uuid, i64>,
    shard: i16,
) -> Result<(), sqlx::Error> {
    // A text is worth keeping where it will come again soon.
    let usual = inserts.len() == 1 && counts.len() == 1;
    let mut text = "BEGIN IMMEDIATE".to_owned();
    let mut arguments = SqliteArguments::default();
    for insert in inserts.into_iter().chain(tallies) {
        text.push(';');
        text.push_str(&insert.text);
        add(&mut arguments, insert.values)?;
    }
    if !counts.is_empty() {
        text.push(';');
        text.push_str(COUNTS);
        text.push_str(&vec!["(?,?,?)"; counts.len()].join(","));
        text.push_str(
            " ON CONFLICT (form_id,shard) DO UPDATE SET accepted = accepted + excluded.accepted",
        );
        for (form_id, count) in counts {
            let row: [Value; 3] = [(*form_id).into(), i32::from(shard).into(), (*count).into()];
            add(&mut arguments, row)?;
        }
    }
    text.push_str(";COMMIT");
    sqlx::query_with(AssertSqlSafe(text), arguments).persistent(usual).execute(connection).await?;
    Ok(())
}

async fn write_mysql(
    connection: &mut MySqlConnection,
    inserts: Vec<Insert>,
    tallies: &[Insert],
    counts: &BTreeMap<Uuid, i64>,
    shard: i16,
) -> Result<(), Failed> {
    for insert in inserts {
        let mut arguments = MySqlArguments::default();
        add(&mut arguments, insert.values)?;
        let query = sqlx::query_with(AssertSqlSafe(insert.text), arguments);
        match timeout(MYSQL_TIMEOUT, query.execute(&mut *connection)).await {
            Ok(done) => done?,
            Err(_) => return Err(unreachable_for(MYSQL_TIMEOUT).into()),
        };
    }
    // Only numbers and hexadecimal digits stand in the text.
    let mut text = String::new();
    if !counts.is_empty() {
        let counts: Vec<_> = counts
            .iter()
            .map(|(form_id, count)| format!("(x'{}',{shard},{count})", form_id.simple()))
            .collect();
        text.push_str(COUNTS);
        text.push_str(&counts.join(","));
        text.push_str(" ON DUPLICATE KEY UPDATE accepted = accepted + VALUES(accepted);");
    }
    for tally in tallies {
        text.push_str(&with_literals(tally));
        text.push(';');
    }
    text.push_str("COMMIT");
    let query = sqlx::raw_sql(AssertSqlSafe(text));
    let error = match timeout(MYSQL_TIMEOUT, query.execute(connection)).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error.into(),
        Err(_) => unreachable_for(MYSQL_TIMEOUT),
    };
    Err(Failed { error, may_be_committed: true })
}

/// Binds values of the kinds that [`inserts`] holds.
fn add<A>(arguments: &mut A, values: impl IntoIterator<Item = Value>) -> Result<(), sqlx::Error>
where
    A: Arguments,
    Option<i32>: Bound<A::Database>,
    Option<i64>: Bound<A::Database>,
    Option<String>: Bound<A::Database>,
    Option<Vec<u8>>: Bound<A::Database>,
    Option<Uuid>: Bound<A::Database>,
{
    for value in values {
        match value {
            Value::Int(value) => arguments.add(value),
            Value::BigInt(value) => arguments.add(value),
            Value::String(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
            Value::Uuid(value) => arguments.add(value),
            other => Err(format!("no column holds {other:?}").into()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

/// What a database takes as a value.
trait Bound<D: sqlx::Database>: for<'q> Encode<'q, D> + Type<D> + Send + 'static {}

impl<D: sqlx::Database, T: for<'q> Encode<'q, D> + Type<D> + Send + 'static> Bound<D> for T {}
