//! A folder that only one process works in.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

/// The file that is locked, in the folder.
pub const FILE: &str = "lock";

/// Looks of [`holder`] at a lock take it for an instant: taking it waits that long.
const PATIENCE: [Duration; 10] = [Duration::from_millis(20); 10];

/// A lock on a folder, until it is dropped or its process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder, which is made where it is missing; `None` where another process has it.
    ///
    /// # Errors
    /// A folder or a file that cannot be made, or a file system without locks.
    pub fn take(folder: &Path) -> std::io::Result<Option<Self>> {
        fs::create_dir_all(folder)?;
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(folder.join(FILE))?;
        for wait in PATIENCE {
            match file.try_lock() {
                Ok(()) => {
                    // For whoever asks; the lock itself is the system's.
                    let _ =
                        file.set_len(0).and_then(|()| write!(file, "process {}{}", std::process::id(), of_machine()));
                    return Ok(Some(Self { _file: file }));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(wait),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Who holds the lock of a folder, in words; `None` if nobody does.
pub fn holder(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Where a locked file cannot be read, nobody knows who has it.
            let _ = file.read_to_string(&mut text);
            Some(if text.is_empty() { "another process".to_owned() } else { text })
        }
        _ => None,
    }
}

fn of_machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { String::new() } else { format!(" on {}", name.trim()) }
}
