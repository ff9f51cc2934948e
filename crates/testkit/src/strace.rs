//! `strace` on the real program: logs its system calls, or kills it at a chosen one.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use crate::Running;

/// Where a program is killed: right before one of its system calls is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillPoint {
    /// The system call's name.
    pub call: String,
    /// Only calls on exactly this file or folder count.
    pub path: Option<PathBuf>,
    /// At the how manieth of them, from 1; each thread counts for itself.
    pub when: usize,
}

impl KillPoint {
    /// The arguments of `strace` that kill there.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let Self { call, path, when } = self;
        let mut arguments: Vec<OsString> = vec![
            "-f".into(),
            "-o".into(),
            "/dev/null".into(),
            "-e".into(),
            format!("trace={call}").into(),
            "-e".into(),
            format!("inject={call}:signal=SIGKILL:when={when}").into(),
        ];
        if let Some(path) = path {
            arguments.extend(["-P".into(), path.into()]);
        }
        arguments
    }
}

/// A `strace` that watches a running program. Ends with the program, or when dropped.
pub struct Strace {
    child: Child,
    log: Option<PathBuf>,
}

impl Strace {
    /// True when it is installed and may trace; says once what is left out.
    #[must_use]
    pub fn is_there() -> bool {
        static THERE: OnceLock<bool> = OnceLock::new();
        *THERE.get_or_init(|| {
            let there = can_trace();
            if !there {
                // Not by a macro: the test runner would swallow it.
                let _ = writeln!(
                    std::io::stderr(),
                    "left out: the tests that kill at system calls, because strace cannot trace here"
                );
            }
            there
        })
    }

    /// Kills a program at a point that is counted from now on.
    ///
    /// # Panics
    /// When it cannot be watched.
    #[must_use]
    pub fn kill_at(running: &Running, point: &KillPoint) -> Self {
        let child = attach(running.pid(), &point.arguments()).expect("strace attaches");
        Self { child, log: None }
    }

    /// Logs calls, with the paths of their files, until [`Strace::finish`].
    ///
    /// # Panics
    /// When it cannot be watched.
    #[must_use]
    pub fn log(running: &Running, calls: &[&str], log: &Path) -> Self {
        let calls = format!("trace={}", calls.join(","));
        let arguments =
            ["-f".into(), "-y".into(), "-o".into(), log.into(), "-e".into(), calls.into()];
        let child = attach(running.pid(), &arguments).expect("strace attaches");
        Self { child, log: Some(log.to_owned()) }
    }

    /// Lets the program go and gives back what was logged.
    ///
    /// # Panics
    /// When it cannot be stopped.
    #[must_use]
    pub fn finish(mut self) -> String {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-s", "INT", &pid]).status().expect("kill");
        self.child.wait().expect("a child of ours");
        self.log.take().map_or_else(String::new, |log| std::fs::read_to_string(log).expect("a log"))
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // A tracer that is killed lets its program run on.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns once all threads are watched.
fn attach(pid: u32, arguments: &[OsString]) -> Result<Child, String> {
    let mut child = Command::new("strace")
        .args(arguments)
        .args(["-p", &pid.to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let stderr = child.stderr.take().ok_or("no standard error")?;
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    match lines.next() {
        Some(line) if line.contains(" attached") => {
            // Read to the end, so that it never waits for a full pipe.
            std::thread::spawn(move || lines.for_each(drop));
            Ok(child)
        }
        said => {
            let _ = child.kill();
            let _ = child.wait();
            Err(said.unwrap_or_default())
        }
    }
}

fn can_trace() -> bool {
    let Ok(mut victim) = Command::new("sleep").arg("30").spawn() else { return false };
    let attached = attach(victim.id(), &["-f".into(), "-o".into(), "/dev/null".into()]);
    let there = attached.is_ok();
    if let Ok(mut tracer) = attached {
        let _ = tracer.kill();
        let _ = tracer.wait();
    }
    let _ = victim.kill();
    let _ = victim.wait();
    there
}
