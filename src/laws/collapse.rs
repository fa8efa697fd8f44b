//! Do runs of all ranks lie on one curve of forgetting against fine-tuning loss?

use serde::{Deserialize, Serialize};

use super::observation::Observations;
use super::permutation::p_value;
use crate::error::{Problem, Problems};

/// What the test of collapse found.
///
/// The statistic is the ratio of an analysis of variance, summed over levels of equal fine-tuning loss:
///
/// ```text
/// F = [sum_levels sum_ranks m_r (mean_r - mean)^2 / (k - 1)] / [sum_levels sum_runs (x - mean_r)^2 / (n - k)]
/// ```
///
/// with k numbers of tuned parameters, n runs, m_r of them with the r-th, x the forgetting of a run at the level. It is
/// 1 in expectation where ranks collapse on one curve of whatever shape, which a straight line's R2 cannot say: that is
/// high for any two curves that are monotone in steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collapse {
    pub f_ratio: f64,
    /// By permuting which rank a run has; `None` where too few runs can be dealt in different ways.
    pub p_value: Option<f64>,
    /// Standard deviation between ranks at equal fine-tuning loss beyond what seeds explain, nats; 0 where seeds explain
    /// all.
    pub between_ranks: f64,
    /// Standard deviation between runs of the same rank at equal fine-tuning loss, nats.
    pub between_seeds: f64,
    /// Where the ranks were compared: the range of fine-tuning loss that all runs pass through, nats.
    pub levels: (f64, f64),
    pub ranks: usize,
    pub runs: usize,
    /// By number of tuned parameters, rising: (parameters, mean forgetting of its runs at the levels less that of all
    /// runs, nats).
    pub by_rank: Vec<(f64, f64)>,
}

impl Collapse {
    /// Whether one curve for all ranks is refused at the 5 % level; `None` where there is no p-value.
    pub fn refused(&self) -> Option<bool> {
        self.p_value.map(|p| p < 0.05)
    }
}

/// Levels of fine-tuning loss at which runs are compared.
const LEVELS: usize = 9;

/// Fewest checkpoints of a run through which its own parabolas are laid.
const FEWEST_CHECKPOINTS: usize = 4;

/// Tests whether runs of all ranks share one curve of forgetting against fine-tuning loss.
///
/// Each run is first smoothed: both losses as parabolas in ln N, by least squares, which takes the noise of single
/// checkpoints out and keeps what the seed did to the whole run. Not forgetting in the fine-tuning loss itself, because
/// noise there would flatten every run about its own middle and set ranks apart that are one.
///
/// # Errors
/// Runs of fewer than two numbers of tuned parameters, no number with two runs, checkpoints too few for parabolas, or
/// runs that share no range of fine-tuning loss.
pub fn ranks_collapse(observations: &Observations) -> Result<Collapse, Problems> {
    let wrong = |field: &str, value: String, accepted: &str| Problems(vec![Problem::new(field, &value, accepted)]);
    let ranks = observations.different(|row| row.parameters);
    let mut curves = Vec::new();
    for run in observations.present() {
        let rows = observations.of_run(run);
        let parameters = rows[0].parameters;
        if rows.iter().any(|row| row.parameters != parameters) {
            let name = &observations.runs()[run].name;
            return Err(wrong("run", name.clone(), "runs with one number of tuned parameters each"));
        }
        let points: Vec<[f64; 3]> =
            rows.iter().map(|row| [libm::log(row.steps), row.fine_tuning_loss, row.forgetting]).collect();
        let rank = ranks.iter().position(|&own| own == parameters).unwrap_or(0);
        if let Some(curve) = Curve::through(&points) {
            curves.push((rank, curve));
        }
    }
    let groups: Vec<usize> = curves.iter().map(|(rank, _)| *rank).collect();
    let kinds = (0..ranks.len()).filter(|rank| groups.contains(rank)).count();
    if kinds < 2 {
        return Err(wrong(
            "parameters",
            format!("{kinds} different"),
            "at least 2 different numbers, with 4 checkpoints a run",
        ));
    }
    if groups.len() == kinds {
        let accepted = "at least 2 runs (seeds) with the same number of parameters: without them seed noise is unknown";
        return Err(wrong("runs", format!("1 of each of {kinds} numbers of parameters"), accepted));
    }
    let low = curves.iter().map(|(_, curve)| curve.low).fold(f64::NEG_INFINITY, f64::max);
    let high = curves.iter().map(|(_, curve)| curve.high).fold(f64::INFINITY, f64::min);
    if low >= high {
        return Err(wrong(
            "fine_tuning_loss",
            "no range shared by all runs".to_owned(),
            "runs that pass through equal losses",
        ));
    }
    let level = |index: usize| low + (high - low) * index as f64 / (LEVELS - 1) as f64;
    let values: Vec<Vec<f64>> =
        curves.iter().map(|(_, curve)| (0..LEVELS).map(|index| curve.forgetting_at(level(index))).collect()).collect();
    let (between, within) = mean_squares(&values, &groups);
    if within <= 0.0 {
        return Err(wrong("runs", "without any noise between seeds".to_owned(), "runs of different seeds"));
    }
    let p_value = p_value(&groups, "collapse", |groups| {
        let (between, within) = mean_squares(&values, groups);
        between / within
    });
    let mean_runs = groups.len() as f64 / kinds as f64;
    Ok(Collapse {
        f_ratio: between / within,
        p_value,
        between_ranks: ((between - within) / mean_runs / LEVELS as f64).max(0.0).sqrt(),
        between_seeds: (within / LEVELS as f64).sqrt(),
        levels: (low, high),
        ranks: kinds,
        runs: groups.len(),
        by_rank: (0..ranks.len()).filter_map(|rank| Some((ranks[rank], deviation(&values, &groups, rank)?))).collect(),
    })
}

