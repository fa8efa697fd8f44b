//! Per-seed series as records hold them: one column per measure.

use serde::{Deserialize, Serialize, Serializer};

use super::verdict::largest_difference;
use crate::error::Problem;
use crate::experiments::curriculum::{Losses, OverTime, Spending};
use crate::experiments::event::TaskLosses;
use crate::experiments::results::{JobTraces, Trace};
use crate::experiments::{Branch, Ending, Gap, Measures, Mitigated, Prediction, Way};
use crate::train::ReplaySchedule;

/// One phase of one network as columns over its checkpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Columns {
    /// Replay fraction of the branch; absent for pre-training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<f64>,
    /// How the branch spends its replay; absent where `replay` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// The mitigation of the branch; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<Mitigated>,
    pub ending: Option<Ending>,
    pub steps: Vec<u32>,
    #[serde(serialize_with = "as_decimals")]
    pub id_loss: Vec<f32>,
    #[serde(serialize_with = "as_decimals")]
    pub ood_loss: Vec<f32>,
    #[serde(serialize_with = "as_decimals")]
    pub overwritten_loss: Vec<f32>,
    #[serde(serialize_with = "as_decimals")]
    pub mean_x1: Vec<f32>,
    #[serde(serialize_with = "as_decimals")]
    pub mean_x2: Vec<f32>,
    #[serde(serialize_with = "as_decimals")]
    pub parameter_distance: Vec<f32>,
    #[serde(serialize_with = "as_decimals")]
    pub effective_time: Vec<f32>,
}

impl Columns {
    /// The columns in the order of [`Measures::NAMES`].
    pub fn measures(&self) -> [&[f32]; 7] {
        [
            &self.id_loss,
            &self.ood_loss,
            &self.overwritten_loss,
            &self.mean_x1,
            &self.mean_x2,
            &self.parameter_distance,
            &self.effective_time,
        ]
    }
}

/// The number whose shortest text is also the shortest text of `value`: what every writer of JSON,
/// a browser's included, writes as few digits and reads back to the same bits.
///
/// ```
/// use lethe::record::series::decimal;
/// assert_eq!(decimal(0.1), 0.1);
/// assert_eq!(decimal(0.1) as f32, 0.1);
/// ```
pub fn decimal(value: f32) -> f64 {
    crate::decimal::read(&value.to_string()).unwrap_or(f64::from(value))
}

/// Writes numbers as [`decimal`]s.
pub(super) fn as_decimals<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().copied().map(decimal))
}

/// Everything measured on one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSeries {
    pub seed: u32,
    pub width: u32,
    pub pretraining: Columns,
    pub fine_tuning: Vec<Columns>,
    /// The branches as the kernel predicts them; absent where it was not asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicted: Vec<Columns>,
    /// How far the predictions were from the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<GapColumns>,
    /// How the branches spend their budget; absent where that is not the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spending: Vec<BranchSpending>,
    /// The losses on all tasks along each branch; absent where fine-tuning teaches one task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<BranchTasks>,
}

/// The losses on all tasks along one branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchTasks {
    pub replay: f64,
    /// Steps of fine-tuning at which they were measured: before it, and where each new task ends.
    pub steps: Vec<u32>,
    /// One row per step, one number per task, the old one first.
    pub losses: Vec<TaskRow>,
}

/// A row of losses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskRow(#[serde(serialize_with = "as_decimals")] pub Vec<f32>);

impl BranchTasks {
    fn of(looks: &[TaskLosses], replay: f64) -> Self {
        Self {
            replay,
            steps: looks.iter().map(|look| look.step).collect(),
            losses: looks.iter().map(|look| TaskRow(look.losses.clone())).collect(),
        }
    }
}

/// How one branch spends its budget of replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchSpending {
    pub way: Way,
    /// As (first step, p); null where theory prescribes nothing.
    pub schedule: Option<ReplaySchedule>,
    /// Losses as the kernel predicts them; null where theory has no answer.
    pub predicted: Option<Losses>,
    /// The old task's loss over the whole branch, as trained; null where it diverged or never began.
    pub trained: Option<OverTime>,
}

impl BranchSpending {
    fn of(spending: &Spending, way: Way) -> Self {
        Self {
            way,
            schedule: spending.plan.as_ref().map(|plan| plan.schedule.clone()),
            predicted: spending.plan.as_ref().and_then(|plan| plan.predicted),
            trained: spending.over_time,
        }
    }
}

