//! The paper's protocol: rows that were never seen, of which a few entries are measured.

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;
use super::methods::{Method, Model, probability};
use super::score::{Counts, area_under_curve};
use super::training::Training;
use crate::error::{Problem, Problems};
use crate::seed::Seed;
use crate::stats::{Interval, Resamples};

/// Most seeds.
pub const MOST_SEEDS: usize = 1000;

/// Methods learn from the training rows. Then one test row at a time shows k of its columns, drawn uniformly with
/// replacement (a column drawn twice is shown once), and the columns that it did not show are predicted and scored. All
/// that for several seeds, which decide the columns.
///
/// A trial is one test row under one seed. Trials are independent, and no method sees more of a test row than its own
/// trial shows.
///
/// Source: Jin & Ren 2024 (arXiv 2406.14026), section 4, and their code.
#[derive(Clone, Debug)]
pub struct Protocol<'a> {
    matrix: &'a Matrix,
    training: Vec<usize>,
    test: Vec<usize>,
    observed: usize,
    seeds: usize,
    is_binary: bool,
}

/// What one trial comes to.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    squares: f64,
    scored: usize,
    counts: Counts,
    /// Score and truth of every column; of binary matrices only.
    scores: Vec<(f32, bool)>,
}

/// How one method did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodScore {
    pub name: String,
    /// Root mean square error over all columns scored under a seed, in the units of the matrix; of binary matrices, of
    /// probabilities.
    pub rmse: Spread,
    /// Of binary matrices.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub binary: Option<BinaryScore>,
    /// Columns scored under all seeds.
    pub scored: usize,
}

/// How one method did on a binary matrix, over all columns scored under a seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinaryScore {
    pub f1: Spread,
    pub precision: Spread,
    pub recall: Spread,
    /// `None` where nothing that was scored is forgotten, or everything.
    pub auc: Option<Spread>,
}

/// Mean and spread over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    pub mean: f64,
    /// Standard deviation over seeds; 0 for one seed.
    pub sd: f64,
    /// 95 % bootstrap interval of the mean; `None` for fewer than six seeds. It holds the choice of columns, not that
    /// of rows.
    pub interval: Option<Interval>,
    /// Seeds.
    pub n: usize,
}

impl<'a> Protocol<'a> {
    /// Training rows and test rows of a matrix by their numbers from 0, columns to draw for each test row, and seeds,
    /// of which the first is 0.
    ///
    /// # Errors
    /// Rows that there are not, that come twice or are in both lists; fewer than two training rows; numbers out of
    /// range; a test row without an entry, or of which k draws could show everything.
    pub fn new(
        matrix: &'a Matrix,
        training: Vec<usize>,
        test: Vec<usize>,
        observed: usize,
        seeds: usize,
        is_binary: bool,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        for (name, rows, least) in [("training rows", &training, 2), ("test rows", &test, 1)] {
            if rows.len() < least {
                problems.push(Problem::new(name, &rows.len().to_string(), format!("at least {least}")));
            }
            if let Some(row) = rows.iter().find(|&&row| row >= matrix.rows()) {
                problems.push(Problem::new(name, &row.to_string(), format!("rows from 0 to {}", matrix.rows() - 1)));
            }
            if let Some((_, row)) = rows.iter().enumerate().find(|(place, row)| rows[..*place].contains(row)) {
                problems.push(Problem::new(name, &row.to_string(), "every row once"));
            }
        }
        if let Some(row) = test.iter().find(|row| training.contains(row)) {
            problems.push(Problem::new("test rows", &row.to_string(), "rows that are not training rows"));
        }
        if !(1..=matrix.columns()).contains(&observed) {
            let accepted = format!("a whole number from 1 to the {} columns", matrix.columns());
            problems.push(Problem::new("observed", &observed.to_string(), accepted));
        }
        if !(1..=MOST_SEEDS).contains(&seeds) {
            let accepted = format!("a whole number from 1 to {MOST_SEEDS}");
            problems.push(Problem::new("seeds", &seeds.to_string(), accepted));
        }
        if is_binary && let Err(wrong) = matrix.binary() {
            problems.extend(wrong.0);
        }
        if problems.is_empty() {
            for &row in &test {
                let entries = matrix.present(row).count();
                if entries <= observed {
                    let accepted = format!("more than the {observed} that are shown, so that some are left to predict");
                    problems.push(Problem::new(&format!("test row {row}"), &format!("{entries} entries"), accepted));
                }
            }
            if training.iter().all(|&row| matrix.present(row).next().is_none()) {
                problems.push(Problem::new("training rows", "no entry", "at least one entry"));
            }
        }
        if problems.is_empty() {
            Ok(Self { matrix, training, test, observed, seeds, is_binary })
        } else {
            Err(Problems(problems))
        }
    }

