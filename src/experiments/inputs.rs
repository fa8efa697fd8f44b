//! Everything random that goes into a job apart from its initial parameters.

use super::spec::{CheckedSpec, LABEL_X2, OLD_LABEL_X1};
use crate::data::TwoGaussians;
use crate::engine::Examples;
use crate::seed::Seed;
use crate::train::Mixture;

/// The examples of one seed: X1 first, then X2.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    pub seed: Seed,
    /// Training inputs, [2 samples].
    x: Vec<f32>,
    /// Training labels before and in fine-tuning, [2 samples] each.
    labels: [Vec<f32>; 2],
    /// Test inputs of both classes, `[samples]` each.
    pub test: [Vec<f32>; 2],
}

impl Inputs {
    /// The examples of one seed under a spec.
    pub fn of(spec: &CheckedSpec, seed: u32) -> Self {
        let seed = Seed::new(u64::from(seed));
        let samples = spec.samples as usize;
        let world = TwoGaussians { means: spec.means, standard_deviation: spec.standard_deviation(), samples };
        let clouds = world.draw(seed);
        let labels = |name: &str, label: f32| -> Vec<f32> {
            let mut noise = seed.fork("label noise").fork(name).stream();
            (0..samples).map(|_| (f64::from(label) + spec.label_noise * noise.normal()) as f32).collect()
        };
        let [old_x1, new_x1, x2] =
            [labels("x1 before", OLD_LABEL_X1), labels("x1 after", spec.new_label as f32), labels("x2", LABEL_X2)];
        Self {
            seed,
            x: clouds.train.concat(),
            labels: [[old_x1, x2.clone()].concat(), [new_x1, x2].concat()],
            test: clouds.test,
        }
    }

    /// Training inputs.
    ///
    /// # Shapes
    /// [2 samples], X1 first
    pub fn training_inputs(&self) -> &[f32] {
        &self.x
    }

    /// Training labels of a phase.
    ///
    /// # Shapes
    /// [2 samples], X1 first
    pub fn labels(&self, fine_tuning: bool) -> &[f32] {
        &self.labels[usize::from(fine_tuning)]
    }

    /// The mixture of a phase: equal weights in pre-training, those of the spec in fine-tuning.
    pub fn mixture(&self, spec: &CheckedSpec, fine_tuning: bool) -> Mixture {
        let samples = spec.samples as usize;
        if fine_tuning {
            Mixture::new(samples, &spec.new_weights, &spec.old_weights)
        } else {
            Mixture::new(samples, &[], &[])
        }
    }

    /// The training examples of a phase under given weights.
    pub fn examples(&self, fine_tuning: bool, weight: Vec<f32>) -> Examples {
        Examples { x: self.x.clone(), y: self.labels(fine_tuning).to_vec(), weight }
    }
}
