//! A small network in tuning on one task, and what it has lost.

use core::ops::Range;

use super::job::Row;
use super::learner::Learner;
use super::networks::{Networks, optimiser, outputs};
use super::spec::CheckedSpec;
use crate::engine::fused_cpu::State;
use crate::engine::{Batches, Examples, Outcome};
use crate::seed::{Seed, Stream};
use crate::train::OptimiserKind;

/// A network in tuning.
pub(super) struct Tuned<'a> {
    networks: &'a Networks,
    task: usize,
    state: State,
    /// The points of the task, then all examples.
    points: Examples,
    /// Points of the task.
    own: u32,
    /// Where its points are drawn, a word each.
    stream: Stream,
}

impl<'a> Tuned<'a> {
    /// Before its first step.
    pub fn begin(networks: &'a Networks, spec: &CheckedSpec, task: usize, seed: u32) -> Self {
        let (own, old) = (&networks.family.tasks[task], &networks.family.upstream);
        let y = [&own.y[..], &old.y].concat();
        let label = &networks.tasks[task].name;
        Self {
            networks,
            task,
            state: State::new(networks.mlp, networks.start.clone(), optimiser(spec, OptimiserKind::Sgd)),
            points: Examples { x: [&own.x[..], &old.x].concat(), weight: vec![1.0 / y.len() as f32; y.len()], y },
            own: own.y.len() as u32,
            stream: Seed::new(u64::from(seed)).fork("associations").fork("batches").fork(label).stream(),
        }
    }

    /// The places of new points, by their numbers, and of examples.
    fn drawn(&self, new: Range<u64>, replayed: &[usize]) -> Vec<u32> {
        let mut stream = self.stream.clone().from_word(new.start);
        let drawn = new.map(|_| stream.below(self.own));
        drawn.chain(replayed.iter().map(|&column| self.own + column as u32)).collect()
    }

    fn errors(&self, state: &State) -> Vec<f32> {
        self.networks.rises(&outputs(state, &self.networks.family.upstream.x))
    }
}

impl Learner for Tuned<'_> {
    fn step(&mut self, new: Range<u64>, replayed: &[usize]) -> Option<u32> {
        let drawn = self.drawn(new, replayed);
        match train(&mut self.state, &self.points, &drawn) {
            Outcome::Diverged { step } => Some(step),
            Outcome::Finished | Outcome::Stopped { .. } => None,
        }
    }

    fn ahead(&self, new: Range<u64>, columns: &[usize]) -> Vec<f64> {
        let mut ahead = self.state.clone();
        train(&mut ahead, &self.points, &self.drawn(new, &[]));
        let (now, then) = (self.errors(&self.state), self.errors(&ahead));
        columns.iter().map(|&column| f64::from(then[column]) - f64::from(now[column])).collect()
    }

    fn rises(&self, columns: &[usize]) -> Vec<f64> {
        let rises = self.errors(&self.state);
        columns.iter().map(|&column| f64::from(rises[column])).collect()
    }

    fn row(&self) -> Option<Row> {
        let family = &self.networks.family;
        let after = outputs(&self.state, &family.upstream.x);
        let right = after.iter().zip(&family.upstream.y).map(|(&f, &y)| family.is_right(f, y));
        Some(Row { is_right: right.collect(), rise: self.networks.rises(&after), diverged: None })
    }

    fn task_loss(&self) -> f64 {
        let test = &self.networks.family.tests[self.task];
        let square = |(f, y): (f32, &f32)| (f64::from(f) - f64::from(*y)) * (f64::from(f) - f64::from(*y));
        outputs(&self.state, &test.x).into_iter().zip(&test.y).map(square).sum::<f64>() / test.y.len() as f64
    }
}

fn train(state: &mut State, points: &Examples, drawn: &[u32]) -> Outcome {
    let mut draw = |_: u32, batch: &mut [u32]| batch.copy_from_slice(drawn);
    state.train(points, 1, Batches::Sampled { size: drawn.len(), draw: &mut draw }, None)
}
