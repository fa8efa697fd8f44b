//! Strength 0 is plain fine-tuning, and a little strength is almost that.

use lethe::train::OptimiserKind::{self, Adam};
use lethe::train::mitigation::{ALL, Cost, Setting, Treatment};
use proptest::prelude::*;

use crate::world::{KINDS, World, mitigation, optimiser, relative_distance, worlds};

/// Small enough for every world; Adam's steps are of its size.
fn rate(kind: OptimiserKind) -> f32 {
    if kind == Adam { 0.002 } else { 0.005 }
}

fn plainly_tuned(world: &World, kind: OptimiserKind) -> lethe::model::Parameters {
    // Not by a treatment: by hand, with all the weight on the new task.
    use lethe::engine::{Batches, Examples, fused_cpu::State};
    use lethe::{seed::Seed, train::Mixture};
    let count = world.new_y.len();
    let mut network = State::new(world.mlp, world.start.clone(), optimiser(kind, rate(kind)));
    let weight = (0..2 * count).map(|i| if i < count { (1.0 / count as f64) as f32 } else { 0.0 }).collect();
    let examples =
        Examples { x: [&world.new_x[..], &world.old_x].concat(), y: [&world.new_y[..], &world.old_y].concat(), weight };
    let (mixture, mut stream) = (Mixture::new(count, &[], &[]), Seed::new(5).stream());
    let mut draw = |_: u32, batch: &mut [u32]| mixture.draw(0.0, &mut stream, batch);
    let batches = match kind {
        OptimiserKind::Sgd => Batches::Sampled { size: 5, draw: &mut draw },
        _ => Batches::Full,
    };
    network.train(&examples, 30, batches, None);
    network.parameters()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn strength_zero_is_plain_fine_tuning_bit_for_bit(world in worlds()) {
        for kind in KINDS {
            let plain = plainly_tuned(&world, kind);
            for mitigation in ALL {
                let treatment = world.treatment(mitigation, 0.0, optimiser(kind, rate(kind))).unwrap();
                prop_assert_eq!(&treatment, &Treatment::plain());
                let found = world.tuned(&treatment, optimiser(kind, rate(kind)), 30);
                prop_assert_eq!(&found, &plain, "{} under {:?}", mitigation.name, kind);
            }
        }
    }

    #[test]
    fn a_millionth_of_a_strength_is_almost_plain_fine_tuning(world in worlds()) {
        // Adam moves what has no gradient but for the strength as far as everything else.
        for kind in [OptimiserKind::Gd, OptimiserKind::Sgd, OptimiserKind::Momentum] {
            let plain = plainly_tuned(&world, kind);
            for mitigation in ALL.iter().filter(|of| !of.strength.whole && of.name != "none") {
                let treatment = world.treatment(mitigation, 1e-6, optimiser(kind, rate(kind))).unwrap();
                prop_assert_ne!(&treatment, &Treatment::plain());
                let found = world.tuned(&treatment, optimiser(kind, rate(kind)), 30);
                let apart = relative_distance(&plain, &found, &world.start);
                prop_assert!(apart < 1e-3, "{} under {:?}: {}", mitigation.name, kind, apart);
            }
        }
    }
}

#[test]
fn nothing_costs_nothing() {
    let mlp = lethe::model::Mlp::on_a_line(8, lethe::model::Activation::Tanh, lethe::model::Parameterisation::Standard);
    let setting = Setting { mlp, new_examples: 10, old_examples: 20, batch: None };
    for mitigation in ALL {
        assert_eq!(mitigation.cost(&setting, 0.0), Ok(Cost::NOTHING), "{}", mitigation.name);
    }
    // 25 parameters; a pass over ten examples takes thirty multiply-adds for each, the step one.
    let cost = |name: &str, strength| mitigation(name).cost(&setting, strength).unwrap();
    assert_eq!(cost("replay", 0.1), Cost { stored_examples: 20, stored_numbers: 40, step_work: 91.0 / 31.0 });
    assert_eq!(cost("ewc", 1.0), Cost { stored_examples: 0, stored_numbers: 50, step_work: 32.0 / 31.0 });
    assert_eq!(cost("ogd", 4.0), Cost { stored_examples: 0, stored_numbers: 100, step_work: 39.0 / 31.0 });
    let sampled = Setting { batch: Some(3), ..setting };
    assert_eq!(mitigation("added").cost(&sampled, 1.0).unwrap().step_work, 1.0);
}