/// The mean of a group's runs over all levels less that of all runs; `None` of a group without runs.
fn deviation(values: &[Vec<f64>], groups: &[usize], group: usize) -> Option<f64> {
    let mean = |values: &mut dyn Iterator<Item = &Vec<f64>>| {
        let means: Vec<f64> = values.map(|levels| levels.iter().sum::<f64>() / levels.len() as f64).collect();
        (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
    };
    let mut own = values.iter().zip(groups).filter(|(_, own)| **own == group).map(|(levels, _)| levels);
    Some(mean(&mut own)? - mean(&mut values.iter())?)
}

/// Mean squares between groups and within them, summed over levels.
fn mean_squares(values: &[Vec<f64>], groups: &[usize]) -> (f64, f64) {
    let last = groups.iter().max().map_or(0, |last| last + 1);
    let (mut between, mut within) = (0.0, 0.0);
    let mut sizes = vec![0.0; last];
    groups.iter().for_each(|&group| sizes[group] += 1.0);
    let kinds = sizes.iter().filter(|&&size| size > 0.0).count() as f64;
    let runs = groups.len() as f64;
    for level in 0..values[0].len() {
        let mut sums = vec![0.0; last];
        values.iter().zip(groups).for_each(|(run, &group)| sums[group] += run[level]);
        let mean = sums.iter().sum::<f64>() / runs;
        for (sum, size) in sums.iter().zip(&sizes).filter(|(_, size)| **size > 0.0) {
            let deviation = sum / size - mean;
            between += size * deviation * deviation;
        }
        for (run, &group) in values.iter().zip(groups) {
            let deviation = run[level] - sums[group] / sizes[group];
            within += deviation * deviation;
        }
    }
    (between / (kinds - 1.0), within / (runs - kinds))
}

/// One run, smoothed: points (fine-tuning loss, forgetting) at evenly spread ln N.
struct Curve {
    low: f64,
    high: f64,
    points: Vec<(f64, f64)>,
}

/// Points of a smoothed run.
const POINTS: usize = 64;

impl Curve {
    /// From (ln N, L_ft, L_f); `None` with too few checkpoints or different steps.
    fn through(rows: &[[f64; 3]]) -> Option<Self> {
        let (first, last) = (rows.first()?[0], rows.last()?[0]);
        if rows.len() < FEWEST_CHECKPOINTS || last <= first {
            return None;
        }
        let z = |log_steps: f64| (2.0 * log_steps - first - last) / (last - first);
        let mut normal = nalgebra_lm::Matrix3::zeros();
        let mut right = nalgebra_lm::Matrix3x2::zeros();
        for [log_steps, fine_tuning_loss, forgetting] in rows {
            let z = z(*log_steps);
            let terms = nalgebra_lm::Vector3::new(1.0, z, z * z);
            normal += terms * terms.transpose();
            right += terms * nalgebra_lm::RowVector2::new(*fine_tuning_loss, *forgetting);
        }
        let solved = normal.cholesky()?.solve(&right);
        let at = |loss: usize, z: f64| solved[(0, loss)] + z * (solved[(1, loss)] + z * solved[(2, loss)]);
        let place = |index: usize| 2.0 * index as f64 / (POINTS - 1) as f64 - 1.0;
        let points: Vec<(f64, f64)> = (0..POINTS).map(|index| (at(0, place(index)), at(1, place(index)))).collect();
        let low = points.iter().map(|(loss, _)| *loss).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(|(loss, _)| *loss).fold(f64::NEG_INFINITY, f64::max);
        Some(Self { low, high, points })
    }

    /// Forgetting where the fine-tuning loss first passes a level between `low` and `high`.
    fn forgetting_at(&self, level: f64) -> f64 {
        for pair in self.points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            if (x0 - level) * (x1 - level) <= 0.0 && x0 != x1 {
                return y0 + (y1 - y0) * (level - x0) / (x1 - x0);
            }
        }
        self.points[POINTS - 1].1
    }
}
