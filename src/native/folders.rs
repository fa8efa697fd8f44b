//! Folders that are whole or not there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::cli::Failure;
use super::files;
use crate::error::{Problem, Problems};

/// Makes a folder of what `fill` writes into the folder that it is given. It appears under its name when every byte is
/// on the disk: whoever is stopped before leaves a sibling with [`files::UNFINISHED`] behind its name, which the next
/// attempt removes.
///
/// # Errors
/// If there is something at its place, and what `fill` says; a sentence with the path if it cannot be written.
pub fn create(path: &Path, fill: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Other(format!("cannot write {}: {error}", path.display()));
    let taken =
        |accepted: &str| Failure::Input(Problems(vec![Problem::new("out", &path.display().to_string(), accepted)]));
    let Some(name) = path.file_name() else { return Err(taken("a folder's name")) };
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => fs::remove_dir(path).map_err(failed)?,
        Ok(false) => return Err(taken("a folder that does not exist yet, or an empty one")),
        Err(_) if fs::symlink_metadata(path).is_ok() => return Err(taken("a folder, not a file")),
        Err(_) => {}
    }
    let partial = path.with_file_name(format!("{}{}", name.to_string_lossy(), files::UNFINISHED));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(failed)?;
    }
    fs::create_dir_all(&partial).map_err(failed)?;
    let filled = fill(&partial).and_then(|()| {
        for entry in fs::read_dir(&partial).map_err(failed)? {
            File::open(entry.map_err(failed)?.path()).and_then(|file| file.sync_all()).map_err(failed)?;
        }
        files::sync_folder(&partial).map_err(failed)?;
        fs::rename(&partial, path).map_err(failed)?;
        path.parent().map_or(Ok(()), files::sync_folder).map_err(failed)
    });
    filled.inspect_err(|_| {
        // What is said counts, not whether there was something to clear away.
        let _ = fs::remove_dir_all(&partial);
    })
}

/// Puts a folder of these files in the place of one that can be made again: whoever is stopped meanwhile leaves the old
/// one, none, or the new one, each file whole.
///
/// # Errors
/// What the system says.
pub fn replace(path: &Path, content: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let above = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(files::UNFINISHED);
    let unfinished = path.with_file_name(name);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir(&unfinished)?;
    for (name, bytes) in content {
        let mut file = File::create(unfinished.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    files::sync_folder(&unfinished)?;
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::rename(&unfinished, path)?;
    files::sync_folder(above)
}
