//! A network in training.

use serde::{Deserialize, Serialize};

use super::super::examples::{Batches, Examples, Outcome, Stop};
use super::block::Blocks;
use super::lanes::{Eight, Instructions, LANES, dispatch};
use super::measure::{Predict, SquaredGradient};
use super::pass::{Found, Kept, Pass};
use super::tile::{TILE, Tile, tile_all, tile_batch, tile_inputs};
use super::update::{Update, moments_of};
use crate::model::{Mlp, Parameters};
use crate::train::{Optimiser, OptimiserKind};

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
    instructions: Instructions,
}

/// All that a [`State`] must remember; with its network's shape and its optimiser it continues bit for bit.
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
    /// If the network is not one of this engine's ([`Mlp::is_shallow`], one input), has no units, or `parameters` have another shape.
    pub fn new(mlp: Mlp, parameters: Parameters, optimiser: Optimiser) -> Self {
        assert!(mlp.is_shallow() && mlp.inputs == 1 && mlp.width > 0, "this engine trains one plain hidden layer");
        assert!(parameters.fit(&mlp), "parameters have the network's shape");
        Self {
            mlp,
            optimiser,
            step: 0,
            parameters: Blocks::pack(&parameters),
            first: Blocks::zeros(if moments_of(optimiser.kind) > 0 { mlp.width } else { 0 }),
            second: Blocks::zeros(if moments_of(optimiser.kind) > 1 { mlp.width } else { 0 }),
            instructions: Instructions::fastest(),
        }
    }

    /// The same network at the start of a new phase: moments and step count begin anew.
    pub fn begin_phase(&mut self, optimiser: Optimiser) {
        let instructions = self.instructions;
        *self = Self { instructions, ..Self::new(self.mlp, self.parameters(), optimiser) };
    }

    /// Runs on the given instructions from here on. No result changes.
    pub fn on(self, instructions: Instructions) -> Self {
        Self { instructions, ..self }
    }

    /// What is needed to continue elsewhere.
    pub fn snapshot(&self) -> Snapshot {
        let moments = [&self.first, &self.second].into_iter().take(moments_of(self.optimiser.kind));
        let moments = moments.map(|moment| moment.unpack(self.mlp.width)).collect();
        Snapshot { parameters: self.parameters(), step: self.step, moments }
    }

    /// Continues from a snapshot; `None` where it does not fit the network or the optimiser.
    pub fn restore(mlp: Mlp, optimiser: Optimiser, snapshot: Snapshot) -> Option<Self> {
        let fits = |of: &Parameters| of.fit(&mlp);
        let whole = mlp.width > 0 && fits(&snapshot.parameters) && snapshot.moments.iter().all(fits);
        if !whole || snapshot.moments.len() != moments_of(optimiser.kind) {
            return None;
        }
        let mut state = Self::new(mlp, snapshot.parameters, optimiser);
        state.step = snapshot.step;
        for (moment, saved) in [&mut state.first, &mut state.second].into_iter().zip(&snapshot.moments) {
            *moment = Blocks::pack(saved);
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
        self.parameters.unpack(self.mlp.width)
    }

    /// Makes `steps` steps, fewer if it stops or diverges. In which portions steps are asked for
    /// changes nothing.
    ///
    /// # Panics
    /// If the lengths in `examples` differ, a drawn index is out of range, or a batch is empty.
    pub fn train(&mut self, examples: &Examples, steps: u32, batches: Batches<'_>, stop: Option<Stop>) -> Outcome {
        let n = examples.x.len();
        assert_eq!((n, n), (examples.y.len(), examples.weight.len()), "x, y and weight have one length");
        match batches {
            Batches::Full => self.train_full(examples, steps, stop),
            Batches::Sampled { size, draw } => self.train_sampled(examples, steps, size, draw, stop),
        }
    }

    fn train_full(&mut self, examples: &Examples, steps: u32, stop: Option<Stop>) -> Outcome {
        let tiles = tile_all(examples, stop);
        let mut scratch = Scratch::new(self.mlp.width);
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
        let epoch = examples.x.len().div_ceil(size).max(1) as u32;
        let mut tiles = Vec::with_capacity(size.div_ceil(TILE));
        let mut indices = vec![0; size];
        let mut scratch = Scratch::new(self.mlp.width);
        for _ in 0..steps {
            if let Some(stop) = stop.filter(|_| self.step.is_multiple_of(epoch)) {
                let (x, y) = (&examples.x[..stop.examples], &examples.y[..stop.examples]);
                if self.squared_error(x, y) <= stop.level {
                    return Outcome::Stopped { step: self.step };
                }
            }
            draw(self.step, &mut indices);
            tile_batch(&mut tiles, examples, &indices);
            if !self.pass(&tiles, &mut scratch).bounded {
                return Outcome::Diverged { step: self.step };
            }
            self.update(&scratch.gradient);
        }
        Outcome::Finished
    }

    /// The gradient of the loss at the present parameters.
    pub fn gradient(&self, examples: &Examples) -> Parameters {
        let mut scratch = Scratch::new(self.mlp.width);
        self.pass(&tile_all(examples, None), &mut scratch);
        scratch.gradient.unpack(self.mlp.width)
    }

    fn pass(&self, tiles: &[Tile], scratch: &mut Scratch) -> Found {
        let pass = Pass {
            activation: self.mlp.activation,
            output_scale: self.mlp.output_scale(),
            parameters: &self.parameters,
            tiles,
            gradient: &mut scratch.gradient,
            kept: &mut scratch.kept,
        };
        dispatch(self.instructions, pass)
    }

    fn update(&mut self, gradient: &Blocks) {
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
        self.step += 1;
    }

    /// f(x) for each of `x`.
    ///
    /// # Panics
    /// If `x` and `out` differ in length.
    pub fn predict(&self, x: &[f32], out: &mut [f32]) {
        assert_eq!(x.len(), out.len(), "one output for each input");
        let predict = Predict {
            activation: self.mlp.activation,
            output_scale: self.mlp.output_scale(),
            parameters: &self.parameters,
            tiles: &tile_inputs(x),
            out,
        };
        dispatch(self.instructions, predict);
    }

    /// The mean of (f(x) - y)^2; NaN over no points.
    pub fn squared_error(&self, x: &[f32], y: &[f32]) -> f32 {
        let mut f = vec![0.0; x.len()];
        self.predict(x, &mut f);
        let sum: f64 = f.iter().zip(y).map(|(f, y)| f64::from((f - y) * (f - y))).sum();
        (sum / x.len() as f64) as f32
    }

    /// How far the parameters are from others: the Euclidean norm over w1, b1, w2 and b2.
    pub fn distance(&self, from: &Parameters) -> f32 {
        let here = self.parameters();
        let rows = [(&here.w1, &from.w1), (&here.b1, &from.b1), (&here.w2, &from.w2)];
        let pairs = rows.into_iter().flat_map(|(here, from)| here.iter().zip(from)).chain([(&here.b2, &from.b2)]);
        let sum: f64 = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)) * (f64::from(a) - f64::from(b))).sum();
        sum.sqrt() as f32
    }

    /// sum_i weight_i k(x_i, x_i), where k(x, x) = sum over parameters of (df/dtheta)^2 times the factor
    /// on that parameter's learning rate: the empirical neural tangent kernel that gradient descent sees.
    pub fn kernel_trace(&self, x: &[f32], weight: &[f32]) -> f32 {
        let mut squared = vec![0.0; x.len()];
        let gradient =
            SquaredGradient { activation: self.mlp.activation, parameters: &self.parameters, x, out: &mut squared };
        dispatch(self.instructions, gradient);
        let scale = f64::from(self.mlp.output_scale());
        let factor = scale * scale * f64::from(self.mlp.rate_scale());
        let terms = squared.iter().zip(weight);
        terms.map(|(&k, &weight)| f64::from(weight) * (factor * f64::from(k) + 1.0)).sum::<f64>() as f32
    }
}

/// What a pass writes to.
struct Scratch {
    gradient: Blocks,
    kept: Vec<Kept>,
}

impl Scratch {
    fn new(width: usize) -> Self {
        let kept = vec![[Eight::ZERO; TILE]; width.div_ceil(LANES)];
        Self { gradient: Blocks::zeros(width), kept }
    }
}
