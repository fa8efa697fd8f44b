//! A run: steps, measurements and saves, until its end or until somebody asks it to stop.

use core::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use super::folder::{Content, RunFolder, Saved, State};
use super::measuring::Measuring;
use super::reading::{Reading, read};
use super::report::About;
use super::weights::Trained;
use crate::error::{Problem, Problems};
use crate::experiments::llama::Point;
use crate::experiments::scaling::Ending;
use crate::native::cli::Failure;
use crate::native::llama::data::Progress as Place;
use crate::native::llama::folder::Folder;
use crate::native::llama::log::Log;
use crate::platform::now_millis;
use crate::record::BUILD;
use crate::record::llama::Record;
use crate::report::llama::files_of;
use crate::train::language::{FineTuning, FineTuningRecipe, Step};

/// Above this, or no number, a loss has diverged.
pub const DIVERGED: f64 = 1e3;

/// The file of a save that says how far the run is.
const PROGRESS: &str = "progress.json";

/// The file of a save that holds what the optimiser remembers.
pub const MOMENTS: &str = "optimiser.safetensors";

/// The folder of what is trained at measured steps, where it is kept.
pub const STEPS: &str = "steps";

/// Columns of the log, after the step.
pub const COLUMNS: [&str; 6] =
    ["training_loss", "gradient_norm", "learning_rate", "fine_tuning_loss", "forgetting", "kl"];

/// Set when the system asks the program to stop.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// Whether the system has asked the program to stop.
pub fn is_stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub step: u32,
    /// By which build; another may round otherwise.
    pub build: String,
    /// Where in the data.
    pub place: Place,
    pub points: Vec<Point>,
    /// Losses of the steps since the last point.
    pub losses: Vec<f64>,
    /// Spent so far, in all processes.
    pub seconds: f64,
    pub ending: Option<Ending>,
    /// The last step, until it is logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Step>,
}

/// A run under way.
pub struct Run<'a> {
    pub folder: RunFolder,
    pub tuning: FineTuning,
    pub recipe: FineTuningRecipe,
    pub reading: Reading<'a>,
    pub measuring: Measuring<'a>,
    pub trained: Trained,
    /// The base's folder.
    pub base: &'a Folder,
    pub log: Log,
    pub progress: Progress,
    pub bar: ProgressBar,
    /// Steps that are measured, rising; the first and the last are among them.
    pub measured: Vec<u32>,
    pub steps: u32,
    pub save_every: u32,
    /// Whether the adapters of every measured step are kept.
    pub keeps: bool,
    pub about: About,
    /// When this process began, or last added to [`Progress::seconds`].
    pub since: f64,
}

