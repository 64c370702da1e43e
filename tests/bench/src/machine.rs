//! What the numbers were measured on.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::statistics::median;

/// Writes whose durability is waited for.
const SYNCS: usize = 200;

/// A machine on a day.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Hardware threads.
    pub cores: usize,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The kernel's release.
    pub kernel: String,
    /// The file system of the data directory.
    pub file_system: String,
    /// The median time of a 4 KiB write and `fdatasync`, in microseconds.
    pub sync_us: f64,
    /// The compiler.
    pub compiler: String,
    /// The day, UTC.
    pub date: String,
}

/// Looks at this machine, and at the disk under a directory.
pub fn look(directory: &Path) -> Result<Machine> {
    Ok(Machine {
        processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: std::thread::available_parallelism()?.get(),
        memory_gib: memory_kib().unwrap_or_default().div_ceil(1 << 20),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
        file_system: file_system(directory)?,
        sync_us: sync_us(directory)?,
        compiler: printed(Command::new("rustc").arg("--version"))?,
        date: printed(Command::new("date").args(["-u", "+%Y-%m-%d"]))?,
    })
}

/// The value of the first `name : value` in a file of the kernel's.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

fn memory_kib() -> Option<u64> {
    field("/proc/meminfo", "MemTotal")?.trim_end_matches(" kB").parse().ok()
}

fn file_system(directory: &Path) -> Result<String> {
    let told = printed(Command::new("df").arg("--output=fstype").arg(directory))?;
    Ok(told.lines().last().unwrap_or_default().to_owned())
}

fn printed(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&command.output()?.stdout).trim().to_owned())
}

fn sync_us(directory: &Path) -> Result<f64> {
    let mut file = File::create(directory.join("sync"))?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(times))
}
