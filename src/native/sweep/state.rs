//! How far a run is, as its folder says.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

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

/// `manifest.json` of a run's folder, as far as it matters here.
#[derive(Deserialize)]
struct Manifest {
    step: u64,
    steps: u64,
    state: String,
    reason: Option<String>,
}

impl State {
    /// The state of the run in a folder. Whether a process works on it is told by the folder's lock: a manifest cannot know
    /// that its process was killed.
    pub fn of(folder: &Path) -> Self {
        let held = lock::holder(folder).is_some();
        let manifest = match fs::read(folder.join("manifest.json")) {
            Ok(bytes) => serde_json::from_slice::<Manifest>(&bytes),
            Err(_) if held => return Self::Running { step: 0, steps: 0 },
            Err(_) => return Self::NotBegun,
        };
        match manifest {
            Err(error) => Self::Failed { reason: format!("manifest.json cannot be read: {error}") },
            Ok(Manifest { steps, state, .. }) if state == "done" => Self::Done { steps },
            Ok(Manifest { step, steps, .. }) if held => Self::Running { step, steps },
            Ok(Manifest { state, reason, .. }) if state == "failed" => {
                Self::Failed { reason: reason.unwrap_or_else(|| "it does not say why".to_owned()) }
            }
            Ok(Manifest { step, steps, .. }) => Self::Interrupted { step, steps },
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
