//! The poster's world: two Gaussian clouds on a line.

use crate::seed::Seed;

/// X1 and X2, each normal around its own centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoGaussians {
    /// Centres of X1 and X2.
    pub means: [f64; 2],
    pub standard_deviation: f64,
    /// Examples per class.
    pub samples: usize,
}

/// Inputs of both classes, for training and (drawn afresh) for testing.
///
/// # Shapes
/// Each: `[samples]`
#[derive(Clone, Debug, PartialEq)]
pub struct Clouds {
    pub train: [Vec<f32>; 2],
    pub test: [Vec<f32>; 2],
}

impl TwoGaussians {
    /// The clouds of one seed. More samples extend the draw; they do not change it.
    ///
    /// ```
    /// use lethe::{data::TwoGaussians, seed::Seed};
    /// let world = |samples| TwoGaussians { means: [-1.0, 1.0], standard_deviation: 0.2, samples };
    /// let (few, many) = (world(10).draw(Seed::new(0)), world(20).draw(Seed::new(0)));
    /// assert_eq!(few.train[0][..], many.train[0][..10]);
    /// ```
    pub fn draw(&self, seed: Seed) -> Clouds {
        let cloud = |label: &str, class: usize| -> Vec<f32> {
            let mut stream = seed.fork("data").fork(label).stream();
            let draw = |_| (self.means[class] + self.standard_deviation * stream.normal()) as f32;
            (0..self.samples).map(draw).collect()
        };
        Clouds { train: [cloud("x1", 0), cloud("x2", 1)], test: [cloud("x1 test", 0), cloud("x2 test", 1)] }
    }
}
