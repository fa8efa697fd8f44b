//! What is read off networks without training them.

use burn_tensor::Tensor;

use super::forward::forward;
use super::squad::{Fault, Squad, read};
use super::task::tensor;
use crate::engine::LARGEST_OUTPUT;
use crate::engine::fleet::{Measured, OnTask, Test, World};

/// A measurement of a squad, still on the device: its outputs on test inputs and the line, then its squared
/// distance.
pub struct Kept {
    places: Vec<usize>,
    worlds: Vec<usize>,
    /// `[networks, tests + line + 1]`
    rows: Tensor<2>,
}

impl Kept {
    /// Enqueues the measurement.
    ///
    /// # Panics
    /// If networks have several outputs.
    pub fn of(squad: &Squad) -> Self {
        assert_eq!(squad.shape.outputs, 1, "measurements compare with labels, of which there is one");
        let (setting, networks) = (&squad.setting, squad.places.len());
        let inputs = squad.shape.mlp.inputs;
        let of = |&world: &usize| {
            let World { tests, line, .. } = &setting.worlds[world];
            tests.iter().flat_map(|test| &test.x).chain(line).copied()
        };
        let values: Vec<f32> = squad.worlds.iter().flat_map(of).collect();
        let points = values.len() / inputs / networks;
        let x = tensor(values, [networks, points, inputs], &setting.device);
        let outputs = forward(&squad.shape, &squad.theta, x).reshape([networks, points]);
        let moved = squad
            .theta
            .iter()
            .zip(&squad.start)
            .map(|(now, start)| (now.clone() - start.clone()).square().sum_dims(&[1, 2]).reshape([networks, 1]));
        let squared = moved.reduce(|sum, part| sum + part).expect("a network has parameters");
        let rows = Tensor::cat(vec![outputs, squared], 1);
        Self { places: squad.places.clone(), worlds: squad.worlds.clone(), rows }
    }

    /// What it says of each network, with the network's place.
    pub async fn measured(self, worlds: &[World]) -> Result<Vec<(usize, Measured)>, Fault> {
        let [_, each] = self.rows.dims();
        let values = read(self.rows.reshape([-1])).await?;
        let networks = self.places.into_iter().zip(self.worlds);
        let rows = networks.zip(values.chunks_exact(each));
        Ok(rows.map(|((place, world), row)| (place, measured(row, &worlds[world]))).collect())
    }
}

fn measured(row: &[f32], world: &World) -> Measured {
    let (squared, mut outputs) = row.split_last().expect("the distance is there");
    let task = |test: &Test| {
        let (f, rest) = outputs.split_at(test.y.len());
        outputs = rest;
        on_task(f, test)
    };
    let tasks = world.tests.iter().map(task).collect();
    Measured { tasks, distance: squared.sqrt(), function: outputs.to_vec() }
}

/// What outputs on a task's test points say.
fn on_task(f: &[f32], test: &Test) -> OnTask {
    let mean = |values: &mut dyn Iterator<Item = f32>| (values.map(f64::from).sum::<f64>() / f.len() as f64) as f32;
    let error = |labels: &Vec<f32>| mean(&mut f.iter().zip(labels).map(|(f, label)| (f - label) * (f - label)));
    OnTask {
        error: error(&test.y),
        error_before: test.before.as_ref().map_or(0.0, error),
        mean: mean(&mut f.iter().copied()),
        bounded: f.iter().all(|f| f.abs() <= LARGEST_OUTPUT),
    }
}
