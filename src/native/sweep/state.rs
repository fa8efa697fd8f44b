//! How far a run is, as its folder says.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::native::cli::Failure;
use crate::native::files;
use crate::native::llama::finetune::{self, Manifest};
use crate::native::lock;

/// What is known of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    NotBegun,
    /// A process works on it.
    Running {
        step: u64,
        steps: u64,
    },
    /// It goes on from here when it is run again.
    Interrupted {
        step: u64,
        steps: u64,
    },
    Done {
        steps: u64,
    },
    Failed {
        reason: String,
    },
}

/// Keeps why a run could not be run, with the run.
pub fn keep(folder: &Path, why: &str) {
    // A folder that cannot be written is among what is told; where the reason is not kept, it has been told all the same.
    let _ = files::write(&folder.join(finetune::REFUSED), why.as_bytes());
}

/// Removes the reason of an earlier time.
///
/// # Errors
/// A file that cannot be removed.
pub fn forget(folder: &Path) -> Result<(), Failure> {
    let path = folder.join(finetune::REFUSED);
    match fs::remove_file(&path) {
        Err(error) if path.exists() => Err(Failure::Other(format!("cannot remove {}: {error}", path.display()))),
        _ => Ok(()),
    }
}

impl State {
    /// The state of the run in a folder. Whether a process works on it is told by the folder's lock: a manifest cannot know
    /// that its process was killed.
    pub fn of(folder: &Path) -> Self {
        let is_held = lock::holder(folder).is_some();
        let manifest = match Manifest::read(folder) {
            Ok(manifest) => manifest,
            Err(_) => return Self::Failed { reason: "its manifest.json cannot be read".to_owned() },
        };
        let [step, steps] = manifest.as_ref().map_or([0, 0], |manifest| [manifest.step, manifest.steps].map(u64::from));
        match manifest {
            Some(Manifest { state: finetune::State::Done, .. }) => Self::Done { steps },
            _ if is_held => Self::Running { step, steps },
            _ if let Ok(reason) = fs::read_to_string(folder.join(finetune::REFUSED)) => {
                Self::Failed { reason: reason.trim().replace('\n', "; ") }
            }
            None => Self::NotBegun,
            Some(Manifest { state: finetune::State::Failed, reason, .. }) => {
                Self::Failed { reason: reason.unwrap_or_else(|| "it does not say why".to_owned()) }
            }
            Some(_) => Self::Interrupted { step, steps },
        }
    }

    /// One word or two.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotBegun => "not begun",
            Self::Running { .. } => "running",
            Self::Interrupted { .. } => "interrupted",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
        }
    }

    /// All that is known, in a few words.
    pub fn told(&self) -> String {
        match self {
            Self::NotBegun | Self::Done { .. } => self.name().to_owned(),
            Self::Running { step, steps } => format!("running, step {step} of {steps}"),
            Self::Interrupted { step, steps } => format!("interrupted at step {step} of {steps}"),
            Self::Failed { reason } => format!("failed: {reason}"),
        }
    }
}
