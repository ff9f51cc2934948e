//! What the numbers were measured on.

use std::{fs::File, os::unix::fs::FileExt as _, path::Path, process::Command, time::Instant};

use crate::{process::run, stats::median};

/// Lines of Markdown about the machine.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn describe(folder: &Path) -> anyhow::Result<Vec<String>> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.unwrap_or("unknown").trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism()?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let file_system = run(Command::new("findmnt").args(["-no", "FSTYPE", "-T"]).arg(folder))?;
    Ok(vec![
        format!("Machine: {model}, {cores} cores, Linux {}", kernel.trim()),
        format!("Data: {file_system}, a synced write of 64 KiB takes {:.2} ms", sync_ms(folder)?),
    ])
}

/// The median time of a 64 KiB write with `fdatasync`, in milliseconds.
fn sync_ms(folder: &Path) -> anyhow::Result<f64> {
    let bytes = vec![7; 65_536];
    let path = folder.join("sync");
    let file = File::create(&path)?;
    let mut times = Vec::new();
    for index in 0..200 {
        let start = Instant::now();
        file.write_all_at(&bytes, index * 65_536)?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    std::fs::remove_file(path)?;
    Ok(median(times))
}
