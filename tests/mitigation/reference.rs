//! Every mitigation under every optimiser against `tests/golden/mitigations.py`.

use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Outcome};
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
use lethe::train::mitigation::{Base, ewc, ogd};
use lethe::train::{Optimiser, OptimiserKind};
use serde::Deserialize;

use crate::world::{World, mitigation, optimiser, outputs};

#[derive(Deserialize)]
struct Golden {
    every: u32,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    network: Shape,
    new_x: Vec<f32>,
    new_y: Vec<f32>,
    old_x: Vec<f32>,
    old_y: Vec<f32>,
    start: Parameters,
    importance: Vec<f64>,
    probe: Vec<f64>,
    projected: Vec<f64>,
    curves: Vec<Curve>,
}

#[derive(Deserialize)]
struct Shape {
    inputs: usize,
    width: usize,
    activation: Activation,
    parameterisation: Parameterisation,
    richness: f32,
}

#[derive(Deserialize)]
struct Curve {
    mitigation: String,
    strength: f64,
    optimiser: OptimiserKind,
    learning_rate: f32,
    batches: Vec<Vec<u32>>,
    losses: Vec<[f64; 2]>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/mitigations.json")).unwrap()
}

impl Case {
    fn world(&self) -> World {
        let Shape { inputs, width, activation, parameterisation, richness } = self.network;
        World {
            mlp: Mlp { inputs, richness, ..Mlp::on_a_line(width, activation, parameterisation) },
            start: self.start.clone(),
            new_x: self.new_x.clone(),
            new_y: self.new_y.clone(),
            old_x: self.old_x.clone(),
            old_y: self.old_y.clone(),
        }
    }
}

#[test]
fn curves_are_those_of_the_reference() {
    let golden = golden();
    let curves: usize = golden.cases.iter().map(|case| case.curves.len()).sum();
    assert_eq!(curves, 2 * 10 * 4);
    for case in &golden.cases {
        let world = case.world();
        for curve in &case.curves {
            let of = optimiser(curve.optimiser, curve.learning_rate);
            let found = trained(&world, curve, of, golden.every);
            let largest = curve.losses.iter().flatten().fold(0.0, |a: f64, &b| a.max(b));
            for (step, (found, expected)) in found.iter().zip(&curve.losses).enumerate() {
                for (found, expected) in found.iter().zip(expected) {
                    let difference = (found - expected).abs() / largest;
                    // 50 steps in f32 against f64.
                    let name = &curve.mitigation;
                    assert!(difference < 2e-5, "{name}, {of:?}, {step}: {found}, not {expected}");
                }
            }
            assert_eq!(found.len(), curve.losses.len());
        }
    }
}

/// The losses on both tasks every few steps.
fn trained(world: &World, curve: &Curve, optimiser: Optimiser, every: u32) -> Vec<[f64; 2]> {
    let treatment = world.treatment(mitigation(&curve.mitigation), curve.strength, optimiser).unwrap();
    let (mut network, examples) = world.begin(&treatment, optimiser);
    let losses = |network: &State| {
        let measured = treatment.measured(&world.mlp, network.parameters(), &world.start).unwrap();
        [(&world.new_x, &world.new_y), (&world.old_x, &world.old_y)].map(|(x, y)| {
            let f = outputs(world.mlp, &measured, x);
            let squares = f.iter().zip(y).map(|(f, y)| f64::from(f - y) * f64::from(f - y));
            squares.sum::<f64>() / y.len() as f64
        })
    };
    let mut found = vec![losses(&network)];
    for _ in 1..curve.losses.len() {
        let mut draw = |step: u32, batch: &mut [u32]| batch.copy_from_slice(&curve.batches[step as usize]);
        let batches = match curve.batches.first() {
            Some(first) => Batches::Sampled { size: first.len(), draw: &mut draw },
            None => Batches::Full,
        };
        assert_eq!(network.train(&examples, every, batches, None), Outcome::Finished);
        found.push(losses(&network));
    }
    found
}

#[test]
fn importances_are_those_of_the_reference() {
    for case in golden().cases {
        let world = case.world();
        let network = State::new(world.mlp, world.start.clone(), optimiser(OptimiserKind::Gd, 0.1));
        let base = Base {
            mlp: world.mlp,
            optimiser: optimiser(OptimiserKind::Gd, 0.1),
            parameters: &world.start,
            new_inputs: &[],
            new_labels: &[],
            new_outputs: &[],
            old_inputs: &world.old_x,
            gradients: &|x| network.gradients(x),
        };
        let largest = case.importance.iter().fold(0.0, |a: f64, &b| a.max(b));
        let found = ewc::importance(&base).unwrap();
        assert_eq!(found.len(), case.importance.len());
        for (found, expected) in found.iter().zip(&case.importance) {
            // Squares of gradients in f32.
            assert!((found - expected).abs() < 1e-6 * largest, "{found}, not {expected}");
        }
    }
}

#[test]
fn the_projection_is_that_of_the_reference() {
    for case in golden().cases {
        let world = case.world();
        let network = State::new(world.mlp, world.start.clone(), optimiser(OptimiserKind::Gd, 0.1));
        let every_other: Vec<f32> = world.old_x.chunks_exact(world.mlp.inputs).step_by(2).flatten().copied().collect();
        let rows = network.gradients(&every_other).iter().map(|row| row.iter().map(f64::from).collect()).collect();
        let mut found = case.probe.clone();
        for along in ogd::basis(rows) {
            let part: f64 = along.iter().zip(&found).map(|(a, b)| a * b).sum();
            found.iter_mut().zip(&along).for_each(|(value, along)| *value -= part * along);
        }
        for (found, expected) in found.iter().zip(&case.projected) {
            // Gradients of 1e-7, times the condition of four of them.
            assert!((found - expected).abs() < 2e-5, "{found}, not {expected}");
        }
    }
}
