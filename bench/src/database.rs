//! Throw-away databases, and what is read from them beside the measurement.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, QueryResult, Statement};
use tempfile::TempDir;
use url::Url;

/// Where databases are made.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// As files.
    Sqlite {
        /// In folders in this one.
        folder: PathBuf,
    },
    /// On a server.
    MySql {
        /// In folders in this one lies what is no part of the database.
        folder: PathBuf,
        /// The server's address, without a database.
        server: Url,
    },
}

/// A database with a folder of its own.
pub(crate) struct Database {
    folder: TempDir,
    /// Its address, as in Formhold's settings.
    pub(crate) url: String,
}

/// What is the same in all rows.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The version of the form.
    pub(crate) form_version: i32,
    /// Where submissions lie.
    pub(crate) state: String,
    /// The answers, as JSON.
    pub(crate) answers: String,
    /// What else is known, as JSON.
    pub(crate) context: String,
}

impl Place {
    /// What people call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::MySql { .. } => "MariaDB",
        }
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// When that is not allowed.
    pub(crate) async fn make(&self) -> anyhow::Result<Database> {
        let folder =
            |parent: &Path| tempfile::Builder::new().prefix("database_").tempdir_in(parent);
        match self {
            Self::Sqlite { folder: parent } => {
                let folder = folder(parent)?;
                let url = format!("sqlite://{}", folder.path().join("formhold.db").display());
                Ok(Database { folder, url })
            }
            Self::MySql { folder: parent, server } => {
                let folder = folder(parent)?;
                let suffix = folder.path().file_name().context("no name")?.to_string_lossy();
                let name = format!("formhold_bench_{suffix}");
                execute(server.as_str(), &format!("CREATE DATABASE {name}")).await?;
                let mut url = server.clone();
                url.set_path(&name);
                Ok(Database { folder, url: url.into() })
            }
        }
    }

    /// Name and version of the database, and the process that it runs in, if it has one here.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub(crate) async fn version(&self) -> anyhow::Result<(String, Option<u32>)> {
        match self {
            Self::Sqlite { .. } => {
                let row = read("sqlite::memory:", "SELECT sqlite_version() AS version").await?;
                Ok((format!("SQLite {}", row.try_get::<String>("", "version")?), None))
            }
            Self::MySql { server, .. } => {
                let asked = "SELECT VERSION() AS version, @@pid_file AS pid_file";
                let row = read(server.as_str(), asked).await?;
                let file: String = row.try_get("", "pid_file")?;
                let pid = std::fs::read_to_string(file).ok();
                let pid = pid.and_then(|pid| pid.trim().parse().ok());
                Ok((format!("MariaDB {}", row.try_get::<String>("", "version")?), pid))
            }
        }
    }
}

impl Database {
    /// The folder of its own.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many submissions are stored.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn count(&self) -> anyhow::Result<u64> {
        let row = read(&self.url, "SELECT COUNT(*) AS stored FROM submissions").await?;
        Ok(u64::try_from(row.try_get::<i64>("", "stored")?)?)
    }

    /// The id of its form.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn form_id(&self) -> anyhow::Result<Vec<u8>> {
        Ok(read(&self.url, "SELECT id FROM forms LIMIT 1").await?.try_get("", "id")?)
    }

    /// What a row looks like that Formhold stored.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn template(&self) -> anyhow::Result<Template> {
        let columns = "SELECT form_version, state, answers, context FROM submissions LIMIT 1";
        let row = read(&self.url, columns).await?;
        Ok(Template {
            form_version: row.try_get("", "form_version")?,
            state: row.try_get("", "state")?,
            answers: row.try_get("", "answers")?,
            context: row.try_get("", "context")?,
        })
    }

    /// Removes it.
    ///
    /// # Errors
    /// When that is not allowed.
    pub(crate) async fn remove(self) -> anyhow::Result<()> {
        if let Ok(mut url) = Url::parse(&self.url)
            && url.scheme() == "mysql"
        {
            let name = url.path().trim_start_matches('/').to_owned();
            url.set_path("");
            execute(url.as_str(), &format!("DROP DATABASE {name}")).await?;
        }
        self.folder.close().context("the folder cannot be removed")
    }
}

async fn read(url: &str, sql: &str) -> anyhow::Result<QueryResult> {
    let connection = connect(url).await?;
    let row = connection.query_one_raw(statement(&connection, sql)).await;
    connection.close().await?;
    row?.with_context(|| format!("nothing found: {sql}"))
}

async fn execute(url: &str, sql: &str) -> anyhow::Result<()> {
    let connection = connect(url).await?;
    let done = connection.execute_raw(statement(&connection, sql)).await;
    connection.close().await?;
    done?;
    Ok(())
}

async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let connected = sea_orm::Database::connect(url).await;
    connected.with_context(|| format!("cannot connect to {url}"))
}

fn statement(connection: &DatabaseConnection, sql: &str) -> Statement {
    let backend: DbBackend = connection.get_database_backend();
    Statement::from_string(backend, sql)
}
