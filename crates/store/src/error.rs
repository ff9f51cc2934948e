//! What can go wrong in the database, as far as callers act on it.

use sea_orm::{DbErr, RuntimeErr};
use thiserror::Error;

/// An error of the store. That something is absent is none: queries answer `Option`.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// Something that must be unique exists already.
    #[error("the database refused a second row: {constraint}")]
    Conflict {
        /// The database's words, which name the constraint.
        constraint: String,
    },
    /// The database cannot serve now; trying again later may work.
    #[error("{0}")]
    Unavailable(Unavailable),
    /// The database must not be used as it is; the text says what to do.
    #[error("{0}")]
    Unusable(String),
    /// Anything else.
    #[error("database: {0}")]
    Other(String),
}

/// Why the database cannot serve now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unavailable {
    /// More work is waiting than is taken in.
    #[error("the queue of the writer is full")]
    QueueFull,
    /// No space on the database's disk.
    #[error("the database's disk is full")]
    DiskFull,
    /// Another transaction was in the way for too long, or more than once.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// It cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// It can no longer be trusted with data; the process is about to end.
    #[error("the database failed: {0}")]
    Broken(String),
}

impl StoreError {
    /// True when the same transaction may succeed if it is run again now.
    pub(crate) fn is_worth_another_try(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Unavailable(Unavailable::Busy(_)))
    }

    /// True when the fault is in the data of this very transaction.
    pub(crate) fn is_about_the_data(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Other(_))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => {
                Self::Unavailable(Unavailable::Unreachable(error.to_string()))
            }
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => Self::from_sqlx(cause),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl StoreError {
    /// Sorts an error of the driver. SQLite's codes: <https://sqlite.org/rescode.html>; MySQL's:
    /// <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>.
    pub(crate) fn from_sqlx(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(cause) = error else {
            return Self::Unavailable(Unavailable::Unreachable(error.to_string()));
        };
        let message = cause.message().to_owned();
        if cause.is_unique_violation() {
            return Self::Conflict { constraint: message };
        }
        if let Some(mysql) = cause.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            return match mysql.number() {
                // Lock wait timeout, deadlock, record changed since last read.
                1205 | 1213 | 1020 => Self::Unavailable(Unavailable::Busy(message)),
                // Disk full, table full.
                1021 | 1114 => Self::Unavailable(Unavailable::DiskFull),
                // Too many connections, shutting down, read-only, killed, access denied.
                1040 | 1053 | 1290 | 1792 | 1836 | 1927 | 3100 | 1317 | 1044 | 1045 | 1049 => {
                    Self::Unavailable(Unavailable::Unreachable(message))
                }
                _ => Self::Other(message),
            };
        }
        let code: i32 = cause.code().and_then(|code| code.parse().ok()).unwrap_or_default();
        match code & 0xff {
            5 | 6 => Self::Unavailable(Unavailable::Busy(message)),
            13 => Self::Unavailable(Unavailable::DiskFull),
            // I/O error, corrupt, not a database: never write again after these.
            10 | 11 | 26 => {
                Self::Unavailable(Unavailable::Broken(format!("{message} (SQLite code {code})")))
            }
            // Read-only, cannot open.
            8 | 14 => Self::Unavailable(Unavailable::Unreachable(message)),
            _ => Self::Other(message),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::from_sqlx(&error)
    }
}
