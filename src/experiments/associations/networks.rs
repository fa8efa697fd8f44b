//! Small networks, and tasks that they are tuned on.

use ndarray::{Array1, s};

use super::families::Family;
use super::rows::rows;
use super::similarity::nearest;
use super::spec::CheckedSpec;
use super::subject::{Example, Task};
use crate::data::{Examples as Points, World};
use crate::engine::fused_cpu::State;
use crate::engine::{Batches, Examples};
use crate::experiments::run::plain_kernel;
use crate::kernel::{Linearised, Rule};
use crate::model::{Activation, Mlp, Parameterisation, Parameters};
use crate::seed::Seed;
use crate::train::{Optimiser, OptimiserKind};

/// Full-batch steps of pre-training.
const PRETRAINING: u32 = 2000;

/// A network that was trained, the tasks that it is tuned on, and points of what it was trained on.
pub struct Networks {
    pub(super) mlp: Mlp,
    pub(super) start: Parameters,
    pub(super) family: Family,
    /// f at the upstream points.
    before: Vec<f32>,
    pub(super) tasks: Vec<Task>,
    pub(super) examples: Vec<Example>,
}

impl Networks {
    /// Draws the tasks of a world and trains a network on what comes before them.
    pub fn train(spec: &CheckedSpec, world: World) -> Self {
        let family = Family::draw(spec, world);
        let mlp = Mlp {
            inputs: family.inputs,
            ..Mlp::on_a_line(spec.width as usize, Activation::Relu, Parameterisation::Ntk)
        };
        let seed = Seed::new(u64::from(spec.base_seed));
        let first = mlp.init(&mut seed.fork("init").stream());
        let mut state = State::new(mlp, first, optimiser(spec, OptimiserKind::Gd));
        state.train(&weighted(&family.pretraining), PRETRAINING, Batches::Full, None);
        let before = outputs(&state, &family.upstream.x);
        let points = before.iter().zip(&family.upstream.y).zip(&family.kinds).enumerate();
        let example = |(place, ((&f, &y), kind)): (usize, ((&f32, &f32), &String))| Example {
            name: format!("point {place}"),
            kind: kind.clone(),
            relation: None,
            base_loss: (f - y) * (f - y),
            base_is_right: family.is_right(f, y),
        };
        Self {
            tasks: rows(spec),
            examples: points.map(example).collect(),
            start: state.parameters(),
            mlp,
            family,
            before,
        }
    }

    /// What the network linearised at its start does on all points of a task at once, in closed form; nothing where its
    /// kernel is not finite.
    pub(super) fn predicted(&self, spec: &CheckedSpec, task: usize) -> Vec<f32> {
        self.linearised(spec, task).unwrap_or_else(|| vec![f32::NAN; self.before.len()])
    }

    fn linearised(&self, spec: &CheckedSpec, task: usize) -> Option<Vec<f32>> {
        let of_task = &self.family.tasks[task];
        let n = of_task.y.len();
        let kernel = plain_kernel(&self.mlp, &self.start, &[&of_task.x[..], &self.family.upstream.x].concat())?;
        let start = State::new(self.mlp, self.start.clone(), optimiser(spec, OptimiserKind::Gd));
        let f = outputs(&start, &of_task.x);
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
        let points = after.iter().zip(&self.before).zip(&self.family.upstream.y);
        points.map(|((&after, &before), &y)| (square(after, y) - square(before, y)) as f32).collect()
    }

    /// See [`Subject::features`](super::Subject::features).
    pub(super) fn representations(&self) -> [Vec<f32>; 2] {
        // What f changes by with an output weight is the activation that the weight multiplies.
        let state = State::new(self.mlp, self.start.clone(), Optimiser { kind: OptimiserKind::Gd, learning_rate: 0.0 });
        let activations = |x: &[f32]| state.gradients(x).into_iter().map(|gradient| gradient.w2).collect::<Vec<_>>();
        let of_task = |task: &Points| {
            let all = activations(&task.x);
            let mean = |unit: usize| all.iter().map(|own| f64::from(own[unit])).sum::<f64>() / all.len() as f64;
            (0..self.mlp.width).map(|unit| mean(unit) as f32).collect::<Vec<f32>>()
        };
        [self.family.tasks.iter().flat_map(of_task).collect(), activations(&self.family.upstream.x).concat()]
    }

    /// See [`Subject::similarity`](super::Subject::similarity).
    pub(super) fn similarity(&self) -> Vec<f32> {
        let of_task = |task: &Points| {
            let points = self.family.upstream.x.chunks_exact(self.mlp.inputs);
            points.map(|point| -nearest(point, &task.x)).collect::<Vec<f32>>()
        };
        self.family.tasks.iter().flat_map(of_task).collect()
    }
}

pub(super) fn optimiser(spec: &CheckedSpec, kind: OptimiserKind) -> Optimiser {
    Optimiser { kind, learning_rate: spec.network_learning_rate as f32 }
}

/// f at some points.
///
/// # Shapes
/// `x`: `[n, inputs]` row by row; result: `[n]`
pub(super) fn outputs(network: &State, x: &[f32]) -> Vec<f32> {
    let mut f = vec![0.0; x.len() / network.mlp().inputs];
    network.predict(x, &mut f);
    f
}

fn weighted(points: &Points) -> Examples {
    let count = points.y.len();
    Examples { x: points.x.clone(), y: points.y.clone(), weight: vec![1.0 / count as f32; count] }
}
