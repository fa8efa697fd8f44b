//! TensorBoard's event files: records of TensorFlow (length, masked CRC-32C, bytes, masked CRC-32C), in each a protocol
//! buffer `Event`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::native::cli::Failure;

/// How such files are called, a number behind.
pub const PREFIX: &str = "events.out.tfevents.";

/// What a process of a run tells TensorBoard.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    file: File,
}

impl Events {
    /// A file of its own for each process, as TensorBoard expects; where a run goes on, it begins by saying that all later
    /// steps told before are void.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn open(folder: &Path, resumed: Option<u64>) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::Other(format!("cannot write in {}: {error}", folder.display()));
        let mut last = 0;
        for entry in fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.parse().ok());
            last = last.max(number.unwrap_or(0u64));
        }
        // TensorBoard reads the files of a folder in the order of their names.
        let path = folder.join(format!("{PREFIX}{:010}", last + 1));
        let file = File::create_new(&path).map_err(failed)?;
        let mut events = Self { path, file };
        events.write(&record(&version(now())))?;
        if let Some(step) = resumed {
            events.write(&record(&restarted(now(), step + 1)))?;
        }
        Ok(events)
    }

    /// Tells numbers of a step, by name.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn scalars(&mut self, step: u64, scalars: &[(&str, f64)]) -> Result<(), Failure> {
        self.write(&record(&event(now(), step, scalars)))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let failed = |error| Failure::Other(format!("cannot write {}: {error}", self.path.display()));
        self.file.write_all(bytes).map_err(failed)
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// `Event { wall_time = 1, file_version = 3 }`.
fn version(seconds: f64) -> Vec<u8> {
    let mut event = double(1, seconds);
    event.extend(bytes(3, b"brain.Event:2"));
    event
}

/// `Event { wall_time = 1, step = 2, session_log = 7 { status = 1: START } }`.
fn restarted(seconds: f64, step: u64) -> Vec<u8> {
    let mut event = double(1, seconds);
    event.extend(number(2, step));
    event.extend(bytes(7, &number(1, 1)));
    event
}

/// `Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, simple_value = 2 } ... } }`.
///
/// ```
/// use lethe::native::llama::log::event;
/// assert_eq!(event(0.5, 3, &[("loss", 1.0)]).len(), 26);
/// ```
pub fn event(seconds: f64, step: u64, scalars: &[(&str, f64)]) -> Vec<u8> {
    let mut event = double(1, seconds);
    event.extend(number(2, step));
    let mut summary = Vec::new();
    for (tag, value) in scalars {
        let mut one = bytes(1, tag.as_bytes());
        one.extend(key(2, 5));
        one.extend((*value as f32).to_le_bytes());
        summary.extend(bytes(1, &one));
    }
    event.extend(bytes(5, &summary));
    event
}

/// One record of a file.
pub fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked_crc(&length).to_le_bytes(), data, &masked_crc(data).to_le_bytes()].concat()
}

/// The field's number and the wire's type.
fn key(field: u64, wire: u64) -> Vec<u8> {
    varint(field << 3 | wire)
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [key(field, 0), varint(value)].concat()
}

fn double(field: u64, value: f64) -> Vec<u8> {
    [key(field, 1), value.to_le_bytes().to_vec()].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [key(field, 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// CRC-32C (Castagnoli), turned and shifted as TensorFlow masks it.
fn masked_crc(data: &[u8]) -> u32 {
    let mut crc = !0u32;
    for &byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}
