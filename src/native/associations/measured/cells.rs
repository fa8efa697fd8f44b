//! What is finished of a run, on the disk: a file for each job.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::super::cli::Failure;
use super::super::super::lock::{Lock, holder};
use super::super::super::{files, run};
use super::cannot_write;
use crate::error::{Problem, Problems};
use crate::experiments::associations::{CheckedSpec, Job, Outcome};
use crate::record::link::{run_id, science};

/// The folder of finished jobs, in that of the run.
const FOLDER: &str = "cells";
/// What says whose they are.
const RUN: &str = "run.json";

/// A run's folder, which no other process works in meanwhile.
pub struct Cells {
    folder: PathBuf,
    run_id: String,
    _lock: Lock,
}

#[derive(Serialize, Deserialize)]
struct Whose {
    run_id: String,
    link: String,
}

/// A finished job. In a binary form, since outcomes may have no number.
#[derive(Serialize, Deserialize)]
struct Cell {
    run_id: String,
    job: Job,
    outcome: Outcome,
}

impl Cells {
    /// Opens the folder of a run, or makes it.
    ///
    /// # Errors
    /// A folder of a run of other settings, one that another process works in, or one that cannot be written.
    pub fn open(folder: &Path, spec: &CheckedSpec) -> Result<Self, Failure> {
        let shown = folder.display().to_string();
        let wrong = |accepted: String| Failure::Input(Problems(vec![Problem::new("out", &shown, accepted)]));
        let cells = folder.join(FOLDER);
        let lock = Lock::take(&cells).map_err(|error| cannot_write(&cells, error))?.ok_or_else(|| {
            let who = holder(&cells).unwrap_or_else(|| "another process".to_owned());
            wrong(format!("a folder that nobody works in ({who} does)"))
        })?;
        let run_id = run_id(spec);
        let path = cells.join(RUN);
        if path.exists() {
            let whose: Whose = files::read(&path.display().to_string()).and_then(|text| {
                serde_json::from_str(&text).map_err(|error| wrong(format!("a run's folder ({RUN}: {error})")))
            })?;
            if whose.run_id != run_id {
                return Err(wrong(format!("another folder, since this one holds the run {}", whose.link)));
            }
        } else {
            let whose = Whose { run_id: run_id.clone(), link: format!("#{}", science(spec)) };
            files::replace(&path, run::json(&whose)?.as_bytes()).map_err(|error| cannot_write(&path, error))?;
        }
        Ok(Self { folder: cells, run_id, _lock: lock })
    }

    fn path(&self, job: Job) -> PathBuf {
        self.folder.join(match job {
            Job::Row { task, seed } => format!("row-{task}-seed-{seed}"),
            Job::Prediction { seed } => format!("prediction-seed-{seed}"),
            Job::Replay { task, seed, arm } => format!("replay-{task}-{}-seed-{seed}", arm.name()),
        })
    }

    /// What a job has come to; `None` where it has not been finished.
    ///
    /// # Errors
    /// A file that is none of this run.
    pub fn read(&self, job: Job) -> Result<Option<Outcome>, Failure> {
        let path = self.path(job);
        if !path.exists() {
            return Ok(None);
        }
        let cell = fs::read(&path).ok().and_then(|bytes| postcard::from_bytes::<Cell>(&bytes).ok());
        match cell.filter(|cell| cell.run_id == self.run_id && cell.job == job) {
            Some(cell) => Ok(Some(cell.outcome)),
            None => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let accepted = "a finished job of this run; remove the file and it is measured again";
                let field = format!("{FOLDER}/{name}");
                Err(Failure::Input(Problems(vec![Problem::new(&field, "something else", accepted)])))
            }
        }
    }

    /// Keeps what a job has come to.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, job: Job, outcome: &Outcome) -> Result<(), Failure> {
        let path = self.path(job);
        let cell = Cell { run_id: self.run_id.clone(), job, outcome: outcome.clone() };
        let bytes = postcard::to_stdvec(&cell).map_err(|error| cannot_write(&path, error))?;
        files::replace(&path, &bytes).map_err(|error| cannot_write(&path, error))
    }
}
