//! Small networks that tell clusters apart, and the same clusters seen otherwise.

use ndarray::{Array1, s};

use super::similarity::nearest;
use super::spec::CheckedSpec;
use super::subject::{Example, Task};
use crate::data::{Examples as Points, Setting, Tasks, World};
use crate::engine::{Batches, Examples, Trainee};
use crate::experiments::run::tangent_kernel;
use crate::kernel::{Linearised, Rule};
use crate::model::{Activation, Mlp, Parameterisation, Parameters};
use crate::seed::Seed;
use crate::train::{Optimiser, OptimiserKind};

/// Full-batch steps of pre-training.
const PRETRAINING: u32 = 2000;
/// Spread of each cluster; centres are 2 apart.
const SPREAD: f64 = 0.5;
/// Clusters of permuted tasks.
const CLUSTERS: usize = 8;

/// A network trained on the old task, the new tasks, and test points of the old one.
pub struct Networks {
    pub(super) mlp: Mlp,
    pub(super) start: Parameters,
    pub(super) drawn: Tasks,
    /// f at the test points.
    before: Vec<f32>,
    pub(super) tasks: Vec<Task>,
    pub(super) examples: Vec<Example>,
}

impl Networks {
    /// Draws the tasks of a world and trains a network on the old one.
    pub fn train(spec: &CheckedSpec, world: World) -> Self {
        let seed = Seed::new(u64::from(spec.base_seed));
        let tasks = spec.tasks as usize;
        let setting = Setting {
            inputs: world.inputs as usize,
            samples: spec.examples as usize,
            means: [-1.0, 1.0],
            standard_deviation: SPREAD,
            new_label: 0.0,
            label_noise: 0.0,
            clusters: CLUSTERS,
            similarity: 0.0,
            tasks: tasks + 1,
            // The last is turned round altogether: its labels are the other way.
            angle: 180.0 / tasks as f64,
            share: 0.0,
        };
        let drawn = (world.draw)(&setting, seed);
        let mlp = Mlp {
            inputs: setting.inputs,
            ..Mlp::on_a_line(spec.width as usize, Activation::Relu, Parameterisation::Ntk)
        };
        let first = mlp.init(&mut seed.fork("init").stream());
        let mut state = Trainee::new(mlp, first, optimiser(spec, OptimiserKind::Gd));
        state.train(&weighted(&drawn.old_train), PRETRAINING, Batches::Full, None);
        let before = state.outputs(&drawn.old_test.x);
        let errors = before.iter().zip(&drawn.old_test.y).enumerate();
        let example = |(place, (&f, &y)): (usize, (&f32, &f32))| Example {
            name: format!("point {place}"),
            kind: format!("class {y}"),
            relation: None,
            base_loss: (f - y) * (f - y),
            base_is_right: is_right(f, y),
        };
        let task = |place: usize| Task {
            name: match world.name {
                "rotated" => format!("rotated {:.1}", setting.angle * (place + 1) as f64),
                name => format!("{name} {}", place + 1),
            },
            kind: world.name.to_owned(),
            relation: None,
        };
        Self {
            tasks: (0..tasks).map(task).collect(),
            examples: errors.map(example).collect(),
            start: state.parameters(),
            mlp,
            drawn,
            before,
        }
    }

    /// What the network linearised at its start does on all points of a task at once, in closed form; nothing where its
    /// kernel is not finite.
    pub(super) fn predicted(&self, spec: &CheckedSpec, task: usize) -> Vec<f32> {
        self.linearised(spec, task).unwrap_or_else(|| vec![f32::NAN; self.before.len()])
    }

    fn linearised(&self, spec: &CheckedSpec, task: usize) -> Option<Vec<f32>> {
        let of_task = &self.drawn.new[task].train;
        let n = of_task.y.len();
        let kernel = tangent_kernel(&self.mlp, &self.start, &[&of_task.x[..], &self.drawn.old_test.x].concat())?;
        let start = Trainee::new(self.mlp, self.start.clone(), optimiser(spec, OptimiserKind::Gd));
        let f = start.outputs(&of_task.x);
        let residuals: Array1<f64> = f.iter().zip(&of_task.y).map(|(&f, &y)| f64::from(f) - f64::from(y)).collect();
        let asked = self.before.iter().copied().map(f64::from).collect();
        let (within, across) = (kernel.slice(s![..n, ..n]).to_owned(), kernel.slice(s![n.., ..n]).to_owned());
        let linearised = Linearised::new(within, across, residuals, asked).ok()?;
        let modes = linearised.modes(&Array1::from_elem(n, 1.0 / n as f64)).ok()?;
        let rule = Rule::Descent { rate: f64::from(optimiser(spec, OptimiserKind::Gd).learning_rate) };
        let after = modes.outputs(rule, f64::from(spec.steps)).ok()?;
        Some(self.rises(&after.iter().map(|&f| f as f32).collect::<Vec<f32>>()))
    }

    /// Squared errors after less those before: `[examples]`.
    pub(super) fn rises(&self, after: &[f32]) -> Vec<f32> {
        let square = |f: f32, y: f32| (f64::from(f) - f64::from(y)) * (f64::from(f) - f64::from(y));
        let points = after.iter().zip(&self.before).zip(&self.drawn.old_test.y);
        points.map(|((&after, &before), &y)| (square(after, y) - square(before, y)) as f32).collect()
    }

    /// See [`Subject::similarity`](super::Subject::similarity).
    pub(super) fn similarity(&self) -> Vec<f32> {
        let of_task = |task: &crate::data::NewTask| {
            let points = self.drawn.old_test.x.chunks_exact(self.mlp.inputs);
            points.map(|point| -nearest(point, &task.train.x)).collect::<Vec<f32>>()
        };
        self.drawn.new.iter().flat_map(of_task).collect()
    }
}

pub(super) fn optimiser(spec: &CheckedSpec, kind: OptimiserKind) -> Optimiser {
    Optimiser { kind, learning_rate: spec.network_learning_rate as f32 }
}

/// Labels are 0 and 1.
pub(super) fn is_right(f: f32, y: f32) -> bool {
    (f > 0.5) == (y > 0.5)
}

fn weighted(points: &Points) -> Examples {
    let count = points.y.len();
    Examples { x: points.x.clone(), y: points.y.clone(), weight: vec![1.0 / count as f32; count] }
}
