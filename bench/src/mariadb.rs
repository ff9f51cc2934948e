//! A throw-away MariaDB server with a durable configuration.

use std::{fs::File, path::Path, process::Command, time::Duration};

use anyhow::{Context as _, bail};
use tempfile::TempDir;
use url::Url;

use crate::{
    process::{Process, run},
    server::free_address,
};

/// What decides about durability and memory; the rest is as MariaDB comes.
pub(crate) const SETTINGS: [&str; 2] =
    ["--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=512M"];

/// A running server; it is stopped and its data removed when this is dropped.
pub(crate) struct MariaDb {
    /// Before the folder, so that it ends first.
    process: Process,
    _folder: TempDir,
    /// Its address, without a database.
    pub(crate) url: Url,
}

impl MariaDb {
    /// Starts one on a free port of this machine.
    ///
    /// # Errors
    /// When MariaDB is not installed, or does not start.
    pub(crate) fn start(parent: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mariadb_").tempdir_in(parent)?;
        let data = folder.path().join("data");
        // Started by root, the server runs as its own user, who must reach its folder.
        let am_root = run(Command::new("id").arg("-u"))? == "0";
        let user = if am_root { &["--user=mysql"][..] } else { &[] };
        if am_root {
            run(Command::new("chown").arg("mysql").arg(folder.path()))?;
        }
        let data_option = format!("--datadir={}", data.display());
        run(Command::new("mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(user)
            .arg(&data_option))?;
        let address = free_address()?;
        let log = folder.path().join("server.log");
        let mut command = Command::new("mariadbd");
        command
            .args(["--no-defaults", "--bind-address=127.0.0.1"])
            .args(SETTINGS)
            .args(user)
            .arg(data_option)
            .arg(format!("--port={}", address.port()))
            .arg(format!("--socket={}", folder.path().join("socket").display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        let mut process = Process::spawn(&mut command)?;
        for _ in 0..300 {
            if std::net::TcpStream::connect(address).is_ok() {
                let url = Url::parse(&format!("mysql://root@{address}/"))?;
                return Ok(Self { process, _folder: folder, url });
            }
            if !process.runs() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(&log).context("no log")?;
        bail!("MariaDB does not start; its log:\n{log}")
    }

    /// Stops it in good order.
    ///
    /// # Errors
    /// When it does not stop.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.process.stop()
    }
}
