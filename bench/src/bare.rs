//! The database alone: a bare loop that commits the same rows to the same tables, as fast as plain
//! code can: no HTTP, no checks, prepared statements of many rows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use formhold_domain::{Clock as _, Ids as _, RandomIds, SystemClock};
use sqlx::{
    AssertSqlSafe, Connection as _, Encode, Executor, IntoArguments, MySql, MySqlConnection,
    Sqlite, SqliteConnection, Type,
    query::Query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::database::{Database, Template};

/// How many rows share a commit, and a statement.
pub(crate) const BATCH: usize = 200;
/// How many connections write to MariaDB at the same time; SQLite has one writer.
pub(crate) const MYSQL_WRITERS: i16 = 4;

/// When to end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// After this time.
    Elapsed(Duration),
    /// With this many rows, rounded up to whole batches.
    Rows(u64),
}

struct Job {
    form_id: Vec<u8>,
    template: Template,
    batch: usize,
    until: Until,
    start: Instant,
    written: AtomicU64,
    insert: Arc<str>,
}

/// Makes the schema, if it is not there, and writes; answers how many rows a second were committed.
///
/// # Errors
/// When the database fails, or does not hold what was committed.
pub(crate) async fn write(
    database: &Database,
    template: &Template,
    form_id: Vec<u8>,
    batch: usize,
    until: Until,
) -> anyhow::Result<f64> {
    make_schema(database).await?;
    let before = database.count().await?;
    let job = Arc::new(Job {
        form_id,
        template: template.clone(),
        batch,
        until,
        start: Instant::now(),
        written: AtomicU64::new(0),
        insert: insert_sql(batch).into(),
    });
    match database.url.strip_prefix("sqlite://") {
        Some(path) => sqlite(&job, path).await?,
        None => mysql(&job, &database.url).await?,
    }
    let written = job.written.load(Ordering::Relaxed);
    let elapsed = job.start.elapsed();
    let stored = database.count().await? - before;
    ensure!(stored == written, "{written} rows were committed, but {stored} are there");
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    Ok(written as f64 / elapsed.as_secs_f64())
}

async fn make_schema(database: &Database) -> anyhow::Result<()> {
    let settings = formhold_store::Settings { url: database.url.clone(), max_connections: 1 };
    formhold_store::Store::open(&settings).await?.close().await;
    Ok(())
}

async fn sqlite(job: &Job, path: &str) -> anyhow::Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let add = "INSERT INTO submission_counts (form_id, shard, accepted) VALUES (?, ?, ?) \
               ON CONFLICT (form_id, shard) DO UPDATE SET accepted = accepted + excluded.accepted";
    while job.goes_on() {
        job.write_batch::<Sqlite>(&mut connection, "BEGIN IMMEDIATE", add, 0).await?;
    }
    Ok(connection.close().await?)
}

async fn mysql(job: &Arc<Job>, url: &str) -> anyhow::Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for shard in 0..MYSQL_WRITERS {
        let (job, url) = (Arc::clone(job), url.to_owned());
        // A thread each, as if they were programs of their own.
        tasks.spawn_blocking(move || {
            tokio::runtime::Handle::current().block_on(mysql_writer(&job, &url, shard))
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn mysql_writer(job: &Job, url: &str, shard: i16) -> anyhow::Result<()> {
    let mut connection = MySqlConnection::connect(url).await?;
    let isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    sqlx::query(isolation).execute(&mut connection).await?;
    let add = "INSERT INTO submission_counts (form_id, shard, accepted) VALUES (?, ?, ?) \
               ON DUPLICATE KEY UPDATE accepted = accepted + VALUES(accepted)";
    while job.goes_on() {
        job.write_batch::<MySql>(&mut connection, "BEGIN", add, shard).await?;
    }
    Ok(connection.close().await?)
}

fn insert_sql(rows: usize) -> String {
    let values = vec!["(?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ");
    format!(
        "INSERT INTO submissions (id, form_id, form_version, state, received_at_ms, answers, \
         undeclared, context) VALUES {values}"
    )
}

impl Job {
    fn goes_on(&self) -> bool {
        match self.until {
            Until::Elapsed(limit) => self.start.elapsed() < limit,
            Until::Rows(rows) => self.written.load(Ordering::Relaxed) < rows,
        }
    }

    async fn write_batch<DB>(
        &self,
        connection: &mut DB::Connection,
        begin: &'static str,
        add: &'static str,
        shard: i16,
    ) -> anyhow::Result<()>
    where
        DB: sqlx::Database,
        DB::Arguments: IntoArguments<DB>,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
        for<'q> Vec<u8>: Encode<'q, DB> + Type<DB>,
        for<'q> &'q str: Encode<'q, DB> + Type<DB>,
        for<'q> Option<&'q str>: Encode<'q, DB> + Type<DB>,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> i32: Encode<'q, DB> + Type<DB>,
        for<'q> i16: Encode<'q, DB> + Type<DB>,
    {
        let rows = i64::try_from(self.batch)?;
        let mut transaction = connection.begin_with(begin).await?;
        let mut insert: Query<'_, DB, _> = sqlx::query(AssertSqlSafe(Arc::clone(&self.insert)));
        let now_ms = SystemClock.now_ms();
        for _ in 0..self.batch {
            insert = insert
                .bind(RandomIds.uuid().into_bytes().to_vec())
                .bind(self.form_id.clone())
                .bind(self.template.form_version)
                .bind(self.template.state.as_str())
                .bind(now_ms)
                .bind(self.template.answers.as_str())
                .bind(None::<&str>)
                .bind(self.template.context.as_str());
        }
        insert.execute(&mut *transaction).await?;
        let add: Query<'_, DB, _> = sqlx::query(add);
        add.bind(self.form_id.clone()).bind(shard).bind(rows).execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.written.fetch_add(self.batch as u64, Ordering::Relaxed);
        Ok(())
    }
}
