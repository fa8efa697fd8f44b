//! A linear model with its Jacobians in the open, trained step by step: what the closed forms must equal.

use lethe::kernel::{Linearised, Mixture, Rule};
use lethe::seed::{Seed, Stream};
use ndarray::{Array1, Array2};

/// f = f_0 + J d and f_* = f_{*,0} + J_* d; the first `new` examples are the new task.
#[derive(Clone, Debug)]
pub struct Explicit {
    pub jacobian: Array2<f64>,
    pub evaluation_jacobian: Array2<f64>,
    pub residuals: Array1<f64>,
    pub start: Array1<f64>,
    pub new: usize,
    pub loss_factor: f64,
    pub ridge: f64,
}

/// Sizes, and the seed of the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub new: usize,
    pub old: usize,
    pub parameters: usize,
    pub points: usize,
}

pub fn normal(rows: usize, columns: usize, stream: &mut Stream) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || stream.normal())
}

impl Explicit {
    pub fn random(sizes: Sizes, seed: u64) -> Self {
        let mut stream = Seed::new(seed).fork("explicit").stream();
        let n = sizes.new + sizes.old;
        let scale = 1.0 / (sizes.parameters as f64).sqrt();
        Self {
            jacobian: normal(n, sizes.parameters, &mut stream) * scale,
            evaluation_jacobian: normal(sizes.points, sizes.parameters, &mut stream) * scale,
            residuals: (0..n).map(|_| stream.normal()).collect(),
            start: (0..sizes.points).map(|_| stream.normal()).collect(),
            new: sizes.new,
            loss_factor: 2.0,
            ridge: 0.0,
        }
    }

    /// The new task uses the first half of the parameters only, the old task and the points the others.
    #[cfg(not(target_family = "wasm"))]
    pub fn uncoupled(mut self) -> Self {
        let half = self.jacobian.ncols() / 2;
        for ((row, column), value) in self.jacobian.indexed_iter_mut() {
            if (row < self.new) != (column < half) {
                *value = 0.0;
            }
        }
        for ((_, column), value) in self.evaluation_jacobian.indexed_iter_mut() {
            if column < half {
                *value = 0.0;
            }
        }
        self
    }

    pub fn kernel(&self) -> Array2<f64> {
        let kernel = self.jacobian.dot(&self.jacobian.t());
        (&kernel + &kernel.t()) / 2.0
    }

    pub fn linearised(&self) -> Linearised {
        let across = self.evaluation_jacobian.dot(&self.jacobian.t());
        let found = Linearised::new(self.kernel(), across, self.residuals.clone(), self.start.clone()).unwrap();
        found.with_loss_factor(self.loss_factor).unwrap().with_ridge(self.ridge).unwrap()
    }

    pub fn mixture(&self) -> Mixture {
        Mixture::even(self.new, self.residuals.len() - self.new).unwrap()
    }

    pub fn weights(&self, replay: f64) -> Array1<f64> {
        self.mixture().weights(replay).unwrap()
    }

    /// A rate at this share of descent's stability bound, by a bound on the largest eigenvalue.
    pub fn rate(&self, share: f64) -> f64 {
        let trace: f64 = (0..self.residuals.len()).map(|i| self.kernel()[[i, i]]).fold(0.0, f64::max);
        share * 2.0 / (self.loss_factor * trace + self.ridge)
    }

    /// Outputs after the segments of (weights, steps), one step after the other on the parameters.
    pub fn trained(&self, segments: &[(Array1<f64>, usize)], rule: Rule) -> Array1<f64> {
        let (rate, beta) = match rule {
            Rule::Flow => panic!("flow has no steps"),
            Rule::Descent { rate } => (rate, 0.0),
            Rule::Momentum { rate, beta } => (rate, beta),
        };
        let mut moved: Array1<f64> = Array1::zeros(self.jacobian.ncols());
        let mut velocity = moved.clone();
        for (weights, steps) in segments {
            for _ in 0..*steps {
                let residuals = &self.residuals + &self.jacobian.dot(&moved);
                let gradient = self.jacobian.t().dot(&(weights * &residuals)) * self.loss_factor + &moved * self.ridge;
                velocity = velocity * beta + gradient;
                moved = moved - &velocity * rate;
            }
        }
        &self.start + &self.evaluation_jacobian.dot(&moved)
    }
}

/// The largest difference over the largest expected change from `start`, or 1 where nothing is to change.
pub fn error(found: &Array1<f64>, expected: &Array1<f64>, start: &Array1<f64>) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = |values: Array1<f64>| values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let change = largest(expected - start);
    let difference = largest(found - expected);
    assert!(difference.is_finite());
    if change > 0.0 { difference / change } else { difference }
}
