//! Folders that are whole or not there.

use std::fs::{self, File};
use std::io;
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
    if path.file_name().is_none() {
        return Err(taken("a folder's name"));
    }
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => fs::remove_dir(path).map_err(failed)?,
        Ok(false) => return Err(taken("a folder that does not exist yet, or an empty one")),
        Err(_) if fs::symlink_metadata(path).is_ok() => return Err(taken("a folder, not a file")),
        Err(_) => {}
    }
    replace(path, fill, &failed)
}

/// Puts a folder of what `fill` writes in the place of one that can be made again: whoever is stopped meanwhile leaves the
/// old one, none, or the new one, each file whole.
///
/// # Errors
/// What `fill` says, and what the system says, as `failed` tells it; what was written until then is removed.
pub fn replace(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Failure>,
    failed: &impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let above = path.parent().unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(files::UNFINISHED);
    let unfinished = path.with_file_name(name);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(failed)?;
    }
    fs::create_dir_all(&unfinished).map_err(failed)?;
    let made = fill(&unfinished).and_then(|()| appear(&unfinished, path, above).map_err(failed));
    made.inspect_err(|_| {
        // What is said counts, not whether there was something to clear away.
        let _ = fs::remove_dir_all(&unfinished);
    })
}

/// Takes a filled folder to its place once all of it is on the disk.
fn appear(unfinished: &Path, path: &Path, above: &Path) -> io::Result<()> {
    for entry in fs::read_dir(unfinished)? {
        File::open(entry?.path())?.sync_all()?;
    }
    files::sync_folder(unfinished)?;
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::rename(unfinished, path)?;
    files::sync_folder(above)
}
