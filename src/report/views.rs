//! From results, or from the reference, to figures.

use super::sentence::{self, Sentence};
use crate::data::{LABEL_X2, OLD_LABEL_X1, cloud_on_line};
use crate::experiments::job::{Cell, Job};
use crate::experiments::results::Trace;
use crate::experiments::{CheckedSpec, Ending, Measures, Results, Swept};
use crate::figure::forgetting_by_width::{Comparison, ForgettingByWidth};
use crate::figure::loss_over_time::{Divergence, LossOverTime, Phase, PhaseLosses, SeedLosses};
use crate::figure::{
    Figure, ForgettingByReplay, ForgettingMap, FrontLine, GapByWidth, LearnedFunction, MapCell, Measured,
    MitigationFront, Relabelling, Sheet, Spread, TaskMatrix, WidthGap,
};
use crate::record::population::PhasePopulation;
use crate::record::series::decimal;
use crate::record::summary::{self, CellSummary, Escape, MatchedSummary, MitigationSummary, SequenceSummary};
use crate::record::{Populations, Summary};
use crate::seed::Seed;
use crate::stats::sorted_by_key;
use crate::stats::{Interval, Quartiles};

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

fn spread(quartiles: Option<&Quartiles>) -> Spread {
    quartiles.map_or(Spread::MISSING, |q| Spread::new(q.median, q.q25, q.q75))
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

/// Forgetting against width, for one replay branch; `None` where there is one width only.
pub fn by_width(summary: &Summary, branch: usize, current: Option<u32>, reference: bool) -> Option<Figure> {
    let comparisons = summary.comparisons.get(branch)?;
    let points = &comparisons.equal_steps.points;
    let order = sorted_by_key((0..points.len()).collect(), |&index| f64::from(points[index].width));
    let side = |comparison: &summary::Comparison| Comparison {
        verdict: comparison.slope.per_doubling.map(|_| comparison.slope.verdict),
        forgetting: order.iter().map(|&k| spread(comparison.points[k].forgetting.as_ref())).collect(),
        reached: order.iter().map(|&k| comparison.points[k].reached).collect(),
    };
    let missing =
        Comparison { verdict: None, forgetting: vec![Spread::MISSING; order.len()], reached: vec![0; order.len()] };
    let widths: Vec<u32> = order.iter().map(|&k| comparisons.equal_steps.points[k].width).collect();
    let before = |&width: &u32| spread(summary.cell(width, branch).and_then(|c| c.pretraining_loss.quartiles.as_ref()));
    let figure = ForgettingByWidth {
        equal_steps: side(&comparisons.equal_steps),
        equal_loss: side(&comparisons.equal_id_loss),
        equal_time: comparisons.equal_effective_time.as_ref().map_or(missing, side),
        loss_level: comparisons.equal_id_loss.level,
        pre_training_loss: widths.iter().map(before).collect(),
        widths: widths.iter().map(|&width| width as usize).collect(),
        current: current.map(|width| width as usize),
        seeds: comparisons.equal_steps.points.iter().map(|point| point.seeds).max().unwrap_or_default(),
        reference,
    };
    Some(figure.figure())
}

/// Forgetting over width and replay; `None` unless there are several of both. `seeds` is how many each
/// cell will have.
pub fn by_both(summary: &Summary, seeds: usize, current: Option<(u32, f64)>, reference: bool) -> Option<Figure> {
    let sorted = |values: Vec<f64>| {
        let mut sorted = sorted_by_key(values, |&value| value);
        sorted.dedup();
        sorted
    };
    let widths = sorted(summary.cells.iter().map(|cell| f64::from(cell.width)).collect());
    let fractions = sorted(summary.cells.iter().map(|cell| cell.replay).collect());
    let at = |p: f64, width: f64| {
        let cell = summary.cells.iter().find(|cell| cell.replay == p && f64::from(cell.width) == width);
        cell.map_or(MapCell::default(), |cell| MapCell {
            forgetting: spread(cell.forgetting.quartiles.as_ref()),
            seeds: cell.forgetting.n,
            diverged: cell.divergences.len(),
        })
    };
    let figure = ForgettingMap {
        cells: fractions
            .iter()
            .flat_map(|&p| widths.iter().map(move |&width| (p, width)))
            .map(|(p, width)| at(p, width))
            .collect(),
        widths: widths.iter().map(|&width| width as u32).collect(),
        fractions,
        current,
        seeds,
        reference,
    };
    (figure.widths.len() > 1 && figure.fractions.len() > 1).then(|| figure.figure())
}

/// Forgetting against replay at one width; `None` where there is one fraction only, however it is spent.
pub fn by_replay(summary: &Summary, width: u32, current: Option<f64>, reference: bool) -> Option<Figure> {
    let cells: Vec<&CellSummary> = summary.cells.iter().filter(|cell| cell.width == width).collect();
    let figure = ForgettingByReplay {
        points: cells.iter().map(|cell| (cell.replay, spread(cell.forgetting.quartiles.as_ref()))).collect(),
        predicted: cells
            .iter()
            .filter_map(|cell| Some((cell.replay, cell.theory.as_ref()?.predicted_forgetting.quartiles?.median)))
            .collect(),
        current,
        seeds: cells.iter().map(|cell| cell.forgetting.n).max().unwrap_or_default(),
        reference,
    };
    let by_fraction = cells.iter().all(|cell| cell.way.is_none() && cell.mitigation.is_none());
    (cells.len() > 1 && by_fraction).then(|| figure.figure())
}

/// How far the kernel's prediction is off against width, for one replay branch; `None` where it was not asked.
pub fn by_gap(summary: &Summary, branch: usize, current: Option<u32>, reference: bool) -> Option<Figure> {
    let replay = summary.branch_replay(branch)?;
    let cells = summary.cells.iter().filter(|cell| cell.replay == replay && cell.theory.is_some());
    let cells = sorted_by_key(cells.collect(), |cell: &&CellSummary| f64::from(cell.width));
    let gap = |cell: &&CellSummary| {
        let theory = cell.theory.as_ref()?;
        let of = |error: &summary::Spread| spread(error.quartiles.as_ref());
        Some(WidthGap {
            width: cell.width,
            kernel: of(cell.drift_relative_error.as_ref()?),
            constant: of(&theory.drift_relative_error_of_constant),
            first_step: of(&theory.drift_relative_error_of_first_step),
        })
    };
    let slope = summary.gap_by_width.get(branch).map(|gap| gap.slope);
    let figure = GapByWidth {
        widths: cells.iter().filter_map(gap).collect(),
        exponent: slope.and_then(|s| Some((s.per_doubling?, s.interval.map(|i| [i.low, i.high])))),
        current,
        seeds: cells.iter().map(|cell| cell.forgetting.n).max().unwrap_or_default(),
        reference,
    };
    (!figure.widths.is_empty()).then(|| figure.figure())
}

/// Forgetting of every mitigation against the loss on the new task, at one width; `None` where there are none.
pub fn by_mitigation(summary: &Summary, width: u32, reference: bool) -> Option<Figure> {
    let matched: Vec<&MatchedSummary> =
        summary.matched.iter().filter(|of| of.width == width && of.level.is_some()).collect();
    let telling = summary.telling_level(width)?;
    let first = matched.first()?;
    // Of each kind, what forgets least at the level that is spoken of is named, if it escapes.
    let least = |name: &str| {
        let of_kind = telling.mitigations.iter().filter(|of| of.mitigation.mitigation.name == name);
        let escapes = of_kind.filter(|of| of.verdict == Escape::Escapes && of.less_plain.is_some());
        escapes.min_by(|a, b| a.less_plain.unwrap_or(0.0).total_cmp(&b.less_plain.unwrap_or(0.0)))
    };
    let line = |k: usize| {
        let mitigation = first.mitigations[k].mitigation;
        let at: Vec<&MitigationSummary> = matched.iter().map(|of| &of.mitigations[k]).collect();
        FrontLine {
            name: mitigation.to_string(),
            forgetting: at.iter().map(|of| spread(of.forgetting.quartiles.as_ref())).collect(),
            reached: at.iter().map(|of| of.verdict != Escape::Unreached).collect(),
            named: least(mitigation.mitigation.name).is_some_and(|least| least.mitigation == mitigation),
        }
    };
    let figure = MitigationFront {
        levels: matched.iter().filter_map(|of| of.level).collect(),
        plain: FrontLine {
            name: "plain".to_owned(),
            forgetting: matched.iter().map(|of| spread(of.plain.quartiles.as_ref())).collect(),
            reached: vec![true; matched.len()],
            named: true,
        },
        mitigations: (0..first.mitigations.len()).map(line).collect(),
        telling: telling.level,
        seeds: first.plain.n,
        reference,
    };
    (!figure.mitigations.is_empty()).then(|| figure.figure())
}

/// The losses on every task after every task, for one cell; `None` where fine-tuning teaches one.
pub fn by_task(summary: &Summary, cell: Cell, reference: bool) -> Option<Figure> {
    Some(TaskMatrix { reference, ..task_matrix(summary.sequence(cell.width, cell.branch)?) }.figure())
}

/// What the figure of a sequence is made from.
pub(super) fn task_matrix(told: &SequenceSummary) -> TaskMatrix {
    let measured = |spread: &summary::Spread, interval: Option<Interval>| Measured {
        median: spread.quartiles.map(|q| q.median),
        interval: interval.map(|interval| [interval.low, interval.high]),
    };
    TaskMatrix {
        losses: told.matrix.clone(),
        average_forgetting: measured(&told.average_forgetting, told.average_forgetting_interval),
        backward_transfer: measured(&told.backward_transfer, told.backward_transfer_interval),
        plasticity: measured(&told.plasticity, told.plasticity_interval),
        seeds: told.plasticity.n,
        diverged: told.plasticity.diverged,
        reference: false,
    }
}

/// The sheet of figures in files.
pub fn paper() -> Sheet {
    Sheet::file(760.0, 420.0)
}

/// The cell that single-run figures show unless the reader chooses another: width 64 or, where it
/// is not among the widths, the middle one; the first replay fraction.
pub fn focus(spec: &CheckedSpec) -> Cell {
    let middle = spec.widths[spec.widths.len() / 2];
    Cell { width: if spec.widths.contains(&64) { 64 } else { middle }, branch: 0 }
}

/// The sentence of results.
pub fn sentence(results: &Results, summary: &Summary) -> Sentence {
    let cell = focus(&results.spec);
    let complete = results.complete_seeds();
    match summary.cell(cell.width, cell.branch) {
        Some(cell) => sentence::result(summary, &results.spec, cell, complete, results.spec.seeds.len()),
        None => Sentence::default(),
    }
}

/// Every figure that finished results have.
pub fn all(results: &Results, summary: &Summary) -> Vec<Figure> {
    let cell = focus(&results.spec);
    let populations = Populations::of(results, cell);
    let last = populations.fine_tuning.steps.len() - 1;
    let view = RunView {
        spec: &results.spec,
        populations: &populations,
        cell: summary.cell(cell.width, cell.branch),
        moment: Moment { phase: Phase::FineTuning, checkpoint: last },
        results: Some(results),
        seed: None,
        everyone: false,
        reference: false,
    };
    let mut figures = vec![view.function(), view.losses()];
    figures.extend(by_task(summary, cell, false));
    figures.extend(by_width(summary, cell.branch, None, false));
    figures.extend(by_replay(summary, cell.width, None, false));
    if cfg!(feature = "fused") {
        figures.extend(by_mitigation(summary, cell.width, false));
    }
    if results.spec.experiment.predicts() {
        figures.extend(by_gap(summary, cell.branch, None, false));
    } else if results.spec.experiment.swept() == Swept::Both {
        figures.extend(by_both(summary, results.spec.seeds.len(), None, false));
    }
    figures
}
