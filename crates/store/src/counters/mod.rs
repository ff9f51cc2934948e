//! Numbers that are kept as things happen, so that nobody has to count rows: how many submissions
//! came in which hour, how many lie in which folder, how much the files take.
//!
//! Each number is the sum of shards, so that nodes do not wait for each other's rows.

mod check;
mod moves;
mod read;

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value, sea_query::Values};

pub use check::{CounterDifference, CounterKind};
pub(crate) use moves::{leaving, moved};
pub use read::{FormTally, HourTally, Tally};

/// An hour in milliseconds.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// The shard of corrections and moves; the writers have those from 1 on.
pub(crate) const SHARED_SHARD: i32 = 0;

/// A table to add to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Add {
    /// `form_id`, `hour`, `shard`, `accepted`, `spam`, `refused`.
    Hours,
    /// `form_id`, `state`, `shard`, `submissions`.
    Places,
    /// `form_id`, `shard`, `files`, `bytes`.
    Files,
}

impl Add {
    /// The statement that adds these rows to those that are there; none without rows.
    pub(crate) fn statement(
        self,
        backend: DbBackend,
        rows: Vec<Vec<Value>>,
    ) -> Option<(String, Vec<Value>)> {
        let (table, key, sums): (_, &[&str], &[&str]) = match self {
            Self::Hours => (
                "submission_hours",
                &["form_id", "hour", "shard"],
                &["accepted", "spam", "refused"],
            ),
            Self::Places => ("submission_places", &["form_id", "state", "shard"], &["submissions"]),
            Self::Files => ("stored_files", &["form_id", "shard"], &["files", "bytes"]),
        };
        if rows.is_empty() {
            return None;
        }
        let row = format!("({})", vec!["?"; key.len() + sums.len()].join(","));
        let mut text = format!(
            "INSERT INTO {table} ({}) VALUES {}",
            [key, sums].concat().join(","),
            vec![row; rows.len()].join(",")
        );
        let sum = |column: &&str| match backend {
            DbBackend::MySql => format!("{column} = {column} + VALUES({column})"),
            _ => format!("{column} = {column} + excluded.{column}"),
        };
        match backend {
            DbBackend::MySql => text.push_str(" ON DUPLICATE KEY UPDATE "),
            _ => text.push_str(&format!(" ON CONFLICT ({}) DO UPDATE SET ", key.join(","))),
        }
        text.push_str(&sums.iter().map(sum).collect::<Vec<_>>().join(", "));
        Some((text, rows.into_iter().flatten().collect()))
    }

    /// Adds these rows.
    pub(crate) async fn execute(
        self,
        connection: &impl ConnectionTrait,
        rows: Vec<Vec<Value>>,
    ) -> Result<(), crate::StoreError> {
        let db_backend = connection.get_database_backend();
        if let Some((sql, values)) = self.statement(db_backend, rows) {
            let statement = Statement { sql, values: Some(Values(values)), db_backend };
            connection.execute_raw(statement).await?;
        }
        Ok(())
    }
}
