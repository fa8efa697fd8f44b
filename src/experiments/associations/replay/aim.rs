//! What an arm knows before its first step, and what that says of the pool.

use serde::{Deserialize, Serialize};

use super::super::job::Job;
use super::super::language::root;
use super::super::results::Results;
use super::arm::Arm;
use super::split::{ReplaySplit, acted};
use crate::associations::methods::{Known, named};
use crate::associations::{Matrix, Training};
use crate::stats::{quantile, sorted};

/// Factors of the factorisations, as in the paper.
const FACTORS: usize = 5;

/// All that a run with replay depends on beside the subject, the spec and its job. Nothing in it tells of held-out
/// examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// Nothing is known.
    Nothing,
    /// Rises, or what stands for them: `[pool]`.
    Rises(Vec<f64>),
    /// Rises by the runs without replay of the tasks that are not acted on: `[tasks, pool]`, row by row.
    Rows(Vec<f32>),
    /// What the arm would go by has diverged at this step, so it comes to nothing.
    Lost(u32),
}

impl Aim {
    /// Whether it is what an arm may know of so many examples.
    pub(in super::super) fn fits(&self, arm: Arm, pool: usize) -> bool {
        match self {
            Self::Nothing => matches!(arm, Arm::None | Arm::Random | Arm::Mir),
            Self::Rises(rises) => arm.goes_by_rises() && rises.len() == pool,
            Self::Rows(rows) => arm == Arm::Online && !rows.is_empty() && rows.len().is_multiple_of(pool),
            Self::Lost(_) => arm.goes_by_rises() || arm == Arm::Online,
        }
    }
}

/// Of the pool, or the step at which what tells it has diverged; `None` where it has not ended.
type Told = Option<Result<Vec<f32>, u32>>;

impl Results {
    /// What is known to a job before it starts; `None` where what tells it has not ended. Only runs with replay know
    /// anything.
    pub fn aim(&self, job: Job) -> Option<Aim> {
        let Job::Replay { task, seed, arm } = job else { return Some(Aim::Nothing) };
        let (task, split) = (task as usize, ReplaySplit::new(&self.spec, self.examples.len(), seed));
        let aim = match arm {
            Arm::None | Arm::Random | Arm::Mir => Ok(Aim::Nothing),
            Arm::Truth => self.own(task, seed, &split)?.map(|own| Aim::Rises(double(&own))),
            Arm::Online => self.others(seed, &split)?.map(Aim::Rows),
            Arm::Gradients => {
                let columns = self.examples.len();
                let said = split.of_pool(&self.prediction(seed)?.rise[task * columns..][..columns]);
                self.others(seed, &split)?.map(|rows| Aim::Rises(rescaled(&double(&said), &rows)))
            }
            Arm::Perplexity => {
                let losses: Vec<f64> = self.examples.iter().map(|example| f64::from(example.base_loss)).collect();
                let losses = split.of_pool(&losses);
                let median = quantile(&sorted(losses.clone()), 0.5).unwrap_or_default();
                let nearness: Vec<f64> = losses.iter().map(|loss| -(loss - median).abs()).collect();
                self.others(seed, &split)?.map(|rows| Aim::Rises(rescaled(&nearness, &rows)))
            }
            Arm::Additive | Arm::Neighbours | Arm::Factorisation | Arm::SoftImpute => {
                let own = self.own(task, seed, &split)?;
                let rows = self.others(seed, &split)?;
                own.and_then(|own| {
                    let seen = split.observed(&self.spec, task, seed).into_iter().map(|place| (place, own[place]));
                    Ok(Aim::Rises(completed(arm, &rows?, &seen.collect::<Vec<_>>(), split.pool.len(), seed)))
                })
            }
        };
        Some(aim.unwrap_or_else(Aim::Lost))
    }

    /// The rises of the run without replay.
    fn own(&self, task: usize, seed: u32, split: &ReplaySplit) -> Told {
        let row = self.row(task, seed)?;
        Some(row.diverged.map_or_else(|| Ok(split.of_pool(&row.rise)), Err))
    }

    /// Those of all tasks that are not acted on.
    fn others(&self, seed: u32, split: &ReplaySplit) -> Told {
        let acted = acted(&self.spec);
        let (mut rows, mut diverged) = (Vec::new(), 0);
        for task in (0..self.tasks.len()).filter(|task| !acted.contains(task)) {
            match self.own(task, seed, split)? {
                Ok(row) => rows.extend(row),
                Err(step) => diverged = step,
            }
        }
        Some(if rows.is_empty() { Err(diverged) } else { Ok(rows) })
    }
}

fn double(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// The rises of a row of which some are seen, as an arm's method completes them from other rows; what is seen stays.
///
/// # Shapes
/// `rows`: `[tasks, pool]`, row by row; result: `[pool]`, NaN where the rows are no matrix.
pub(super) fn completed(arm: Arm, rows: &[f32], seen: &Known, pool: usize, seed: u32) -> Vec<f64> {
    let matrix = Matrix::new(rows.len() / pool, pool, rows.to_vec());
    let (Ok(matrix), Some(method)) = (matrix, arm.method().and_then(|name| named(name, FACTORS))) else {
        return vec![f64::NAN; pool];
    };
    let model = method.fit(&Training::all(&matrix));
    let mut rises = model.complete(seen, root(seed).fork("completed"));
    seen.iter().for_each(|&(place, rise)| rises[place] = f64::from(rise));
    rises
}

/// Numbers that have another unit than rises, with mean 0 and the mean standard deviation within rows.
fn rescaled(said: &[f64], rows: &[f32]) -> Vec<f64> {
    let within: Vec<f64> = rows.chunks_exact(said.len()).map(|row| mean_and_sd(&double(row)).1).collect();
    let (spread, _) = mean_and_sd(&within);
    let known: Vec<f64> = said.iter().copied().filter(|value| value.is_finite()).collect();
    let (mean, sd) = mean_and_sd(&known);
    let scale = if sd > 0.0 { spread / sd } else { 0.0 };
    said.iter().map(|value| (value - mean) * scale).collect()
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt())
}
