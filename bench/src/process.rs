//! A process that ends with its owner, and what the kernel says it used.

use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// The kernel counts processor time in these (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;
const PATIENCE: Duration = Duration::from_secs(20);

/// A process of ours.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub(crate) fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        Ok(Self(command.spawn().with_context(|| format!("cannot run `{program}`"))?))
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// Asks it to stop, and waits for that.
    ///
    /// # Errors
    /// When it does not; it is killed then.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        run(Command::new("kill").arg(self.pid().to_string()))?;
        let asked = Instant::now();
        while self.runs() {
            if asked.elapsed() > PATIENCE {
                bail!("process {} does not stop", self.pid());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a program to its end; answers what it printed.
///
/// # Errors
/// When it fails, with what it said.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run `{program}`"))?;
    if !output.status.success() {
        bail!("`{program}` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Processor time of a process so far, user and system, in seconds.
///
/// # Errors
/// When there is no such process.
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; user and system time are the 12th and 13th after it.
    let after_name = stat.rsplit_once(')').context("no name in the process's state")?.1;
    let times = after_name.split_whitespace().skip(11).take(2);
    let ticks = times.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_A_SECOND)
}

/// Processor time of all processes so far, in seconds.
///
/// # Errors
/// When the kernel does not say.
pub(crate) fn cpu_seconds_of_all() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    // user nice system idle iowait irq softirq
    let first = stat.lines().next().context("no processor")?;
    let fields =
        first.split_whitespace().skip(1).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    Ok([0, 1, 2, 5, 6].iter().filter_map(|index| fields.get(*index)).sum::<f64>() / TICKS_A_SECOND)
}

/// Memory of a process in MiB: the most it ever had, and what it has now.
///
/// # Errors
/// When there is no such process.
pub(crate) fn memory_mib(pid: u32) -> anyhow::Result<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    let both = kib("VmHWM:").zip(kib("VmRSS:")).context("no memory in the process's state")?;
    Ok((both.0 / 1024.0, both.1 / 1024.0))
}
