//! Everything random that goes into a job apart from its initial parameters.

use super::spec::CheckedSpec;
use crate::engine::Examples;
pub use crate::engine::fleet::Test;
use crate::seed::Seed;
use crate::train::Mixture;

/// The examples of one seed: the new tasks in their order, then the old one, `samples` each.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    pub seed: Seed,
    /// Training inputs, [(stages + 1) samples, inputs].
    x: Vec<f32>,
    /// Training labels before and in fine-tuning, [(stages + 1) samples] each. Of what pre-training does not see
    /// it has 0.
    labels: [Vec<f32>; 2],
    /// Test points of the new tasks, then of the old one.
    tests: Vec<Test>,
    /// The points of the run's grid, [GRID, inputs].
    line: Vec<f32>,
    /// Whether replay in a later task draws on the earlier new tasks, too.
    replays_new: bool,
}

impl Inputs {
    /// The examples of one seed under a spec.
    pub fn of(spec: &CheckedSpec, seed: u32) -> Self {
        let seed = Seed::new(u64::from(seed));
        let tasks = (spec.world.draw)(&spec.setting(), seed);
        let samples = spec.samples as usize;
        let replays_new = spec.world.replays_new;
        let [origin, direction] = &tasks.line;
        let point = |s: f32| origin.iter().zip(direction).map(move |(o, d)| (o + f64::from(s) * d) as f32);
        let line = spec.grid().into_iter().flat_map(point).collect();
        let (mut x, mut labels, mut tests) = (Vec::new(), [Vec::new(), Vec::new()], Vec::new());
        for task in tasks.new {
            let [train, test] = task.before.map_or([None, None], |both| both.map(Some));
            x.extend(task.train.x);
            labels[0].extend(train.unwrap_or_else(|| vec![0.0; samples]));
            labels[1].extend(task.train.y);
            tests.push(Test { x: task.test.x, y: task.test.y, before: test });
        }
        x.extend(tasks.old_train.x);
        labels.iter_mut().for_each(|labels| labels.extend(&tasks.old_train.y));
        tests.push(Test { x: tasks.old_test.x, y: tasks.old_test.y, before: None });
        Self { seed, x, labels, tests, line, replays_new }
    }

    /// How many new tasks there are, one after the other.
    pub fn stages(&self) -> usize {
        self.tests.len() - 1
    }

    /// Training inputs.
    ///
    /// # Shapes
    /// [(stages + 1) samples, inputs], the new tasks first
    pub fn training_inputs(&self) -> &[f32] {
        &self.x
    }

    /// Training labels of a phase.
    ///
    /// # Shapes
    /// [(stages + 1) samples], the new tasks first
    pub fn labels(&self, fine_tuning: bool) -> &[f32] {
        &self.labels[usize::from(fine_tuning)]
    }

    /// Test points of every task: the new ones, then the old one.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// Test points of the old task.
    pub fn old(&self) -> &Test {
        &self.tests[self.stages()]
    }

    /// Test inputs of every task in the order of [`Self::tests`].
    ///
    /// # Shapes
    /// [(stages + 1) samples, inputs]
    pub fn test_inputs(&self) -> Vec<f32> {
        self.tests.iter().flat_map(|test| &test.x).copied().collect()
    }

    /// Where the learned function is recorded.
    ///
    /// # Shapes
    /// [GRID, inputs]
    pub fn line(&self) -> &[f32] {
        &self.line
    }

    /// The mixture of a new task: equal weights in pre-training, those of the spec in fine-tuning.
    pub fn mixture(&self, spec: &CheckedSpec, fine_tuning: bool, stage: usize) -> Mixture {
        let samples = spec.samples as usize;
        let mixture = if fine_tuning {
            Mixture::new(samples, &spec.new_weights, &spec.old_weights)
        } else {
            Mixture::new(samples, &[], &[])
        };
        mixture.in_sequence(stage, self.stages(), self.replays_new)
    }

    /// The training examples of a phase under given weights.
    pub fn examples(&self, fine_tuning: bool, weight: Vec<f32>) -> Examples {
        Examples { x: self.x.clone(), y: self.labels(fine_tuning).to_vec(), weight }
    }
}