/// The gaps of one branch as columns over its checkpoints ([`Gap`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapColumns {
    pub replay: f64,
    pub steps: Vec<u32>,
    #[serde(serialize_with = "as_optional_decimals")]
    pub drift_relative_error: Vec<Option<f32>>,
    #[serde(serialize_with = "as_optional_decimals")]
    pub drift_relative_error_of_constant: Vec<Option<f32>>,
    #[serde(serialize_with = "as_optional_decimals")]
    pub drift_relative_error_of_first_step: Vec<Option<f32>>,
    #[serde(serialize_with = "as_optional_decimals")]
    pub kernel_drift: Vec<Option<f32>>,
    #[serde(serialize_with = "as_optional_decimals")]
    pub kernel_growth: Vec<Option<f32>>,
    #[serde(serialize_with = "as_optional_decimals")]
    pub kernel_alignment: Vec<Option<f32>>,
}

impl GapColumns {
    fn of(gaps: &[Gap], replay: f64) -> Self {
        let column = |index: usize| gaps.iter().map(|gap| gap.values()[index]).collect();
        Self {
            replay,
            steps: gaps.iter().map(|gap| gap.step).collect(),
            drift_relative_error: column(0),
            drift_relative_error_of_constant: column(1),
            drift_relative_error_of_first_step: column(2),
            kernel_drift: column(3),
            kernel_growth: column(4),
            kernel_alignment: column(5),
        }
    }

    /// The columns in the order of [`Gap::NAMES`].
    pub fn values(&self) -> [&[Option<f32>]; 6] {
        [
            &self.drift_relative_error,
            &self.drift_relative_error_of_constant,
            &self.drift_relative_error_of_first_step,
            &self.kernel_drift,
            &self.kernel_growth,
            &self.kernel_alignment,
        ]
    }
}

impl NetworkSeries {
    /// The series of one job, whose branches go by these names.
    pub fn of(seed: u32, width: u32, traces: &JobTraces, names: &[BranchName]) -> Self {
        let replay = || names.iter().map(|name| name.replay);
        let spending = traces.spending.iter().zip(names);
        Self {
            seed,
            width,
            pretraining: columns(&traces.pretraining, None),
            fine_tuning: traces.fine_tuning.iter().zip(names).map(|(t, name)| columns(t, Some(*name))).collect(),
            predicted: traces.predicted.iter().zip(replay()).map(|(t, p)| predicted(t, p)).collect(),
            gaps: traces.predicted.iter().zip(replay()).map(|(t, p)| GapColumns::of(&t.gaps, p)).collect(),
            spending: spending.filter_map(|(spending, name)| Some(BranchSpending::of(spending, name.way?))).collect(),
            tasks: traces.tasks.iter().zip(replay()).map(|(looks, p)| BranchTasks::of(looks, p)).collect(),
        }
    }

    /// The first place where two series of the same network differ in any bit, as a phrase; `None` if nowhere.
    pub fn first_difference(&self, other: &Self) -> Option<String> {
        let phases = |series: &Self| -> Vec<(String, Columns)> {
            let named = |c: &Columns| {
                let branch = match (c.way, c.mitigation) {
                    (Some(way), _) => way.name().to_owned(),
                    (None, Some(mitigation)) => mitigation.to_string(),
                    (None, None) => format!("p = {}", c.replay.unwrap_or_default()),
                };
                (format!("{branch}, fine-tuning"), c.clone())
            };
            let first = ("pre-training".to_owned(), series.pretraining.clone());
            std::iter::once(first).chain(series.fine_tuning.iter().map(named)).collect()
        };
        let (own, others) = (phases(self), phases(other));
        if own.len() != others.len() {
            return Some("the number of branches".to_owned());
        }
        own.iter().zip(&others).find_map(|((name, a), (_, b))| {
            let step = first_different_step(a, b)?;
            Some(format!("seed {}, width {}, {name} step {step}", self.seed, self.width))
        })
    }

