//! What is read off networks without training them.

use burn_tensor::Tensor;

use super::forward::forward;
use super::squad::{Fault, Squad, read};
use super::task::tensor;
use crate::engine::LARGEST_OUTPUT;
use crate::engine::fleet::{Common, Measured};

/// A measurement of a squad, still on the device: its outputs on test inputs and the grid, then its squared
/// distance.
pub struct Kept {
    places: Vec<usize>,
    /// Test inputs.
    test: usize,
    /// `[networks, test + grid + 1]`
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
        let of = |&world: &usize| setting.worlds[world].test.iter().chain(&setting.common.grid).copied();
        let values: Vec<f32> = squad.worlds.iter().flat_map(of).collect();
        let points = values.len() / inputs / networks;
        let test = points - setting.common.grid.len() / inputs;
        let x = tensor(values, [networks, points, inputs], &setting.device);
        let outputs = forward(&squad.shape, &squad.theta, x).reshape([networks, points]);
        let moved = squad
            .theta
            .iter()
            .zip(&squad.start)
            .map(|(now, start)| (now.clone() - start.clone()).square().sum_dims(&[1, 2]).reshape([networks, 1]));
        let squared = moved.reduce(|sum, part| sum + part).expect("a network has parameters");
        Self { places: squad.places.clone(), test, rows: Tensor::cat(vec![outputs, squared], 1) }
    }

    /// What it says of each network, with the network's place.
    pub async fn measured(self, common: &Common) -> Result<Vec<(usize, Measured)>, Fault> {
        let [_, each] = self.rows.dims();
        let values = read(self.rows.reshape([-1])).await?;
        let rows = self.places.into_iter().zip(values.chunks_exact(each));
        Ok(rows.map(|(place, row)| (place, measured(row, self.test, common))).collect())
    }
}

fn measured(row: &[f32], test: usize, common: &Common) -> Measured {
    let (squared, outputs) = row.split_last().expect("the distance is there");
    let (test, grid) = outputs.split_at(test);
    let (new, old) = test.split_at(test.len() / 2);
    let mean =
        |f: &[f32], of: &dyn Fn(f32) -> f32| (f.iter().map(|&f| f64::from(of(f))).sum::<f64>() / f.len() as f64) as f32;
    let error = |f: &[f32], label: f32| mean(f, &|f| (f - label) * (f - label));
    let [new_label, old_label, label] = common.labels;
    Measured {
        means: [error(new, new_label), error(new, old_label), mean(new, &|f| f), error(old, label), mean(old, &|f| f)],
        distance: squared.sqrt(),
        bounded: test.iter().all(|f| f.abs() <= LARGEST_OUTPUT),
        function: grid.to_vec(),
    }
}