    /// What methods learn from: the training rows and nothing else.
    pub fn training(&self) -> Training<'a> {
        Training::new(self.matrix, self.training.clone())
    }

    /// How many trials there are.
    pub fn trials(&self) -> usize {
        self.seeds * self.test.len()
    }

    /// What trial `index` shows of its test row, by rising column.
    pub fn shown(&self, index: usize) -> Vec<(usize, f32)> {
        let row = self.row(index);
        let mut stream = self.seed(index).fork("observed").stream();
        let present: Vec<(usize, f32)> = self.matrix.present(row).collect();
        let mut drawn: Vec<(usize, f32)> =
            (0..self.observed).map(|_| present[stream.below(present.len() as u32) as usize]).collect();
        drawn.sort_unstable_by_key(|(column, _)| *column);
        drawn.dedup_by_key(|(column, _)| *column);
        drawn
    }

    fn row(&self, index: usize) -> usize {
        self.test[index % self.test.len()]
    }

    /// Draws depend on the number of the seed and of the row, and on nothing else.
    fn seed(&self, index: usize) -> Seed {
        let seed = Seed::new((index / self.test.len()) as u64).fork("associations");
        seed.fork(&self.row(index).to_string())
    }

    /// Trial `index` of a method that has learned from [`Protocol::training`].
    pub fn trial(&self, method: &dyn Method, model: &dyn Model, index: usize) -> Trial {
        let shown = self.shown(index);
        let expected = model.complete_row(self.row(index), &shown, self.seed(index).fork("method"));
        let mut rest = shown.iter().map(|(column, _)| *column).peekable();
        let mut trial = Trial::default();
        for (column, entry) in self.matrix.present(self.row(index)) {
            if rest.next_if_eq(&column).is_some() {
                continue;
            }
            let expected = expected[column];
            let (value, is_said) = match method.tells_logits() {
                true => (probability(expected), expected > 0.0),
                false => (expected, expected > 0.5),
            };
            let error = value - f64::from(entry);
            trial.squares += error * error;
            trial.scored += 1;
            if self.is_binary {
                let seen = entry > 0.5;
                trial.counts.add(is_said, seen);
                trial.scores.push((expected as f32, seen));
            }
        }
        trial
    }

    /// What all trials of a method, in their order, come to.
    pub fn score(&self, name: &str, trials: &[Trial]) -> MethodScore {
        let by_seed: Vec<&[Trial]> = trials.chunks(self.test.len()).collect();
        let rmse = |trials: &&[Trial]| {
            let squares: f64 = trials.iter().map(|trial| trial.squares).sum();
            (squares / trials.iter().map(|trial| trial.scored).sum::<usize>() as f64).sqrt()
        };
        let binary = self.is_binary.then(|| {
            let of = |share: fn(&Counts) -> f64| {
                Spread::of(&by_seed.iter().map(|trials| share(&together(trials))).collect::<Vec<f64>>())
            };
            let area = |trials: &&[Trial]| {
                area_under_curve(&trials.iter().flat_map(|trial| trial.scores.iter().copied()).collect::<Vec<_>>())
            };
            let areas: Option<Vec<f64>> = by_seed.iter().map(area).collect();
            BinaryScore {
                f1: of(Counts::f1),
                precision: of(Counts::precision),
                recall: of(Counts::recall),
                auc: areas.map(|areas| Spread::of(&areas)),
            }
        });
        MethodScore {
            name: name.to_owned(),
            rmse: Spread::of(&by_seed.iter().map(rmse).collect::<Vec<f64>>()),
            binary,
            scored: trials.iter().map(|trial| trial.scored).sum(),
        }
    }
}

fn together(trials: &[Trial]) -> Counts {
    trials.iter().fold(Counts::default(), |sum, trial| sum.and(&trial.counts))
}

impl Spread {
    /// Of one value for each seed.
    ///
    /// # Panics
    /// If there is none.
    pub fn of(values: &[f64]) -> Self {
        assert!(!values.is_empty(), "at least one seed");
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
        let of_resample = |seeds: &[u32]| Some(seeds.iter().map(|&seed| values[seed as usize]).sum::<f64>() / n as f64);
        Self { mean, sd, interval: Resamples::of(n).interval(of_resample), n }
    }
}
