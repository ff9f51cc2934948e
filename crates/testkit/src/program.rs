//! The real program in a process of its own.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use crate::TestDatabase;

/// A port that was free a moment ago.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port()
}

/// The program with settings for one database and folder.
pub struct Program {
    /// The binary.
    pub binary: PathBuf,
    /// Settings as environment variables.
    pub environment: Vec<(OsString, OsString)>,
    /// Put in front of the command, as `strace -f`.
    pub wrapper: Vec<OsString>,
    /// What [`Program::serve`] runs.
    pub serves_by: Vec<&'static str>,
}

impl Program {
    /// The program at `binary` (tests pass `env!("CARGO_BIN_EXE_formhold")`).
    #[must_use]
    pub fn new(binary: &str, database: &TestDatabase) -> Self {
        Self::with(binary, &database.url, database.folder.path())
    }

    /// As [`Program::new`], for any database and folder.
    #[must_use]
    pub fn with(binary: &str, database_url: &str, folder: &Path) -> Self {
        let pairs = [
            ("FORMHOLD_DATABASE__URL", database_url.to_owned()),
            ("FORMHOLD_FILES__URL", format!("file://{}/files", folder.display())),
            ("FORMHOLD_SERVER__LISTEN", "127.0.0.1:0".to_owned()),
            // All clients of a test have one address.
            ("FORMHOLD_LIMITS__SUBMISSIONS", "off".to_owned()),
            ("FORMHOLD_MAIL__FOLDER", format!("{}/mail", folder.display())),
            ("FORMHOLD_AUTH__PASSWORD_MEMORY_KIB", "7168".to_owned()),
        ];
        let environment =
            pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { binary: binary.into(), environment, wrapper: Vec::new(), serves_by: vec!["serve"] }
    }

    /// Sets or replaces a setting.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Lets `serve` leave jobs to others, so that nothing happens but what a test asks for.
    #[must_use]
    pub fn without_worker(mut self) -> Self {
        self.serves_by = vec!["serve", "--no-worker"];
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.wrapper.iter().cloned().chain([self.binary.clone().into_os_string()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command
            .args(words)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Runs a command to its end, with this text on its standard input.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that wants no input may have closed it.
        let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    /// Starts `serve --demo`, waits for what it prints, and stops it.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn demonstrate(&self) -> String {
        let mut child = self
            .command(&["serve", "--demo"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut printed = String::new();
        for line in BufReader::new(child.stdout.take().expect("standard output"))
            .lines()
            .map_while(Result::ok)
        {
            printed.push_str(&line);
            printed.push('\n');
            if line.contains("formhold export") {
                break;
            }
        }
        Command::new("kill").arg(child.id().to_string()).status().expect("kill");
        child.wait().expect("a child of ours");
        printed
    }

    /// Starts a command that goes on, without waiting for anything that it says.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self
            .command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = child.stderr.take().expect("standard error");
        let (sender, lines) = mpsc::channel();
        // Read to the end, so that the program never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Running { child, address: std::net::SocketAddr::from(([127, 0, 0, 1], 0)), lines }
    }

    /// Starts `serve` and waits until it listens.
    ///
    /// # Errors
    /// What it wrote, when it ended before that.
    pub fn serve(&self) -> Result<Running, String> {
        let mut child = self
            .command(&self.serves_by)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let stderr = child.stderr.take().ok_or("no standard error")?;
        let (sender, lines) = mpsc::channel();
        // Read to the end, so that the program never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut log = String::new();
        while let Ok(line) = lines.recv_timeout(Duration::from_secs(60)) {
            log.push_str(&line);
            log.push('\n');
            if let Some((_, address)) = line.split_once("listening on http://") {
                // In JSON more follows on the same line.
                let of_address = |sign: &char| sign.is_ascii_hexdigit() || ".:[]".contains(*sign);
                let address: String = address.chars().take_while(of_address).collect();
                let address = address.parse().map_err(|error| format!("{error}: {line}"))?;
                return Ok(Running { child, address, lines });
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(log)
    }
}

/// A `serve` that listens. Killed when dropped.
pub struct Running {
    child: Child,
    /// Where it listens; port 0 where it does not.
    pub address: std::net::SocketAddr,
    lines: mpsc::Receiver<String>,
}

impl Running {
    /// The id of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, as `TERM`.
    ///
    /// # Panics
    /// When `kill` is missing.
    pub fn signal(&self, name: &str) {
        Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().expect("kill");
    }

    /// Waits for its end and gives back the exit status and what it logged since it listened.
    ///
    /// # Panics
    /// When it cannot be waited for.
    #[must_use]
    pub fn wait(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("a child of ours");
        (status.code(), self.lines.iter().collect::<Vec<_>>().join("\n"))
    }

    /// True while it runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
