//! A real redis-server for one test, on a free port, without a disk.

use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::free_port;

/// A redis-server of one test; it ends with this.
pub struct RedisServer {
    /// Where it listens, on loopback.
    pub port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
    folder: TempDir,
}

/// True when there is a redis-server; says once what is left out.
pub fn redis_is_there() -> bool {
    static SAID: Once = Once::new();
    let there = ["redis-server", "redis-cli"].iter().all(|program| {
        Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok()
    });
    if !there {
        // Not by a macro: the test runner would swallow it.
        SAID.call_once(|| {
            let _ = writeln!(
                std::io::stderr(),
                "left out: the tests on Redis, because redis-server is not installed"
            );
        });
    }
    there
}

impl RedisServer {
    /// Starts one on a free port.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one on a free port, with more arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_on(free_port(), arguments)
    }

    /// Starts one on this port, with more arguments.
    pub fn start_on(port: u16, arguments: &[&str]) -> Self {
        let mut server = Self::prepare(port, arguments);
        server.restart();
        server
    }

    /// A server that does not run yet.
    pub fn prepare(port: u16, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
        Self {
            port,
            arguments,
            child: None,
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Starts the server again on its port, empty.
    pub fn restart(&mut self) {
        self.kill();
        let log = std::fs::File::create(self.folder.path().join("redis.log")).expect("a log");
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.arguments)
            .stdout(log)
            .stderr(Stdio::inherit())
            .spawn()
            .expect("redis-server starts");
        self.child = Some(child);
        self.wait_for(&["ping"], |answer| answer.contains("PONG") || answer.contains("NOAUTH"));
    }

    /// Its address, as the setting `redis.url` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it ended");
        }
    }

    /// Stops it by SIGSTOP: it holds its connections and answers nothing.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Goes on after [`RedisServer::freeze`].
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().is_ok_and(|it| it.success()));
    }

    /// What redis-cli says to a command.
    pub fn cli(&self, arguments: &[&str]) -> String {
        redis_cli(self.port, arguments)
    }

    /// Asks with redis-cli until the answer is right.
    ///
    /// # Panics
    /// When it is not within 30 seconds.
    pub fn wait_for(&self, arguments: &[&str], right: impl Fn(&str) -> bool) {
        wait_for(self.port, arguments, right);
    }
}

/// What redis-cli says to a command, errors included.
///
/// # Panics
/// When it cannot be run.
#[must_use]
pub fn redis_cli(port: u16, arguments: &[&str]) -> String {
    let output = Command::new("redis-cli")
        .args(["-p", &port.to_string()])
        .args(arguments)
        .output()
        .expect("redis-cli runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Asks with redis-cli until the answer is right.
///
/// # Panics
/// When it is not within 30 seconds.
pub fn wait_for(port: u16, arguments: &[&str], right: impl Fn(&str) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = redis_cli(port, arguments);
        if right(&answer) {
            return;
        }
        assert!(Instant::now() < deadline, "{arguments:?} answers {answer}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
