//! Takes in files and says when each is safe: for tests that kill a process or measure its memory.
//!
//! `taking_in SETTINGS.toml COUNT BYTES one-by-one|at-once`

#![expect(clippy::print_stdout, reason = "its output is what tests read")]

use std::io::Write as _;

use formhold_domain::{Ids as _, RandomIds, UploadId};
use formhold_files::{Files, FilesError, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, settings, count, bytes, manner] = arguments.as_slice() else {
        return Err("four arguments".into());
    };
    let settings: Settings = toml::from_str(&std::fs::read_to_string(settings)?)?;
    let (count, bytes): (usize, usize) = (count.parse()?, bytes.parse()?);
    let files = Files::open(&settings)?;
    if manner == "at-once" {
        // Once before, so that what every process needs is not counted.
        take_in(&files, 100_000).await?;
        let before = peak_kib()?;
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let files = files.clone();
                tokio::spawn(async move { take_in(&files, bytes).await })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        println!("{}", peak_kib()? - before);
        return Ok(());
    }
    for _ in 0..count {
        let (id, sha256) = take_in(&files, bytes).await?;
        println!("{id} {sha256}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

async fn take_in(files: &Files, bytes: usize) -> Result<(UploadId, String), FilesError> {
    let id = UploadId(RandomIds.uuid());
    let mut incoming = files.begin(id).await?;
    let piece: Vec<u8> = id.0.as_bytes().iter().copied().cycle().take(64 << 10).collect();
    let mut left = bytes;
    while left > 0 {
        let count = left.min(piece.len());
        incoming.write(&piece[..count]).await?;
        left -= count;
    }
    Ok((id, incoming.finish().await?.sha256))
}

/// The most memory that this process ever had (`VmHWM`).
fn peak_kib() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