impl Run<'_> {
    /// Goes on to the end.
    ///
    /// # Errors
    /// A stop that was asked for, or what cannot be written; the run is saved and can be carried on.
    pub fn finish(&mut self) -> Result<(), Failure> {
        loop {
            let due = self.is_due();
            if due {
                match self.measure() {
                    Err(Failure::Interrupted(_)) if is_stopped() => return self.stop(),
                    measured => measured?,
                }
            }
            self.log(due && self.progress.ending.is_none())?;
            if self.progress.step >= self.steps {
                self.progress.ending.get_or_insert(Ending::Complete);
            }
            if self.progress.ending.is_some() {
                return self.save();
            }
            let is_old = self.progress.step > self.folder.manifest().step;
            if due || (is_old && self.progress.step.is_multiple_of(self.save_every)) {
                self.save()?;
            }
            if is_stopped() {
                return self.stop();
            }
            self.step()?;
        }
    }

    /// Whether the model as it is is to be measured, and has not been.
    fn is_due(&self) -> bool {
        let step = self.progress.step;
        let is_told = self.progress.points.last().is_some_and(|point| point.step == step);
        !is_told && self.progress.ending.is_none() && self.measured.binary_search(&step).is_ok()
    }

    fn step(&mut self) -> Result<(), Failure> {
        let step = self.progress.step;
        let begun = now_millis();
        let batches = self.reading.step()?;
        let positions: usize = batches.iter().map(|batch| batch.targets.len()).sum();
        let told = self.tuning.step(&self.recipe, batches);
        let seconds = (now_millis() - begun) / 1e3;
        if told.has_diverged {
            self.progress.ending = Some(Ending::Diverged(step));
            return Ok(());
        }
        self.progress.step = step + 1;
        self.progress.losses.push(told.loss);
        self.bar.set_position(u64::from(step) + 1);
        let forgotten = self.progress.points.last().and_then(|point| point.measures.forgetting.as_ref());
        let forgotten = forgotten.map_or_else(String::new, |found| format!(", KL {:.4}", found.kl));
        self.bar.set_message(format!("loss {:.4}{forgotten}, {:.0} tokens/s", told.loss, positions as f64 / seconds));
        self.progress.last = Some(told);
        Ok(())
    }

    /// Measures the model as it is.
    fn measure(&mut self) -> Result<(), Failure> {
        let step = self.progress.step;
        self.bar.set_message(format!("measuring at step {step}"));
        let held_out = self.reading.held_out();
        let pass = self.recipe.pass;
        let fine_tuning_loss = (!held_out.is_empty()).then(|| self.tuning.loss(pass, held_out.iter().cloned()).0);
        let measures = match fine_tuning_loss {
            Some(loss) if !loss.is_finite() => None,
            _ => self.measuring.measure(self.tuning.model())?,
        };
        let Some(measures) = measures else {
            self.progress.ending = Some(Ending::Diverged(step));
            return Ok(());
        };
        let losses = core::mem::take(&mut self.progress.losses);
        let training_loss = (!losses.is_empty()).then(|| losses.iter().sum::<f64>() / losses.len() as f64);
        let [new, replayed] = read(self.reading.place());
        if self.keeps {
            self.folder.leave(&format!("{STEPS}/{step}"), &self.trained.files(self.tuning.model())?)?;
        }
        // Scores of single items are many: those of the last point are kept.
        let before = self.progress.points.last_mut().map(|point| &mut point.measures.tasks);
        let prompts = before.into_iter().flatten().flat_map(|task| &mut task.prompts);
        prompts.for_each(|prompted| prompted.items = Vec::new());
        self.progress.points.push(Point { step, new, replayed, training_loss, fine_tuning_loss, measures });
        Ok(())
    }

    /// A row of the log for the last step, and for the last point if it is of this step.
    fn log(&mut self, has_point: bool) -> Result<(), Failure> {
        let point = self.progress.points.last().filter(|_| has_point);
        if self.progress.last.is_none() && point.is_none() {
            return Ok(());
        }
        let last = self.progress.last.take();
        let told = |of: fn(&Step) -> f64| last.as_ref().map(of);
        let forgetting = point.and_then(|point| point.measures.forgetting.as_ref());
        let row = [
            told(|step| step.loss),
            told(|step| step.gradient_norm),
            told(|step| step.rate),
            point.and_then(|point| point.fine_tuning_loss),
            forgetting.map(|found| found.soft_cross_entropy),
            forgetting.map(|found| found.kl),
        ];
        self.log.row(u64::from(self.progress.step), &row).map_err(|failure| self.folder.resumable(failure))
    }

    fn save(&mut self) -> Result<(), Failure> {
        let now = now_millis();
        self.progress.seconds += (now - core::mem::replace(&mut self.since, now)) / 1e3;
        self.progress.place = self.reading.place().clone();
        self.progress.build = BUILD.to_owned();
        let mut files = self.trained.files(self.tuning.model())?;
        files.insert(MOMENTS.to_owned(), Content::Tensors(self.tuning.optimiser().state()));
        let json = serde_json::to_vec(&self.progress).map_err(|error| Failure::Other(error.to_string()))?;
        files.insert(PROGRESS.to_owned(), Content::Bytes(json));
        self.folder.save(self.progress.step, &files)
    }

    /// Leaves what a finished run leaves.
    ///
    /// # Errors
    /// What cannot be written; the run can be carried on to do it again.
    pub fn leave(mut self) -> Result<Record, Failure> {
        // What training blew up is no result.
        if self.progress.ending == Some(Ending::Complete) {
            let name = if matches!(self.trained, Trained::Adapter(_)) { "adapter" } else { "model" };
            self.folder.leave(name, &self.trained.left(self.tuning.model(), self.base)?)?;
        }
        let record = self.about.record(&self.progress);
        for (name, content) in files_of(&record).map_err(Failure::Other)? {
            self.folder.write(&name, &content)?;
        }
        self.folder.tell(State::Done, None)?;
        Ok(record)
    }

    /// Says that the run came to something that stopping and going on does not mend.
    pub fn tell(&mut self, failure: &Failure) {
        let why = match failure {
            Failure::Other(text) => text.clone(),
            Failure::Input(problems) => problems.to_string(),
            Failure::Interrupted(_) | Failure::No => return,
        };
        // What stopped the run is told all the same.
        let _ = self.folder.tell(State::Failed, Some(why));
    }

    fn stop(&mut self) -> Result<(), Failure> {
        self.save()?;
        self.folder.tell(State::Interrupted, None)?;
        self.bar.finish_and_clear();
        let text = format!(
            "step {} of {} is saved in {}; the same command goes on from there",
            self.progress.step,
            self.steps,
            self.folder.path().display()
        );
        Err(Failure::Interrupted(text))
    }
}

impl Progress {
    /// The last step whose row is in the log.
    pub fn logged(&self) -> Option<u64> {
        match self.last {
            Some(_) => Some(u64::from(self.step) - 1),
            None if self.points.is_empty() => None,
            None => Some(u64::from(self.step)),
        }
    }

    /// That of a save.
    ///
    /// # Errors
    /// One that is missing or cannot be read.
    pub fn read(files: &Saved) -> Result<Self, Failure> {
        let bytes = files.get(PROGRESS).map_or(&[][..], |bytes| bytes);
        serde_json::from_slice(bytes).map_err(|error| {
            let accepted = format!("what was saved ({error}); to begin anew, remove the run's folder");
            Failure::Input(Problems(vec![Problem::new("out", PROGRESS, accepted)]))
        })
    }
}