    /// The largest difference of two series of the same network, each relative to the largest value
    /// of its column; `None` where they have different steps, endings or branches.
    pub fn largest_difference(&self, other: &Self) -> Option<f64> {
        let phases = |series: &Self| -> Vec<Columns> {
            std::iter::once(&series.pretraining).chain(&series.fine_tuning).cloned().collect()
        };
        let (own, others) = (phases(self), phases(other));
        let alike = |(a, b): (&Columns, &Columns)| a.steps == b.steps && a.ending == b.ending;
        if own.len() != others.len() || !own.iter().zip(&others).all(alike) {
            return None;
        }
        let columns = own.iter().zip(&others).flat_map(|(a, b)| a.measures().into_iter().zip(b.measures()));
        columns.map(|(a, b)| largest_difference(a, b)).max_by(f64::total_cmp)
    }

    /// Checks what a file said: every measure present, every column as long as the steps.
    ///
    /// # Errors
    /// The first column that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        for columns in std::iter::once(&self.pretraining).chain(&self.fine_tuning).chain(&self.predicted) {
            for (name, column) in Measures::NAMES.iter().zip(columns.measures()) {
                if column.len() != columns.steps.len() {
                    let field = format!("series: seed {}, width {}, {name}", self.seed, self.width);
                    let accepted = format!("{} values, one per step", columns.steps.len());
                    return Err(Problem::new(&field, &format!("{} values", column.len()), accepted));
                }
            }
        }
        for columns in &self.gaps {
            for (name, column) in Gap::NAMES.iter().zip(columns.values()) {
                if column.len() != columns.steps.len() {
                    let field = format!("series: seed {}, width {}, {name}", self.seed, self.width);
                    let accepted = format!("{} values, one per step", columns.steps.len());
                    return Err(Problem::new(&field, &format!("{} values", column.len()), accepted));
                }
            }
        }
        Ok(())
    }
}

/// What tells a branch from the others of its run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BranchName {
    /// Mean replay fraction.
    pub replay: f64,
    pub way: Option<Way>,
    pub mitigation: Option<Mitigated>,
}

impl BranchName {
    /// The name of a branch of a run of `steps`.
    pub fn of(branch: &Branch, steps: u32) -> Self {
        Self { replay: branch.mean(steps), way: branch.way(), mitigation: branch.mitigated() }
    }
}

fn columns(trace: &Trace, name: Option<BranchName>) -> Columns {
    let column = |index: usize| trace.points.iter().map(|point| point.measures.values()[index]).collect();
    Columns {
        replay: name.map(|name| name.replay),
        way: name.and_then(|name| name.way),
        mitigation: name.and_then(|name| name.mitigation),
        ending: trace.ending,
        steps: trace.points.iter().map(|point| point.step).collect(),
        id_loss: column(0),
        ood_loss: column(1),
        overwritten_loss: column(2),
        mean_x1: column(3),
        mean_x2: column(4),
        parameter_distance: column(5),
        effective_time: column(6),
    }
}

fn predicted(prediction: &Prediction, replay: f64) -> Columns {
    let curve = Trace { points: prediction.points.clone(), ending: None };
    columns(&curve, Some(BranchName { replay, way: None, mitigation: None }))
}

fn first_different_step(a: &Columns, b: &Columns) -> Option<u32> {
    let same = |k: usize| {
        a.steps.get(k) == b.steps.get(k)
            && a.measures()
                .iter()
                .zip(b.measures())
                .all(|(a, b)| a.get(k).map(|v| v.to_bits()) == b.get(k).map(|v| v.to_bits()))
    };
    let longest = a.steps.len().max(b.steps.len());
    let at = |k: usize| a.steps.get(k).or(b.steps.get(k)).copied();
    match (0..longest).find(|&k| !same(k)) {
        Some(k) => at(k),
        None if a.ending != b.ending => a.steps.last().copied(),
        None => None,
    }
}

/// Writes numbers as [`decimal`]s, and null where there is none.
fn as_optional_decimals<S: Serializer>(values: &[Option<f32>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|value| value.map(decimal)))
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_decimal_reads_back_to_the_same_bits() {
        // Every 9973rd pattern: all exponents, both signs, subnormals and infinities.
        for bits in (0..=u32::MAX).step_by(9973) {
            let value = f32::from_bits(bits);
            let back = decimal(value) as f32;
            assert!(back.to_bits() == bits || (value.is_nan() && back.is_nan()), "{value:e} became {back:e}");
        }
    }
}
