//! A network in training.

mod reading;

use serde::{Deserialize, Serialize};

use super::super::examples::{Batches, Examples, Outcome, Stop};
use super::block::Blocks;
use super::lanes::{Eight, Instructions, LANES, dispatch};
use super::pass::{Found, Kept, Pass};
use super::restrain::Restrained;
use super::tile::{TILE, Tiles};
use super::update::{Update, moments_of};
use crate::model::{Mlp, Parameters};
use crate::train::{Optimiser, OptimiserKind, Restraint};

/// One network, its optimiser's moments and its place in the phase.
///
/// ```
/// use lethe::engine::{Batches, Examples, Outcome, fused_cpu::State};
/// use lethe::model::{Activation, Mlp, Parameterisation};
/// use lethe::train::{Optimiser, OptimiserKind};
///
/// let mlp = Mlp::on_a_line(16, Activation::Tanh, Parameterisation::Ntk);
/// let start = mlp.init(&mut lethe::seed::Seed::new(0).stream());
/// let mut state = State::new(mlp, start, Optimiser { kind: OptimiserKind::Gd, learning_rate: 0.1 });
/// let line = Examples { x: vec![-1.0, 1.0], y: vec![0.0, 1.0], weight: vec![0.5, 0.5] };
/// assert_eq!(state.train(&line, 500, Batches::Full, None), Outcome::Finished);
/// assert!(state.squared_error(&line.x, &line.y) < 1e-3);
/// ```
#[derive(Clone, Debug)]
pub struct State {
    mlp: Mlp,
    optimiser: Optimiser,
    step: u32,
    parameters: Blocks,
    first: Blocks,
    second: Blocks,
    restraint: Option<Box<Restrained>>,
    instructions: Instructions,
}

/// All that a [`State`] must remember; with its network's shape, its optimiser and its restraint it continues
/// bit for bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub parameters: Parameters,
    /// Steps made in this phase.
    pub step: u32,
    /// The optimiser's moments: none, velocity, or Adam's first and second.
    pub moments: Vec<Parameters>,
}

impl Snapshot {
    /// A network before its first step under an optimiser.
    pub fn at_start(mlp: &Mlp, parameters: Parameters, optimiser: OptimiserKind) -> Self {
        let moments = vec![Parameters::filled(mlp, 0.0); moments_of(optimiser)];
        Self { parameters, step: 0, moments }
    }
}

impl State {
    /// A network at the start of a phase.
    ///
    /// # Panics
    /// If the network is not one of this engine's ([`Mlp::is_shallow`]), has no inputs or no units, or `parameters` have
    /// another shape.
    pub fn new(mlp: Mlp, parameters: Parameters, optimiser: Optimiser) -> Self {
        assert!(trains(&mlp), "this engine trains one plain hidden layer");
        let kept = moments_of(optimiser.kind);
        let moment = |number| Blocks::zeros(if number < kept { mlp.width } else { 0 }, mlp.inputs);
        Self {
            mlp,
            optimiser,
            step: 0,
            parameters: Blocks::pack(&mlp, &parameters),
            first: moment(0),
            second: moment(1),
            restraint: None,
            instructions: Instructions::fastest(),
        }
    }

    /// The same network at the start of a new phase: moments and step count begin anew, and no restraint holds.
    pub fn begin_phase(&mut self, optimiser: Optimiser) {
        let instructions = self.instructions;
        *self = Self { instructions, ..Self::new(self.mlp, self.parameters(), optimiser) };
    }

    /// Restrains every step from here on, or none; a [`Snapshot`] does not hold it.
    ///
    /// # Panics
    /// If a part of it has another shape than the network, or a keep is outside [0, 1].
    pub fn restrain(&mut self, restraint: Option<&Restraint>) {
        let some = restraint.filter(|restraint| !restraint.is_none());
        self.restraint = some.map(|restraint| Box::new(Restrained::new(&self.mlp, restraint)));
    }

    /// Runs on the given instructions from here on. No result changes.
    pub fn on(self, instructions: Instructions) -> Self {
        Self { instructions, ..self }
    }

    /// What is needed to continue elsewhere.
    pub fn snapshot(&self) -> Snapshot {
        let moments = [&self.first, &self.second].into_iter().take(moments_of(self.optimiser.kind));
        let moments = moments.map(|moment| moment.unpack(&self.mlp)).collect();
        Snapshot { parameters: self.parameters(), step: self.step, moments }
    }

    /// Continues from a snapshot, unrestrained; `None` where it does not fit the network or the optimiser, or the network
    /// is not one of this engine's.
    pub fn restore(mlp: Mlp, optimiser: Optimiser, snapshot: Snapshot) -> Option<Self> {
        let fits = |of: &Parameters| of.fit(&mlp);
        let whole = trains(&mlp) && fits(&snapshot.parameters) && snapshot.moments.iter().all(fits);
        if !whole || snapshot.moments.len() != moments_of(optimiser.kind) {
            return None;
        }
        let mut state = Self::new(mlp, snapshot.parameters, optimiser);
        state.step = snapshot.step;
        for (moment, saved) in [&mut state.first, &mut state.second].into_iter().zip(&snapshot.moments) {
            *moment = Blocks::pack(&mlp, saved);
        }
        Some(state)
    }

    /// The network's shape.
    pub fn mlp(&self) -> &Mlp {
        &self.mlp
    }

