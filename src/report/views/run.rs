//! One run: the function that was learned, and the losses over time.

use super::spread;
use crate::data::{LABEL_X2, OLD_LABEL_X1, cloud_on_line};
use crate::experiments::job::Job;
use crate::experiments::results::Trace;
use crate::experiments::{CheckedSpec, Ending, Measures, Results};
use crate::figure::loss_over_time::{Divergence, LossOverTime, Phase, PhaseLosses, SeedLosses};
use crate::figure::{Figure, LearnedFunction, Relabelling};
use crate::record::Populations;
use crate::record::population::PhasePopulation;
use crate::record::series::decimal;
use crate::record::summary::CellSummary;
use crate::seed::Seed;
use crate::stats::Quartiles;

/// A moment of a run: a checkpoint of one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub phase: Phase,
    /// Index into the checkpoints of that phase.
    pub checkpoint: usize,
}

/// What the two single-run figures show.
pub struct RunView<'a> {
    pub spec: &'a CheckedSpec,
    pub populations: &'a Populations,
    /// The cell in numbers, for what diverged or stopped.
    pub cell: Option<&'a CellSummary>,
    pub moment: Moment,
    /// The results themselves, where there are any.
    pub results: Option<&'a Results>,
    /// One seed drawn by itself.
    pub seed: Option<u32>,
    /// Every seed drawn faintly.
    pub everyone: bool,
    pub reference: bool,
}

/// How many points of a cloud are drawn.
const POINTS: usize = 48;

