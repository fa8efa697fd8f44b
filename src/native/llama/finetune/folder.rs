//! A run's own folder, in which nothing is lost whenever the program ends.
//!
//! A save is a new folder of files, each synchronised, then renamed; then the manifest, which names it and the digests of
//! its files, replaces the one before; then the save before is removed. Whatever the manifest does not name was never
//! finished.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Problem, Problems};
use crate::model::llama::Stored;
use crate::native::cli::Failure;
use crate::native::llama::log;
use crate::native::llama::tensors::{self, Unwritten};
use crate::native::lock::{self, Lock};
use crate::native::{files, folders};

const MANIFEST: &str = "manifest.json";
const SAVE: &str = "checkpoint-";
/// What may be in a run's folder before its manifest is: its lock, what the base wrote for replay, and the output of the
/// program where a sweep keeps it.
const BEFORE: [&str; 4] = [lock::FILE, super::generated::FILE, "output.log", REFUSED];

/// The file by which a runner of many keeps why a run could not be run.
pub const REFUSED: &str = "failed.txt";

/// What a run writes between its manifest and its first save.
const AT_FIRST: [&str; 3] = ["settings.toml", super::measuring::BASE, log::TABLE];

/// What a run has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It computes, or was killed.
    Running,
    /// It stopped and can be carried on.
    Interrupted,
    /// It cannot be carried on before something is mended.
    Failed,
    Done,
}

/// What is known of a run from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The name of its settings.
    pub run: String,
    pub state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it began, in seconds since 1970.
    pub begun: f64,
    /// SHA-256 of what it reads: data, and what of the model and of evaluation can be told without reading all of it.
    #[serde(default)]
    pub inputs: String,
    /// Steps that are saved.
    pub step: u32,
    /// Steps in all.
    pub steps: u32,
    /// What is saved: names of files and their SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<BTreeMap<String, String>>,
}

/// The folder of a run that this process has for itself.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    manifest: Manifest,
    _lock: Lock,
}

/// What a file is to hold.
pub enum Content {
    Bytes(Vec<u8>),
    Tensors(Vec<Stored>),
}

/// Files to be written, by name.
pub type Files = BTreeMap<String, Content>;

/// The files of a save, mapped into memory, by name.
pub type Saved = BTreeMap<String, Mmap>;

impl RunFolder {
    /// Takes a folder for a run, and removes what an earlier process left unfinished there.
    ///
    /// # Errors
    /// A folder that cannot be written, is another run's, or that another process works in.
    pub fn open(path: &Path, run: &str, begun: f64) -> Result<Self, Failure> {
        let wrong =
            |value: String, accepted: &str| Failure::Input(Problems(vec![Problem::new("out", &value, accepted)]));
        let shown = path.display().to_string();
        let lock = Lock::take(path)
            .map_err(|error| wrong(format!("{shown}: {error}"), "a folder that can be written, with locks"))?;
        let Some(lock) = lock else {
            let who = lock::holder(path).unwrap_or_else(|| "another process".to_owned());
            return Err(Failure::Other(format!("{shown} is being worked in by {who}; two cannot carry on one run")));
        };
        let found = Manifest::read(path)?;
        if found.is_none()
            && let Some(name) = Self::foreign(path).map_err(|error| wrong(error.to_string(), "a folder"))?
        {
            let accepted = format!("a new or an empty folder, or that of this run: {shown} holds {name}");
            return Err(wrong(shown, &accepted));
        }
        let fresh = || Manifest {
            run: run.to_owned(),
            state: State::Running,
            reason: None,
            begun,
            inputs: String::new(),
            step: 0,
            steps: 0,
            checkpoint: None,
        };
        let manifest = found.unwrap_or_else(fresh);
        if manifest.run != run {
            let accepted =
                format!("a folder of this run, {run}, or a new one: {shown} has other settings, in settings.toml");
            return Err(wrong(format!("the folder of run {}", manifest.run), &accepted));
        }
        let folder = Self { path: path.to_owned(), manifest, _lock: lock };
        folder.clean().map_err(|error| folder.failed(&error))?;
        Ok(folder)
    }

