//! A run in numbers: every cell at its end, three ways to compare scale, and what replay leaves at
//! each width.

mod cells;
mod comparing;
mod left;
mod mitigated;
mod pieces;
mod sequence;
mod ways;

use serde::{Deserialize, Serialize};

pub use self::mitigated::{Escape, MatchedSummary, MitigationSummary};
pub use self::pieces::Summarising;
pub use self::sequence::SequenceSummary;
use self::ways::named;
pub use self::ways::{GoalSummary, WaySummary};
use crate::experiments::{Mitigated, Results, Way};
use crate::stats::{Interval, Quartiles, Slope};

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
    /// Replay fraction, or the mean of the schedule, or the budget.
    pub replay: f64,
    /// How that is spent, where it is one of several ways.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "named")]
    pub way: Option<Way>,
    /// The mitigation, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "named")]
    pub mitigation: Option<Mitigated>,
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
    /// Mean of the losses on both classes at the end of pre-training; where it teaches the old task alone, the loss on
    /// that.
    pub pretraining_loss: Spread,
    pub parameter_distance: Spread,
    /// L2 error of the kernel's prediction of the change of f on the X2 test points, relative to the change;
    /// `None`, as the next two, where the kernel was not asked.
    #[serde(default)]
    pub drift_relative_error: Option<Spread>,
    /// Distance of predicted from measured forgetting, relative to the latter.
    #[serde(default)]
    pub forgetting_relative_error: Option<Spread>,
    /// More of how its prediction fared.
    #[serde(default)]
    pub theory: Option<CellTheory>,
    /// Where seeds diverged: (seed, in pre-training, step).
    pub divergences: Vec<(u32, bool, u32)>,
}

/// How the kernel's prediction fared at the end of fine-tuning, over the seeds of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellTheory {
    /// The change's error of two predictors that know nothing of the kernel's modes; predicting no change has 1.
    pub drift_relative_error_of_constant: Spread,
    pub drift_relative_error_of_first_step: Spread,
    pub predicted_forgetting: Spread,
    /// The largest error of predicted forgetting over the checkpoints.
    pub forgetting_relative_error_largest: Spread,
    /// 1 - CKA of the kernel at the end with the kernel at the start.
    pub kernel_drift: Spread,
    /// Trace of the kernel at the end over that at the start.
    pub kernel_growth: Spread,
    /// Alignment of the kernel with the labels of fine-tuning, before and after.
    pub kernel_alignment_before: Spread,
    pub kernel_alignment: Spread,
}

/// How the gap between prediction and network changes with width, for one replay branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapByWidth {
    pub replay: f64,
    /// Slope of log2 of the drift error on log2 of the width: an exponent. Theory says -1/2 or steeper.
    pub slope: Slope,
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

/// What one replay fraction leaves of the forgetting, over the widths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftByReplay {
    pub replay: f64,
    /// Per width, a seed's forgetting with replay over its forgetting without; seeds that forget
    /// nothing without replay have no such share.
    pub points: Vec<LeftPoint>,
    /// How that share changes with width.
    pub slope: Slope,
}

/// The share of the forgetting left at one width.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftPoint {
    pub width: u32,
    pub share: Option<Quartiles>,
    /// Seeds that have one.
    pub seeds: usize,
}

/// A run in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub cells: Vec<CellSummary>,
    /// One per replay branch; empty where there is one width only.
    pub comparisons: Vec<BranchComparisons>,
    /// One per replay fraction above zero; only where an experiment varies both, and has p = 0.
    #[serde(default)]
    pub left_by_replay: Vec<LeftByReplay>,
    /// One per replay branch; empty where the kernel was not asked, or at one width.
    #[serde(default)]
    pub gap_by_width: Vec<GapByWidth>,
    /// Ways of spending a budget of replay, by what they are judged by; empty where that is not the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "named")]
    pub goals: Vec<GoalSummary>,
    /// One per cell; empty where fine-tuning teaches one task.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "named")]
    pub sequences: Vec<SequenceSummary>,
    /// Mitigations at equal loss on the new task, width by width and level by level; empty where that is not the
    /// question.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "named")]
    pub matched: Vec<MatchedSummary>,
}

impl Summary {
    /// Summarises what is complete so far.
    pub fn of(results: &Results) -> Self {
        let mut summarising = Summarising::new(results);
        while !summarising.is_done() {
            summarising.advance(results);
        }
        summarising.summary()
    }

    /// The replay fraction of a branch.
    pub fn branch_replay(&self, branch: usize) -> Option<f64> {
        let first = self.cells.first()?.width;
        self.cell(first, branch).map(|cell| cell.replay)
    }

    /// The sequence of tasks of a width and branch number; `None` where fine-tuning teaches one task.
    pub fn sequence(&self, width: u32, branch: usize) -> Option<&SequenceSummary> {
        self.sequences.iter().filter(|sequence| sequence.width == width).nth(branch)
    }

    /// The cell of a width and branch number, in the order of the spec.
    pub fn cell(&self, width: u32, branch: usize) -> Option<&CellSummary> {
        self.cells.iter().filter(|cell| cell.width == width).nth(branch)
    }
}
