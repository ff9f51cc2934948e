//! A server under measurement: Formhold itself, or the HTTP side alone.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use crate::{
    database::Database,
    load::Connection,
    process::{Process, run},
    request,
};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_micros(500);

/// Where rate limits are counted. They are never reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limits {
    /// Nowhere.
    Off,
    /// In the server's memory.
    Memory,
    /// In the Redis at this address; with them what else nodes share.
    Redis(String),
}

impl Limits {
    fn settings(&self) -> String {
        let quota = if *self == Self::Off { "off" } else { "1000000/s" };
        let limits = ["submissions", "form_submissions", "login", "login_account"]
            .map(|name| format!("{name} = \"{quota}\"\n"));
        let limits = format!("[limits]\n{}", limits.concat());
        match self {
            Self::Off | Self::Memory => limits,
            Self::Redis(url) => format!("{limits}[redis]\nurl = \"{url}\"\n"),
        }
    }
}

/// A running server.
pub(crate) struct Server {
    process: Process,
    log: PathBuf,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts Formhold on a database with default settings but these limits, without waiting for it.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn formhold(
        binary: &Path,
        database: &Database,
        limits: &Limits,
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        write_settings(database, address, limits)?;
        Self::spawn(formhold(binary, database).arg("serve"), database.folder(), address)
    }

    /// Starts this program as a server that stores nothing.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn http_limit(folder: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        Self::spawn(command.arg("http-limit").arg(address.to_string()), folder, address)
    }

    fn spawn(command: &mut Command, folder: &Path, address: SocketAddr) -> anyhow::Result<Self> {
        let log = folder.join("server.log");
        let process =
            Process::spawn(command.stdout(File::create(&log)?).stderr(File::create(&log)?))?;
        Ok(Self { process, log, address })
    }

    /// Its process's number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What it wrote so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it answers; returns the connection that it answered on.
    ///
    /// # Errors
    /// When it ends or does not answer, with its log.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<Connection> {
        let start = Instant::now();
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && matches!(connection.exchange(&request::livez()).await, Ok(200))
            {
                return Ok(connection);
            }
            if !self.process.runs() || start.elapsed() > PATIENCE {
                anyhow::bail!("the server does not answer; its log:\n{}", self.log());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Stops it as an operator would.
    ///
    /// # Errors
    /// When it does not stop.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.process.stop()
    }
}

/// Makes the form of [`request::FORM`] in a database, and the schema before it.
///
/// # Errors
/// What Formhold says.
pub(crate) fn import_form(binary: &Path, database: &Database) -> anyhow::Result<()> {
    let file = database.folder().join("form.toml");
    std::fs::write(&file, request::FORM)?;
    write_settings(database, free_address()?, &Limits::Off)?;
    run(formhold(binary, database).args(["form", "import"]).arg(file)).map(drop)
}

/// Formhold's program with a database's settings.
pub(crate) fn formhold(binary: &Path, database: &Database) -> Command {
    let mut command = Command::new(binary);
    // Nothing of this process's environment may change the defaults.
    command.env_clear().arg("--config").arg(settings_file(database));
    command
}

fn settings_file(database: &Database) -> PathBuf {
    database.folder().join("formhold.toml")
}

fn write_settings(database: &Database, address: SocketAddr, limits: &Limits) -> anyhow::Result<()> {
    let files = database.folder().join("files");
    let settings = format!(
        "[server]\nlisten = \"{address}\"\n[database]\nurl = \"{}\"\n[files]\nurl = \"file://{}\"\n\
         [mail]\nfolder = \"{}\"\n[auth]\nregistration = \"open\"\n{}",
        database.url,
        files.display(),
        database.folder().join("letters").display(),
        limits.settings()
    );
    ensure!(address.ip().is_loopback(), "only this machine is measured");
    std::fs::write(settings_file(database), settings).context("cannot write the settings")
}

/// An address of this machine that nobody listens on.
///
/// # Errors
/// When there is none.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
