//! Beyond a line and a free step: points of several coordinates, and restraints.

use std::time::Instant;

use lethe::engine::fused_cpu::Instructions;
use lethe::engine::{Batches, Examples, Outcome};
use lethe::model::{Activation, Mlp, Parameters};
use lethe::seed::Seed;
use lethe::train::{OptimiserKind, Restraint, Tether};

use crate::clock::Clock;
use crate::fastest;
use crate::floor::floor_ns;
use crate::operations::operations;
use crate::work::Work;

/// Points of several coordinates: what each costs.
pub fn in_space(clock: &Clock) {
    println!("\nOne core, one network, 512 samples of 1 to 64 coordinates; ns per sample x unit x step (floor)");
    let set = Instructions::fastest();
    for activation in [Activation::Tanh, Activation::Relu] {
        for width in [64, 512] {
            print!("{:>8} {width:>4}", format!("{activation:?}"));
            for inputs in [1, 2, 4, 16, 64] {
                let work = points(inputs, width, activation);
                let seconds = fastest(|| work.train_on(set, 1));
                // Another multiplication and addition for each coordinate, forward and back.
                let more = floor_ns(clock, Activation::Linear, set) / operations(Activation::Linear);
                let floor = floor_ns(clock, activation, set) + 4.0 * (inputs - 1) as f64 * more;
                print!("   {inputs:>3} {:.3} ({floor:.3})", work.ns(seconds));
            }
            println!();
        }
    }
}

/// What a tether and forbidden directions add to a step.
pub fn held_back() {
    println!("\nRestraints, 512 samples, tanh, one core; time of a step relative to an unrestrained one");
    for width in [64, 512] {
        let work = Work::new(1, 512, width, Activation::Tanh, (6_000 / width) as u32);
        let filled = |value| Parameters::filled(&work.mlp, value);
        let tether = Some(Tether { anchor: work.starts[0].clone(), keep: filled(0.999) });
        let along = filled(1.0 / (work.mlp.parameter_count() as f32).sqrt());
        let forbid = |count| Restraint { tether: None, forbidden: vec![along.clone(); count] };
        let plain = fastest(|| restrained(&work, &Restraint::default()));
        let tethered = fastest(|| restrained(&work, &Restraint { tether: tether.clone(), forbidden: Vec::new() }));
        let [few, many] = [8, 64].map(|count| fastest(|| restrained(&work, &forbid(count))) / plain);
        println!("{width:>13}   tether {:.3}   8 directions {few:.3}   64 directions {many:.3}", tethered / plain);
    }
}

/// One network on normal points, with a parabola along their first coordinate.
fn points(inputs: usize, width: usize, activation: Activation) -> Work {
    let mut work = Work::new(1, 512, width, activation, (6_000 / width / inputs.min(8)) as u32);
    work.mlp = Mlp { inputs, ..work.mlp };
    let mut stream = Seed::new(0).stream();
    work.starts = vec![work.mlp.init(&mut stream)];
    let x: Vec<f32> = (0..512 * inputs).map(|_| stream.normal() as f32).collect();
    let y = x.chunks_exact(inputs).map(|x| x[0] * x[0] - x[0]).collect();
    work.examples = Examples { x, y, weight: vec![1.0 / 512.0; 512] };
    work
}

/// Trains the first network under a restraint; seconds.
fn restrained(work: &Work, restraint: &Restraint) -> f64 {
    let mut state = work.state(0, OptimiserKind::Gd);
    state.restrain(Some(restraint));
    let start = Instant::now();
    assert_eq!(state.train(&work.examples, work.steps, Batches::Full, None), Outcome::Finished);
    start.elapsed().as_secs_f64()
}
