//! Networks that stop or diverge: when, and where they are then.

use lethe::engine::autodiff::{Member, Shape};
use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Examples, Outcome, Stop};
use lethe::model::{Activation, Mlp, Parameterisation};
use lethe::train::{Optimiser, OptimiserKind};

use crate::networks::*;

const SAMPLES: usize = 20;
const STEPS: u32 = 60;

/// Rates from idle to explosive, so that some networks go on, some reach the level and some diverge, at steps
/// that the fused CPU engine names too; also where outputs are read after several steps only.
#[test]
fn networks_end_at_the_steps_of_the_fused_cpu_engine_and_stay_there() {
    let mut stream = stream("ends");
    let mlp = Mlp::on_a_line(14, Activation::Relu, Parameterisation::Ntk);
    let Wave { world, weight } = wave(SAMPLES, 1, 1, &mut stream);
    let examples = Examples { x: world.x.clone(), y: world.y.clone(), weight: weight.clone() };
    let mut kinds = [0; 3];
    let rates = [1e-4, 0.3, 40.0, 0.02, 4.0, 0.1, 0.05, 11.0];
    for batch in [0, 6] {
        for optimiser in OPTIMISERS {
            let stop = Some(Stop { examples: 12, level: 0.3 });
            let drawn: Vec<u32> =
                (0..STEPS as usize * batch).map(|_| (stream.uniform() * SAMPLES as f64) as u32).collect();
            let starts: Vec<_> = rates.iter().map(|_| mlp.init(&mut stream)).collect();
            let expected: Vec<(Outcome, State)> = rates
                .iter()
                .zip(&starts)
                .map(|(&learning_rate, start)| {
                    let mut state = State::new(mlp, start.clone(), Optimiser { kind: optimiser, learning_rate });
                    let mut draw = |step: u32, indices: &mut [u32]| {
                        indices.copy_from_slice(&drawn[step as usize * batch..][..batch]);
                    };
                    let seen =
                        if batch == 0 { Batches::Full } else { Batches::Sampled { size: batch, draw: &mut draw } };
                    (state.train(&examples, STEPS, seen, stop), state)
                })
                .collect();
            let members: Vec<Member> = rates
                .iter()
                .zip(&starts)
                .map(|(&rate, start)| member(Shape::scalar(mlp), rate, start.iter().collect(), optimiser))
                .collect();
            let setting = common(optimiser, batch, stop, vec![weight.clone()]);
            for every in [1, 7, 64] {
                let mut fleet = fleet(setting.clone(), vec![world.clone()], &members).reading_outputs_every(every);
                // In portions, one of which is not a multiple of what is read at once.
                for (from, to) in [(0, 25), (25, STEPS)] {
                    let part = drawn[from as usize * batch..to as usize * batch].to_vec();
                    train(&mut fleet, to - from, &[part]);
                }
                let (ends, at) = (outcomes(&mut fleet), standings(&fleet));
                for (k, (outcome, state)) in expected.iter().enumerate() {
                    let case = format!("{optimiser:?}, batch {batch}, rate {}, reading every {every}", rates[k]);
                    kinds[match outcome {
                        Outcome::Finished => 0,
                        Outcome::Stopped { .. } => 1,
                        Outcome::Diverged { .. } => 2,
                    }] += 1;
                    let found = ends[k].unwrap_or(Outcome::Finished);
                    assert_eq!(found, *outcome, "{case}");
                    assert_eq!(at[k].step, state.step(), "{case}");
                    let expected: Vec<f32> = state.parameters().iter().collect();
                    let off = relative_difference(&wide(&at[k].parameters), &wide(&expected));
                    assert!(off < 1e-3, "{case}: off by {off:e}");
                }
            }
        }
    }
    // Of 144 trainings.
    assert!(kinds.into_iter().all(|count| count >= 12), "ends {kinds:?}");
}

/// How often outputs are read changes no bit, of those that end nor of those that go on.
#[test]
fn reading_outputs_seldom_changes_nothing() {
    let mut stream = stream("seldom");
    let Wave { world, weight } = wave(SAMPLES, 2, 1, &mut stream);
    for batch in [0, 6] {
        let members: Vec<Member> = [0.001, 5.0, 0.05, 0.02, 20.0]
            .map(|rate| {
                let mlp = mlp(2, 12, 3, BLOCKS[1], Activation::Relu);
                member(Shape::scalar(mlp), rate, mlp.init(&mut stream).iter().collect(), OptimiserKind::Momentum)
            })
            .to_vec();
        let drawn: Vec<u32> = (0..STEPS as usize * batch).map(|_| (stream.uniform() * SAMPLES as f64) as u32).collect();
        let stop = Some(Stop { examples: 12, level: 0.4 });
        let run = |every: u32| {
            let setting = common(OptimiserKind::Momentum, batch, stop, vec![weight.clone()]);
            let mut fleet = fleet(setting, vec![world.clone()], &members).reading_outputs_every(every);
            train(&mut fleet, STEPS, std::slice::from_ref(&drawn));
            (outcomes(&mut fleet), standings(&fleet))
        };
        let (often, seldom) = (run(1), run(23));
        assert!(often.0.iter().flatten().count() >= 2, "{:?}", often.0);
        assert_eq!(often.0, seldom.0);
        let bits = |standings: &[lethe::engine::autodiff::Standing]| -> Vec<u32> {
            standings.iter().flat_map(|at| at.parameters.iter().map(|value| value.to_bits())).collect()
        };
        assert_eq!(bits(&often.1), bits(&seldom.1));
    }
}
