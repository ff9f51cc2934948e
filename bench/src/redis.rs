//! A throw-away Redis server, as it comes but without its disk.

use std::{fs::File, path::Path, process::Command, time::Duration};

use anyhow::bail;

use crate::{process::Process, server::free_address};

/// A running server; it ends when this is dropped.
pub(crate) struct Redis {
    _process: Process,
    /// Its address, as the setting `redis.url` takes it.
    pub(crate) url: String,
}

impl Redis {
    /// Starts one on a free port of this machine.
    ///
    /// # Errors
    /// When Redis is not installed, or does not start.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &address.port().to_string()])
            .stdout(File::create(folder.join("redis.log"))?);
        let mut process = Process::spawn(&mut command)?;
        for _ in 0..100 {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(Self { _process: process, url: format!("redis://{address}") });
            }
            if !process.runs() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("Redis does not start")
    }
}