    /// Something in a folder that no run has left there before its manifest.
    fn foreign(path: &Path) -> io::Result<Option<String>> {
        for entry in fs::read_dir(path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !BEFORE.contains(&name.as_str()) && !name.ends_with(files::UNFINISHED) {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The files of the last save, if there is one.
    ///
    /// # Errors
    /// A file that is missing, truncated or otherwise not what was saved.
    pub fn saved(&self) -> Result<Option<Saved>, Failure> {
        let Some(digests) = &self.manifest.checkpoint else { return Ok(None) };
        let folder = self.save_of(self.manifest.step);
        let damaged = |name: &str, why: &str| damaged(&self.path, &format!("{SAVE}{}/{name}", self.manifest.step), why);
        let mut files = Saved::new();
        for (name, digest) in digests {
            let bytes = files::mapped(&folder.join(name)).map_err(|error| damaged(name, &error.to_string()))?;
            if *digest != sha256(&bytes) {
                return Err(damaged(name, &format!("its {} bytes are not those that were saved", bytes.len())));
            }
            files.insert(name.clone(), bytes);
        }
        Ok(Some(files))
    }

    /// Saves files as the state after so many steps, in place of those before.
    ///
    /// # Errors
    /// What cannot be written, and from where the run can be carried on.
    pub fn save(&mut self, step: u32, files: &Files) -> Result<(), Failure> {
        let before = self.manifest.checkpoint.is_some().then_some(self.manifest.step);
        // What follows a step is saved once: to write it again would first take away what is there.
        if before == Some(step) {
            return Ok(());
        }
        let save = self.save_of(step);
        self.replace(&save, files)?;
        let digests = files.keys().map(|name| Ok((name.clone(), sha256(&files::mapped(&save.join(name))?))));
        let written = digests.collect::<io::Result<_>>().and_then(|digests| {
            let manifest = Manifest { step, checkpoint: Some(digests), ..self.manifest.clone() };
            self.replace_manifest(manifest)
        });
        written.map_err(|error| self.failed(&error))?;
        if let Some(before) = before {
            fs::remove_dir_all(self.save_of(before)).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    /// Says that the run is under way, of how many steps it is, and what it reads.
    ///
    /// # Errors
    /// As [`Self::save`]; files that have changed since the run began.
    pub fn begin(&mut self, steps: u32, inputs: String) -> Result<(), Failure> {
        if !self.manifest.inputs.is_empty() && self.manifest.inputs != inputs {
            let accepted = "the files that the run began with; to begin anew, remove its folder";
            let value = "data, model or evaluation that have changed since";
            return Err(Failure::Input(Problems(vec![Problem::new("inputs", value, accepted)])));
        }
        (self.manifest.steps, self.manifest.inputs) = (steps, inputs);
        self.tell(State::Running, None)
    }

    /// Says what the run has come to.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub fn tell(&mut self, state: State, reason: Option<String>) -> Result<(), Failure> {
        let manifest = Manifest { state, reason, ..self.manifest.clone() };
        self.replace_manifest(manifest).map_err(|error| self.failed(&error))
    }

    /// Writes a file of the run, at once or not at all.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        files::replace(&self.path.join(name), content).map_err(|error| self.failed(&error))
    }

    /// A file of the run, if it is there.
    ///
    /// # Errors
    /// One that cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(damaged(&self.path, name, &error.to_string())),
        }
    }

    /// Leaves a folder of files, whole or not at all, in the place of one of the same name.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub fn leave(&self, name: &str, files: &Files) -> Result<(), Failure> {
        self.replace(&self.path.join(name), files)
    }

    fn replace(&self, path: &Path, files: &Files) -> Result<(), Failure> {
        let fill = |folder: &Path| {
            files.iter().try_for_each(|(name, content)| match content {
                Content::Bytes(bytes) => fs::write(folder.join(name), bytes).map_err(|error| self.failed(&error)),
                Content::Tensors(stored) => tensors::write(&folder.join(name), stored).map_err(|why| match why {
                    Unwritten::Fault(fault) => Failure::Other(fault.to_string()),
                    Unwritten::System(error) => self.failed(&error),
                }),
            })
        };
        folders::replace(path, fill, &|error| self.failed(&error))
    }

    fn replace_manifest(&mut self, manifest: Manifest) -> io::Result<()> {
        let json = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        files::replace(&self.path.join(MANIFEST), &json)?;
        self.manifest = manifest;
        Ok(())
    }

    /// Removes saves that the manifest does not name, and what was being written.
    fn clean(&self) -> io::Result<()> {
        let named = self.manifest.checkpoint.is_some().then(|| self.save_of(self.manifest.step));
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_save = name.starts_with(SAVE) && Some(&path) != named.as_ref();
            if path.is_dir() && (is_save || name.ends_with(files::UNFINISHED)) {
                fs::remove_dir_all(&path)?;
            } else if name.ends_with(files::UNFINISHED) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn save_of(&self, step: u32) -> PathBuf {
        self.path.join(format!("{SAVE}{step}"))
    }

    fn failed(&self, error: &io::Error) -> Failure {
        self.resumable(Failure::Other(format!("cannot write in {}: {error}", self.path.display())))
    }

    /// A failure after which the run can be carried on, as one that says so; wrong input stays what it is.
    pub fn resumable(&self, failure: Failure) -> Failure {
        let Manifest { step, steps, .. } = &self.manifest;
        match failure {
            Failure::Other(text) => {
                let text = format!("{text}; step {step} of {steps} is saved, the same command goes on from there");
                Failure::Interrupted(text)
            }
            failure => failure,
        }
    }
}

impl Manifest {
    /// That of a run's folder, if it has one.
    ///
    /// # Errors
    /// One that cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        let path = folder.join(MANIFEST);
        match fs::read(&path) {
            // What is no folder is told where it is to become one.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(damaged(folder, MANIFEST, &error.to_string())),
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|error| damaged(folder, MANIFEST, &error.to_string()))
            }
        }
    }
}

/// Takes back what a run has written that wrong input ended before its first save, so that the folder is free for the
/// corrected one.
pub fn withdraw(path: &Path) {
    if !matches!(Manifest::read(path), Ok(Some(Manifest { checkpoint: None, .. }))) {
        return;
    }
    let Ok(Some(_lock)) = Lock::take(path) else { return };
    // The manifest last: without it whatever else is left would be foreign.
    let names = fs::read_dir(path).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let at_first = names.filter(|name| AT_FIRST.contains(&name.as_str()) || name.starts_with(log::EVENTS));
    if at_first.map(|name| fs::remove_file(path.join(name))).all(|removed| removed.is_ok()) {
        let _ = fs::remove_file(path.join(MANIFEST));
    }
}

fn damaged(folder: &Path, name: &str, why: &str) -> Failure {
    let accepted = format!("what was saved ({why}); to begin anew, remove {}", folder.display());
    Failure::Input(Problems(vec![Problem::new("out", name, accepted)]))
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
