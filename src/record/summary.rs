//! A run in numbers: every cell at its end, and three ways to compare scale.

use serde::{Deserialize, Serialize};

use crate::experiments::job::{Cell, cells};
use crate::experiments::results::{JobTraces, Trace};
use crate::experiments::{Measures, Results};
use crate::metrics::{Track, lowest_common};
use crate::stats::{Interval, Quartiles, Resamples, Slope, Verdict, slope_over_seeds};
use crate::train::OptimiserKind;

/// A measure over the seeds of a cell; in JSON `{median, q25, q75, n, diverged}`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "SpreadJson", into = "SpreadJson")]
pub struct Spread {
    /// `None` where no seed has a value.
    pub quartiles: Option<Quartiles>,
    /// Seeds with a value.
    pub n: usize,
    /// Seeds left out because they diverged.
    pub diverged: usize,
}

/// How JSON writes a [`Spread`]: flat, with null where no seed has a value.
#[derive(Serialize, Deserialize)]
struct SpreadJson {
    median: Option<f64>,
    q25: Option<f64>,
    q75: Option<f64>,
    n: usize,
    diverged: usize,
}

impl From<Spread> for SpreadJson {
    fn from(spread: Spread) -> Self {
        let of = |value: fn(&Quartiles) -> f64| spread.quartiles.as_ref().map(value);
        Self {
            median: of(|q| q.median),
            q25: of(|q| q.q25),
            q75: of(|q| q.q75),
            n: spread.n,
            diverged: spread.diverged,
        }
    }
}

impl From<SpreadJson> for Spread {
    fn from(json: SpreadJson) -> Self {
        let quartiles = match (json.median, json.q25, json.q75) {
            (Some(median), Some(q25), Some(q75)) => Some(Quartiles { median, q25, q75 }),
            _ => None,
        };
        Self { quartiles, n: json.n, diverged: json.diverged }
    }
}

/// One combination of width and replay at the end of fine-tuning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellSummary {
    pub width: u32,
    /// Replay fraction, or the mean of the schedule.
    pub replay: f64,
    pub id_loss: Spread,
    pub ood_loss: Spread,
    /// ID loss just before fine-tuning.
    pub id_loss_before: Spread,
    /// Old-task loss just before fine-tuning.
    pub ood_loss_before: Spread,
    pub overwritten_loss: Spread,
    pub forgetting: Spread,
    /// 95 % bootstrap interval of the median forgetting.
    pub forgetting_interval: Option<Interval>,
    /// Seeds whose forgetting is above zero.
    pub forgot: usize,
    /// Mean of the losses on both classes at the end of pre-training.
    pub pretraining_loss: Spread,
    pub parameter_distance: Spread,
    /// Where seeds diverged: (seed, in pre-training, step).
    pub divergences: Vec<(u32, bool, u32)>,
}

/// What a comparison of widths holds equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldEqual {
    Steps,
    IdLoss,
    EffectiveTime,
}

/// Forgetting at one width of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonPoint {
    pub width: u32,
    pub forgetting: Option<Quartiles>,
    /// Seeds that reach what is held equal.
    pub reached: usize,
    /// Seeds that did not diverge.
    pub seeds: usize,
}

/// Forgetting against width with something held equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub held_equal: HeldEqual,
    /// The ID loss or effective time compared at; `None` for steps, or where there is no common one.
    pub level: Option<f64>,
    pub points: Vec<ComparisonPoint>,
    pub slope: Slope,
    /// Whether some seed is not there at some width: then the seeds compared are a selection.
    pub selective: bool,
}

/// All comparisons of one replay branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchComparisons {
    pub replay: f64,
    pub equal_steps: Comparison,
    /// At the lowest ID loss that nine seeds in ten reach at every width.
    pub equal_id_loss: Comparison,
    /// At the fixed levels [`ID_LEVELS`].
    pub fixed_id_loss: Vec<Comparison>,
    /// At the longest effective time that nine seeds in ten reach at every width; `None` under Adam.
    pub equal_effective_time: Option<Comparison>,
    /// Whether one comparison rises and another falls.
    pub sign_changes: bool,
}

/// ID losses at which widths are also compared.
pub const ID_LEVELS: [f64; 2] = [4e-3, 1e-3];

/// A run in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub cells: Vec<CellSummary>,
    /// One per replay branch; empty where there is one width only.
    pub comparisons: Vec<BranchComparisons>,
}

