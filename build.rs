//! Names the build by its content: `LETHE_BUILD` is the version and a hash of everything that the
//! compiler reads, such as `0.1.0-3f9a01c2`.
//!
//! Page, worker and command line made from the same sources carry the same name, with or without
//! git, on every machine and on every day; that is what the page compares when a worker answers,
//! and what a link's `b` says. The hash is FNV-1a: it tells builds apart, it guards nothing.

#![allow(clippy::disallowed_methods, reason = "runs on the machine that builds, whatever it builds for")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const INPUTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "src"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for input in INPUTS {
        println!("cargo:rerun-if-changed={input}");
        if Path::new(input).exists() {
            collect(Path::new(input), &mut files)?;
        }
    }
    files.sort();

    let mut hash = Fnv::new();
    for file in files {
        // The path as written on Unix, then the text with Unix line ends: equal on every system.
        hash.add(file.to_string_lossy().replace('\\', "/").as_bytes());
        hash.add(&[0]);
        let content = fs::read(&file)?;
        for byte in content.iter().filter(|byte| **byte != b'\r') {
            hash.add(&[*byte]);
        }
        hash.add(&[0]);
    }
    let version = std::env::var("CARGO_PKG_VERSION").map_err(io::Error::other)?;
    println!("cargo:rustc-env=LETHE_BUILD={version}-{:08x}", hash.folded());
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_path_buf());
    }
    Ok(())
}

struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn folded(&self) -> u32 {
        let [a, b, c, d, e, f, g, h] = self.0.to_be_bytes();
        u32::from_be_bytes([a, b, c, d]) ^ u32::from_be_bytes([e, f, g, h])
    }
}
