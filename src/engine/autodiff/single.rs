//! One deep network in training on the CPU, with the interface of the reference engine's state.

use burn_tensor::Device;

use super::fleet::Fleet;
use super::jacobian::{jacobian, kernel_trace};
use super::member::{Member, Standing};
use super::shape::Shape;
use crate::engine::fleet::{Common, World};
use crate::engine::fused_cpu::{Snapshot, moments_of};
use crate::engine::threads::at_once;
use crate::engine::{Batches, Examples, Outcome, Stop};
use crate::model::{Mlp, Parameters};
use crate::train::{Optimiser, Restraint};

/// What draws the batch of a step ([`Batches::Sampled`]).
type Draw<'a> = &'a mut dyn FnMut(u32, &mut [u32]);

/// One network, its optimiser's moments and its place in the phase; as [`crate::engine::fused_cpu::State`], for any
/// depth and block. It computes on the thread that asks.
#[derive(Clone, Debug)]
pub struct State {
    shape: Shape,
    optimiser: Optimiser,
    at: Standing,
    restraint: Option<Box<Restraint>>,
}

impl State {
    /// A network at the start of a phase.
    ///
    /// # Panics
    /// If `parameters` have another shape.
    pub fn new(mlp: Mlp, parameters: &Parameters, optimiser: Optimiser) -> Self {
        assert!(parameters.fit(&mlp), "parameters have the network's shape");
        let at = Standing::at_start(parameters.iter().collect(), optimiser.kind);
        Self { shape: Shape::scalar(mlp), optimiser, at, restraint: None }
    }

    /// Continues from a snapshot; `None` where it does not fit the network or the optimiser.
    pub fn restore(mlp: Mlp, optimiser: Optimiser, snapshot: &Snapshot) -> Option<Self> {
        let fits = snapshot.parameters.fit(&mlp) && snapshot.moments.iter().all(|moment| moment.fit(&mlp));
        let whole = fits && snapshot.moments.len() == moments_of(optimiser.kind);
        whole.then(|| Self { shape: Shape::scalar(mlp), optimiser, at: snapshot.into(), restraint: None })
    }

    /// The network's shape.
    pub fn mlp(&self) -> &Mlp {
        &self.shape.mlp
    }

    /// Steps made in this phase.
    pub fn step(&self) -> u32 {
        self.at.step
    }

    /// The parameters now.
    pub fn parameters(&self) -> Parameters {
        Parameters::from_row(&self.shape.mlp, &self.at.parameters).expect("a row of the network's parameters")
    }

    /// What is needed to continue elsewhere.
    pub fn snapshot(&self) -> Snapshot {
        self.at.snapshot(&self.shape).expect("a network with one output")
    }

    /// Restrains every step from here on, or none; a snapshot does not hold it.
    pub fn restrain(&mut self, restraint: Option<&Restraint>) {
        self.restraint = restraint.filter(|restraint| !restraint.is_none()).cloned().map(Box::new);
    }

    /// Makes `steps` steps, fewer if it stops or diverges.
    ///
    /// # Panics
    /// If the lengths in `examples` do not fit together, a drawn index is out of range, or a batch is empty.
    pub fn train(&mut self, examples: &Examples, steps: u32, batches: Batches<'_>, stop: Option<Stop>) -> Outcome {
        let (batch, mut draw) = match batches {
            Batches::Full => (0, None),
            Batches::Sampled { size, draw } => (size, Some(draw)),
        };
        let Some(restraint) = self.restraint.take() else {
            return self.advance(examples, steps, batch, &mut draw, stop);
        };
        let mut outcome = Outcome::Finished;
        for _ in 0..steps {
            let before = self.at.parameters.clone();
            outcome = self.advance(examples, 1, batch, &mut draw, stop);
            if outcome != Outcome::Finished {
                break;
            }
            restraint.apply(&before, &mut self.at.parameters);
        }
        self.restraint = Some(restraint);
        outcome
    }

    fn advance(
        &mut self,
        examples: &Examples,
        steps: u32,
        batch: usize,
        draw: &mut Option<Draw<'_>>,
        stop: Option<Stop>,
    ) -> Outcome {
        let common = Common {
            activation: self.shape.mlp.activation,
            optimiser: self.optimiser.kind,
            batch,
            stop,
            weights: vec![examples.weight.clone()],
        };
        let world = World { x: examples.x.clone(), y: examples.y.clone(), ..World::default() };
        let member = Member {
            shape: self.shape,
            learning_rate: self.optimiser.learning_rate,
            at: self.at.clone(),
            start: self.at.parameters.clone(),
            world: 0,
            weights: 0,
            batches: 0,
        };
        let mut fleet = Fleet::new(&Device::flex(), 1, common, vec![world], &[member]);
        let mut made = 0;
        let mut ended = None;
        while made < steps && ended.is_none() {
            let some = (steps - made).min(fleet.most_steps());
            let mut row = vec![0; batch * some as usize];
            if let Some(draw) = draw {
                let step = self.at.step + made;
                row.chunks_exact_mut(batch).zip(step..).for_each(|(batch, step)| draw(step, batch));
            }
            at_once(fleet.train(some, &[row])).expect("the CPU always answers");
            made += some;
            let collected = at_once(fleet.collect()).expect("the CPU always answers");
            ended = collected.outcomes.into_iter().flatten().next();
        }
        let standings = at_once(fleet.standings()).expect("the CPU always answers");
        self.at = standings.into_iter().next().expect("one network");
        ended.unwrap_or(Outcome::Finished)
    }

    /// f(x) for each of `x`, `[n, inputs]` row by row.
    ///
    /// # Panics
    /// If there are not as many outputs as points.
    pub fn predict(&self, x: &[f32], out: &mut [f32]) {
        assert_eq!(x.len(), out.len() * self.shape.mlp.inputs, "one output for each point");
        out.copy_from_slice(&super::forward::outputs(&self.shape, &self.at.parameters, x));
    }

    /// As [`crate::engine::fused_cpu::State::kernel_trace`].
    pub fn kernel_trace(&self, x: &[f32], weight: &[f32]) -> f32 {
        kernel_trace(&self.shape, &self.at.parameters, x, weight, 1)
    }

    /// df(x)/dtheta for each of `x`.
    pub fn gradients(&self, x: &[f32]) -> Vec<Parameters> {
        let rows = jacobian(&self.shape, &self.at.parameters, x, 1);
        rows.chunks_exact(self.shape.parameter_count())
            .filter_map(|row| Parameters::from_row(&self.shape.mlp, row))
            .collect()
    }
}
