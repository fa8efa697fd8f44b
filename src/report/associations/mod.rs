//! What a measured association matrix says: the answer in words, statements, figures.

mod figures;
mod replay;
mod statements;

pub use figures::figures;

use crate::associations::{Matrix, Spectrum, Training};
use crate::experiments::associations::{Completion, Findings, Results};
use crate::figure::number::{count, seeds, significant};
use crate::report::Statement;

/// Everything that is said of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The answer: how much of the matrix few factors hold.
    pub headline: String,
    pub statements: Vec<Statement>,
    pub warnings: Vec<String>,
}

/// What results say, complete or not. `completion` may be empty where methods have not been compared.
pub fn report(results: &Results, findings: &Findings, completion: &[Completion]) -> Report {
    let left = results.missing().len();
    let told = headline(results, findings);
    let headline = if left > 0 { format!("So far, with {} to come: {told}", count(left)) } else { told };
    Report {
        headline,
        statements: statements::statements(results, findings, completion),
        warnings: statements::warnings(results),
    }
}

fn headline(results: &Results, findings: &Findings) -> String {
    let (tasks, examples) = (count(results.tasks.len()), count(results.examples.len()));
    let of = format!("{tasks} tasks, {examples} upstream examples, {}", seeds(results.spec.seeds.len()));
    let Some(found) = &findings.reconstruction else {
        return format!("{of}: all entries are equal, there is no variance to explain.");
    };
    let held = |rank: usize| found.ranks.iter().find(|own| own.rank == rank).map(|own| share(own.r2));
    let ranks: Vec<String> =
        [1, 3, 5].into_iter().filter_map(|rank| Some(format!("{} by rank {rank}", held(rank)?))).collect();
    format!(
        "{of}: of the variance of forgetting {}; effects of tasks and examples hold {}.",
        ranks.join(", "),
        share(found.additive)
    )
}

/// A share of variance with three digits.
fn share(value: f64) -> String {
    format!("{}\u{a0}%", significant(100.0 * value, 3))
}

/// The factors of a matrix.
struct Factors {
    /// Share of all squares that each singular value holds, from the largest.
    shares: Vec<f64>,
    /// The share that the largest singular value of the seeds' noise alone would have; `None` of a single seed.
    noise: Option<f64>,
}

impl Factors {
    /// Of the mean over seeds. The largest singular value of noise of standard deviation s is about
    /// s (sqrt M + sqrt N), and the noise of the mean of S seeds is smaller by the root of S.
    fn of(matrix: &Matrix, findings: &Findings) -> Self {
        let spectrum = Spectrum::of(&Training::all(matrix), None);
        let all: f64 = spectrum.values.iter().map(|value| value * value).sum();
        let edge = (matrix.rows() as f64).sqrt() + (matrix.columns() as f64).sqrt();
        let noise = findings.ceiling.map(|ceiling| {
            let largest = ceiling.noise * edge;
            largest * largest / (ceiling.seeds as f64 * all)
        });
        Self { shares: spectrum.values.iter().map(|value| value * value / all).collect(), noise }
    }

    /// How many stand out of the noise.
    fn above(&self) -> Option<usize> {
        let noise = self.noise?;
        Some(self.shares.iter().take_while(|share| **share > noise).count())
    }
}