impl RunView<'_> {
    fn phase(&self, phase: Phase) -> &PhasePopulation {
        match phase {
            Phase::PreTraining => &self.populations.pretraining,
            Phase::FineTuning => &self.populations.fine_tuning,
        }
    }

    /// The learned function at the moment.
    pub fn function(&self) -> Figure {
        let spec = self.spec;
        // A world on a line is made of these two, whatever their labels.
        let has_clouds = spec.world.inputs_range == (1, 1);
        let points = |class: usize, label: &str| {
            let samples = if has_clouds { POINTS.min(spec.samples as usize) } else { 0 };
            let (centre, seed) = (spec.means[class], Seed::new(u64::from(spec.seeds[0])));
            cloud_on_line(centre, spec.standard_deviation(), samples, seed, label).map(f64::from).collect()
        };
        let shown = self.phase(self.moment.phase);
        let now = shown.functions.get(self.moment.checkpoint).map_or(&[][..], Vec::as_slice);
        let fine_tuning = self.moment.phase == Phase::FineTuning;
        let start = self.populations.fine_tuning.functions.first();
        let before = start.filter(|_| fine_tuning && self.moment.checkpoint > 0);
        let last = self.moment.checkpoint + 1 == shown.steps.len();
        let step = shown.steps.get(self.moment.checkpoint).copied().unwrap_or_default();
        let grid: Vec<f64> = self.populations.grid.iter().map(|&x| decimal(x)).collect();
        LearnedFunction {
            before: before.map_or(Vec::new(), |f| f.iter().map(|q| Some(q.median)).collect()),
            now: (0..grid.len()).map(|k| spread(now.get(k))).collect(),
            now_name: match (fine_tuning, last) {
                (true, true) => "after".to_owned(),
                (true, false) => format!("step {step}"),
                (false, _) => format!("pre-training, step {step}"),
            },
            has_clouds,
            x1: points(0, "x1"),
            x2: points(1, "x2"),
            means: spec.means,
            sd: spec.standard_deviation(),
            x1_old_label: f64::from(OLD_LABEL_X1),
            x1_new_label: spec.new_label,
            x2_label: f64::from(LABEL_X2),
            relabelling: relabelling(spec),
            traces: self.seed.and_then(|seed| self.seed_function(seed)).into_iter().collect(),
            everyone: self.each(|seed| self.seed_function(seed).map(|(_, f)| f)),
            outputs: self.outputs(),
            seeds: self.populations.seeds,
            reference: self.reference,
            grid,
        }
        .figure()
    }

    /// Lowest and highest quartile of the function over the whole run.
    fn outputs(&self) -> Option<[f64; 2]> {
        let functions = self.populations.pretraining.functions.iter().chain(&self.populations.fine_tuning.functions);
        let all = functions.flatten();
        all.fold(None, |range: Option<[f64; 2]>, q| {
            let [low, high] = range.unwrap_or([q.q25, q.q75]);
            Some([low.min(q.q25), high.max(q.q75)])
        })
    }

    fn seed_traces(&self, seed: u32) -> Option<[&Trace; 2]> {
        let traces = self.results?.job(Job { seed, width: self.populations.width })?;
        Some([&traces.pretraining, traces.fine_tuning.get(self.populations.branch)?])
    }

    /// What every seed has, where all are to be seen.
    fn each<T>(&self, of: impl Fn(u32) -> Option<T>) -> Vec<T> {
        if self.everyone { self.spec.seeds.iter().filter_map(|&seed| of(seed)).collect() } else { Vec::new() }
    }

    fn seed_function(&self, seed: u32) -> Option<(String, Vec<Option<f64>>)> {
        let [before, after] = self.seed_traces(seed)?;
        let trace = if self.moment.phase == Phase::FineTuning { after } else { before };
        let step = *self.phase(self.moment.phase).steps.get(self.moment.checkpoint)?;
        let values = trace.at(step)?.function.iter().map(|&y| Some(f64::from(y)));
        Some((format!("seed {seed}"), values.collect()))
    }

    /// Losses over both phases.
    pub fn losses(&self) -> Figure {
        let losses = |phase: &PhasePopulation| {
            let column = |index: usize| phase.measures[index].iter().map(|q| spread(q.as_ref())).collect();
            PhaseLosses {
                steps: phase.steps.iter().map(|&step| step as usize).collect(),
                old_task: column(1),
                new_task: column(0),
                overwritten: if self.spec.world.overwrites { column(2) } else { Vec::new() },
            }
        };
        let steps = self.phase(self.moment.phase).steps.get(self.moment.checkpoint);
        LossOverTime {
            pre_training: losses(&self.populations.pretraining),
            fine_tuning: losses(&self.populations.fine_tuning),
            predicted: self.populations.predicted.as_ref().map(losses).unwrap_or_default(),
            planned_steps: [self.spec.pretraining_steps as usize, self.spec.fine_tuning_steps as usize],
            playhead: steps.map(|&step| (self.moment.phase, step as usize)),
            stopped_at: self.stopped_at(),
            divergence: self.divergence(),
            trace: self.seed.and_then(|seed| self.seed_losses(seed)),
            everyone: self.each(|seed| self.seed_losses(seed)),
            new_tasks: self.spec.stages(),
            seeds: self.populations.seeds,
            reference: self.reference,
        }
        .figure()
    }

    fn stopped_at(&self) -> Option<usize> {
        let stop = |trace: &Trace| match trace.ending {
            Some(Ending::Stopped(step)) => Some(f64::from(step)),
            _ => None,
        };
        let stops: Vec<f64> = self
            .results?
            .of_width(self.populations.width)
            .flatten()
            .filter_map(|traces| stop(traces.fine_tuning.get(self.populations.branch)?))
            .collect();
        Quartiles::of(&stops).map(|q| q.median as usize)
    }

    fn divergence(&self) -> Option<Divergence> {
        let divergences = &self.cell?.divergences;
        let &(_, before, step) = divergences.iter().min_by_key(|&&(_, before, step)| (!before, step))?;
        let phase = if before { Phase::PreTraining } else { Phase::FineTuning };
        Some(Divergence { phase, first_step: step as usize, seeds: divergences.len() })
    }

    fn seed_losses(&self, seed: u32) -> Option<SeedLosses> {
        let traces = self.seed_traces(seed)?;
        let column = |measure: fn(&Measures) -> f32| {
            traces.map(|trace| trace.points.iter().map(|p| f64::from(measure(&p.measures))).collect())
        };
        Some(SeedLosses {
            name: format!("seed {seed}"),
            old_task: column(|m| m.old_loss),
            new_task: column(|m| m.id_loss),
        })
    }
}

/// How the world of a spec gives X1 its new label.
fn relabelling(spec: &CheckedSpec) -> Relabelling {
    if spec.world.takes.contains(&"share") {
        Relabelling::UpTo(spec.means[0] + spec.standard_deviation() * drawn_quantile(spec.share))
    } else if spec.stages() > 1 {
        Relabelling::Gradual
    } else {
        Relabelling::Whole
    }
}

/// The z below which a share of the standard normal distribution lies, as near as a drawing needs it: within 0.00045
/// (Hastings, in Abramowitz & Stegun 26.2.23).
fn drawn_quantile(share: f64) -> f64 {
    let tail = share.min(1.0 - share);
    let t = (-2.0 * libm::log(tail)).sqrt();
    let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    // All or nothing is beyond every point.
    let z = if tail > 0.0 { z } else { 8.0 };
    if share < 0.5 { -z } else { z }
}
