//! What the kernel of one network says, told: figures, statements, and the schedules that it prescribes.

mod figures;
mod statements;

use crate::experiments::analysis::Analysis;
use crate::experiments::analysis::NoPlan;
use crate::experiments::analysis::course::Curve;
use crate::experiments::analysis::prescription::Terms;
use crate::experiments::analysis::spectrum::Spectrum;
use crate::experiments::{CheckedSpec, Job};
use crate::figure::{Figure, Table};
use crate::kernel::optimum::{Objective, Outcome};
use crate::report::Statement;

/// One network, analysed, with what training makes of it beside the predictions.
///
/// ```
/// use lethe::experiments::{Experiment, Job, Spec, limits::Limits};
/// use lethe::report::theory::TheoryReport;
/// let mut spec = Spec::defaults(Experiment::default());
/// (spec.samples, spec.pretraining_steps, spec.fine_tuning_steps) = (8, 200, 40);
/// let report = TheoryReport::of(&spec.check(&Limits::PAGE)?, Job { seed: 0, width: 64 })?;
/// let outcome = report.foreseen(&[0.0, 0.2])?;
/// assert!(outcome.old_task_end < report.foreseen(&[0.0, 0.0])?.old_task_end);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TheoryReport {
    analysis: Analysis,
    /// Replay fractions, rising, with the old task's curves.
    courses: Vec<Compared>,
    /// At [`SPECTRA`].
    spectra: Vec<Spectrum>,
}

/// One constant replay fraction.
pub(super) struct Compared {
    replay: f64,
    predicted: Curve,
    measured: Curve,
}

/// A schedule, told.
pub struct Scheduled {
    pub outcome: Outcome,
    /// Of the same budget spent evenly.
    pub uniform: Outcome,
    pub figure: Figure,
}

/// Replay fractions that are shown whatever the spec asks.
const FRACTIONS: [f64; 5] = [0.0, 0.001, 0.01, 0.1, 0.5];
/// Replay fractions whose spectra are shown beside that of the chosen one.
const SPECTRA: [f64; 2] = [0.0, 0.5];
/// Fractions of the spec that are shown beside them.
const OF_SPEC: usize = 4;
/// Budgets of the Pareto front.
pub const BUDGETS: [f64; 5] = [0.001, 0.003, 0.01, 0.03, 0.1];

impl TheoryReport {
    /// Pre-trains the network, takes its kernel, predicts its fine-tuning at several replay fractions and trains it there.
    ///
    /// # Errors
    /// As [`Analysis::of`].
    pub fn of(spec: &CheckedSpec, job: Job) -> Result<Self, NoPlan> {
        let analysis = Analysis::of(spec, job)?;
        let mut fractions = FRACTIONS.to_vec();
        fractions.extend(spec.replay.iter().take(OF_SPEC));
        fractions.sort_by(f64::total_cmp);
        fractions.dedup();
        let courses = compared(&analysis, &fractions)?;
        let spectra = SPECTRA.into_iter().map(|replay| analysis.spectrum(replay)).collect::<Result<_, NoPlan>>()?;
        Ok(Self { analysis, courses, spectra })
    }

    /// The numbers behind it.
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// `kernel-map`, `spectrum`, `modes` and `replay-over-time` with a replay fraction as the chosen one. A figure that
    /// the theory has no numbers for is left out; the statements say why.
    pub fn figures(&self, replay: f64) -> Vec<Figure> {
        figures::all(self, replay)
    }

    /// What is known in closed form, in sentences with their numbers, at a replay fraction. Where there is none the
    /// sentence says why.
    pub fn statements(&self, replay: f64) -> Vec<Statement> {
        statements::all(&self.analysis, replay)
    }

    /// Every mode above rounding, as the table of the figure `modes` has the first of them.
    ///
    /// # Errors
    /// A fraction outside 0 to 1; a prediction that overflows.
    pub fn mode_table(&self, replay: f64) -> Result<Table, NoPlan> {
        let modes = self.analysis.modes(replay)?;
        Ok(figures::mode_shares(&self.analysis, &modes, replay, usize::MAX)?.table)
    }

    /// `pareto`: the least that each objective can be predicted to come to, by budget.
    ///
    /// # Errors
    /// Terms that are none; a learning rate beyond the stability bound.
    pub fn front(&self, terms: Terms) -> Result<Figure, NoPlan> {
        figures::pareto(&self.analysis, terms)
    }

    /// Replay fractions of equal segments that the kernel prescribes.
    ///
    /// # Errors
    /// As [`Analysis::prescribed`].
    pub fn prescribed(&self, objective: Objective, terms: Terms) -> Result<Vec<f64>, NoPlan> {
        self.analysis.prescribed(objective, terms)
    }

    /// The best constant replay fraction.
    ///
    /// # Errors
    /// As [`Analysis::best_constant`].
    pub fn best_constant(&self, objective: Objective, id_slack: f64) -> Result<f64, NoPlan> {
        self.analysis.best_constant(objective, id_slack)
    }

    /// What the fractions of equal segments come to.
    ///
    /// # Errors
    /// As [`Analysis::foreseen`].
    pub fn foreseen(&self, fractions: &[f64]) -> Result<Outcome, NoPlan> {
        self.analysis.foreseen(fractions)
    }

    /// `schedule`: the fractions of equal segments, and the losses predicted under them.
    ///
    /// # Errors
    /// As [`TheoryReport::schedule`].
    pub fn schedule_figure(&self, fractions: &[f64]) -> Result<Figure, NoPlan> {
        Ok(self.schedule(fractions)?.figure)
    }

    /// What the fractions of equal segments come to, beside the same budget spent evenly, with the figure
    /// `schedule`: all that a reader sees who drags a schedule, as fast as can be.
    ///
    /// # Errors
    /// As [`Analysis::course`]; a fraction outside 0 to 1.
    pub fn schedule(&self, fractions: &[f64]) -> Result<Scheduled, NoPlan> {
        figures::schedule(&self.analysis, fractions)
    }

    /// The predicted and the trained curve at each replay fraction.
    pub(super) fn courses(&self) -> &[Compared] {
        &self.courses
    }
}

/// The curves at rising fractions, at most 16.
fn compared(analysis: &Analysis, fractions: &[f64]) -> Result<Vec<Compared>, NoPlan> {
    let measured = analysis.measured(fractions)?;
    let pair = |(&replay, measured)| Ok(Compared { replay, predicted: analysis.predicted(replay)?, measured });
    fractions.iter().zip(measured).map(pair).collect()
}