    /// Steps made in this phase.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// The parameters now.
    pub fn parameters(&self) -> Parameters {
        self.parameters.unpack(&self.mlp)
    }

    /// Makes `steps` steps, fewer if it stops or diverges. In which portions steps are asked for
    /// changes nothing.
    ///
    /// # Panics
    /// If the lengths in `examples` do not go together, a drawn index is out of range, or a batch is empty.
    pub fn train(&mut self, examples: &Examples, steps: u32, batches: Batches<'_>, stop: Option<Stop>) -> Outcome {
        self.check(examples);
        match batches {
            Batches::Full => self.train_full(examples, steps, stop),
            Batches::Sampled { size, draw } => self.train_sampled(examples, steps, size, draw, stop),
        }
    }

    fn check(&self, Examples { x, y, weight }: &Examples) {
        assert_eq!(
            (y.len() * self.mlp.inputs, y.len()),
            (x.len(), weight.len()),
            "as many points as labels and weights"
        );
    }

    fn train_full(&mut self, examples: &Examples, steps: u32, stop: Option<Stop>) -> Outcome {
        let tiles = self.tiles(examples.y.len()).of_all(examples, stop);
        let mut scratch = Scratch::new(&self.mlp);
        for _ in 0..steps {
            let found = self.pass(&tiles, &mut scratch);
            if !found.bounded {
                return Outcome::Diverged { step: self.step };
            }
            if stop.is_some_and(|stop| found.watched / stop.examples as f64 <= f64::from(stop.level)) {
                return Outcome::Stopped { step: self.step };
            }
            self.update(&scratch.gradient);
        }
        Outcome::Finished
    }

    fn train_sampled(
        &mut self,
        examples: &Examples,
        steps: u32,
        size: usize,
        draw: &mut dyn FnMut(u32, &mut [u32]),
        stop: Option<Stop>,
    ) -> Outcome {
        assert!(size > 0, "a batch has examples");
        let epoch = examples.y.len().div_ceil(size).max(1) as u32;
        let mut tiles = self.tiles(size);
        let mut indices = vec![0; size];
        let mut scratch = Scratch::new(&self.mlp);
        for _ in 0..steps {
            if let Some(stop) = stop.filter(|_| self.step.is_multiple_of(epoch)) {
                let (x, y) = (&examples.x[..stop.examples * self.mlp.inputs], &examples.y[..stop.examples]);
                if self.squared_error(x, y) <= stop.level {
                    return Outcome::Stopped { step: self.step };
                }
            }
            draw(self.step, &mut indices);
            tiles.take_batch(examples, &indices);
            if !self.pass(&tiles, &mut scratch).bounded {
                return Outcome::Diverged { step: self.step };
            }
            self.update(&scratch.gradient);
        }
        Outcome::Finished
    }

    /// The gradient of the loss at the present parameters.
    ///
    /// # Panics
    /// If the lengths in `examples` do not go together.
    pub fn gradient(&self, examples: &Examples) -> Parameters {
        self.check(examples);
        let mut scratch = Scratch::new(&self.mlp);
        self.pass(&self.tiles(examples.y.len()).of_all(examples, None), &mut scratch);
        scratch.gradient.unpack(&self.mlp)
    }

    /// Room for `samples` points of this network.
    fn tiles(&self, samples: usize) -> Tiles {
        Tiles::new(self.mlp.inputs, self.hidden_scale(), samples)
    }

    /// The factor between w1 and x, 1 on a line.
    fn hidden_scale(&self) -> f32 {
        self.mlp.hidden_scale(self.mlp.inputs)
    }

    fn pass(&self, tiles: &Tiles, scratch: &mut Scratch) -> Found {
        let pass = Pass {
            activation: self.mlp.activation,
            output_scale: self.mlp.output_scale(),
            parameters: &self.parameters,
            tiles,
            gradient: &mut scratch.gradient,
            kept: &mut scratch.kept,
            slopes: &mut scratch.slopes,
        };
        dispatch(self.instructions, pass)
    }

    fn update(&mut self, gradient: &Blocks) {
        if let Some(restraint) = &mut self.restraint {
            restraint.remember(&self.parameters);
        }
        let update = Update {
            kind: self.optimiser.kind,
            rate: self.optimiser.learning_rate * self.mlp.rate_scale(),
            rate_b2: self.optimiser.learning_rate,
            step: self.step,
            parameters: &mut self.parameters,
            gradient,
            first: &mut self.first,
            second: &mut self.second,
        };
        dispatch(self.instructions, update);
        if let Some(restraint) = &mut self.restraint {
            restraint.apply(&mut self.parameters);
        }
        self.step += 1;
    }
}

/// Whether a network is one of this engine's.
fn trains(mlp: &Mlp) -> bool {
    mlp.is_shallow() && mlp.inputs > 0 && mlp.width > 0
}

/// What a pass writes to.
struct Scratch {
    gradient: Blocks,
    kept: Vec<Kept>,
    slopes: Vec<Kept>,
}

impl Scratch {
    fn new(mlp: &Mlp) -> Self {
        let kept = vec![[Eight::ZERO; TILE]; mlp.width.div_ceil(LANES)];
        let slopes = if mlp.inputs > 1 { kept.clone() } else { Vec::new() };
        Self { gradient: Blocks::zeros(mlp.width, mlp.inputs), kept, slopes }
    }
}