impl Summary {
    /// Summarises what is complete so far.
    pub fn of(results: &Results) -> Self {
        let branches = results.spec.branches();
        let replay = |branch: usize| branches[branch].mean(results.spec.fine_tuning_steps);
        Self {
            cells: cells(&results.spec).into_iter().map(|cell| summarise(results, cell, replay(cell.branch))).collect(),
            comparisons: if results.spec.widths.len() > 1 {
                (0..branches.len()).map(|branch| compare(results, branch, replay(branch))).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The cell of a width and branch number, in the order of the spec.
    pub fn cell(&self, width: u32, branch: usize) -> Option<&CellSummary> {
        self.cells.iter().filter(|cell| cell.width == width).nth(branch)
    }
}

fn summarise(results: &Results, cell: Cell, replay: f64) -> CellSummary {
    let jobs: Vec<(u32, &JobTraces)> = results
        .spec
        .seeds
        .iter()
        .zip(results.of_width(cell.width))
        .filter_map(|(&seed, traces)| traces.filter(|t| t.is_complete()).map(|t| (seed, t)))
        .collect();
    let divergences: Vec<(u32, bool, u32)> = jobs
        .iter()
        .filter_map(|(seed, traces)| traces.diverged(cell.branch).map(|(before, step)| (*seed, before, step)))
        .collect();
    let spread = |value: &dyn Fn(&JobTraces) -> Option<f64>| {
        let values: Vec<f64> = jobs.iter().filter_map(|(_, traces)| value(traces)).collect();
        Spread { quartiles: Quartiles::of(&values), n: values.len(), diverged: divergences.len() }
    };
    let last = |measure: fn(&Measures) -> f32| {
        spread(&|traces| Some(f64::from(measure(&traces.fine_tuning[cell.branch].last()?.measures))))
    };
    // Of the seeds that reach the end, so that before and after speak of the same seeds.
    let first = |measure: fn(&Measures) -> f32| {
        spread(&|traces| {
            let trace = &traces.fine_tuning[cell.branch];
            trace.last().map(|_| f64::from(measure(&trace.points[0].measures)))
        })
    };
    let forgetting: Vec<f64> = jobs.iter().filter_map(|(_, traces)| traces.forgetting(cell.branch)).collect();
    CellSummary {
        width: cell.width,
        replay,
        id_loss: last(|m| m.id_loss),
        ood_loss: last(|m| m.old_loss),
        id_loss_before: first(|m| m.id_loss),
        ood_loss_before: first(|m| m.old_loss),
        overwritten_loss: last(|m| m.overwritten_loss),
        forgetting: spread(&|traces| traces.forgetting(cell.branch)),
        forgetting_interval: Resamples::of(forgetting.len()).interval_of_median(&forgetting),
        forgot: forgetting.iter().filter(|&&f| f > 0.0).count(),
        pretraining_loss: spread(&|traces| {
            let end = traces.pretraining.last()?.measures;
            Some((f64::from(end.old_loss) + f64::from(end.overwritten_loss)) / 2.0)
        }),
        parameter_distance: last(|m| m.distance),
        divergences,
    }
}

fn track(trace: &Trace) -> Option<Track> {
    trace.last()?;
    let first = f64::from(trace.points[0].measures.old_loss);
    let column = |value: fn(&Measures) -> f32| trace.points.iter().map(move |p| f64::from(value(&p.measures)));
    Some(Track {
        id_loss: column(|m| m.id_loss).collect(),
        forgetting: column(|m| m.old_loss).map(|loss| loss - first).collect(),
        time: column(|m| m.effective_time).collect(),
    })
}

fn compare(results: &Results, branch: usize, replay: f64) -> BranchComparisons {
    let widths = &results.spec.widths;
    // One row per width, one entry per seed.
    let tracks: Vec<Vec<Option<Track>>> = widths
        .iter()
        .map(|&width| results.of_width(width).map(|traces| track(&traces?.fine_tuning[branch])).collect())
        .collect();
    let reach = |value: &dyn Fn(&Track) -> Option<f64>| -> Vec<Vec<f64>> {
        tracks.iter().map(|row| row.iter().flatten().filter_map(value).collect()).collect()
    };
    let at = |held_equal, level: Option<f64>, value: &dyn Fn(&Track) -> Option<f64>| {
        comparison(widths, &tracks, held_equal, level, value)
    };
    let id_level = lowest_common(&reach(&Track::lowest_id_loss));
    let at_id_loss = |level: Option<f64>| at(HeldEqual::IdLoss, level, &|track| track.forgetting_at_id_loss(level?));
    let equal_steps = at(HeldEqual::Steps, None, &|track| track.forgetting.last().copied());
    let equal_id_loss = at_id_loss(id_level);
    let equal_effective_time = (results.spec.optimiser != OptimiserKind::Adam).then(|| {
        // The longest common time is the lowest common level of minus the time.
        let level = lowest_common(&reach(&|track| track.time.last().map(|t| -t))).map(|t| -t);
        at(HeldEqual::EffectiveTime, level, &|track| track.forgetting_at_time(level?))
    });
    let verdicts: Vec<Verdict> = [Some(&equal_steps), Some(&equal_id_loss), equal_effective_time.as_ref()]
        .into_iter()
        .flatten()
        .map(|comparison| comparison.slope.verdict)
        .collect();
    BranchComparisons {
        replay,
        sign_changes: verdicts.contains(&Verdict::Rises) && verdicts.contains(&Verdict::Falls),
        fixed_id_loss: ID_LEVELS.iter().map(|&level| at_id_loss(Some(level))).collect(),
        equal_steps,
        equal_id_loss,
        equal_effective_time,
    }
}

fn comparison(
    widths: &[u32],
    tracks: &[Vec<Option<Track>>],
    held_equal: HeldEqual,
    level: Option<f64>,
    value: &dyn Fn(&Track) -> Option<f64>,
) -> Comparison {
    let values: Vec<Vec<Option<f64>>> =
        tracks.iter().map(|row| row.iter().map(|track| track.as_ref().and_then(value)).collect()).collect();
    let seeds = tracks.first().map_or(0, Vec::len);
    let points: Vec<ComparisonPoint> = widths
        .iter()
        .enumerate()
        .map(|(index, &width)| {
            let there: Vec<f64> = values[index].iter().flatten().copied().collect();
            ComparisonPoint {
                width,
                forgetting: Quartiles::of(&there),
                reached: there.len(),
                seeds: tracks[index].iter().flatten().count(),
            }
        })
        .collect();
    let by_seed: Vec<Vec<Option<f64>>> = (0..seeds).map(|seed| values.iter().map(|row| row[seed]).collect()).collect();
    let as_numbers: Vec<f64> = widths.iter().map(|&width| f64::from(width)).collect();
    Comparison {
        held_equal,
        level,
        selective: points.iter().any(|point| point.reached < seeds),
        points,
        slope: slope_over_seeds(&as_numbers, &by_seed),
    }
}
