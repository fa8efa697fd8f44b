//! The prescribed replay: gradients, bounds, and never worse than what anybody would try.

use lethe::kernel::optimum::{Bounds, Course, Objective, Reference};
use lethe::kernel::{EvaluationLoss, Reduced, Rule, Schedule, TheoryError};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::explicit::{Explicit, Sizes};

/// A model whose old task is fitted at the start; its points are its examples.
struct World {
    model: Explicit,
    reduced: Reduced,
    id: EvaluationLoss,
    old: EvaluationLoss,
}

fn world(seed: u64) -> World {
    let mut model = Explicit::random(Sizes { new: 6, old: 6, parameters: 10, points: 12 }, seed);
    model.residuals.slice_mut(ndarray::s![6..]).fill(0.0);
    model.evaluation_jacobian = model.jacobian.clone();
    let reduced = Reduced::new(&model.linearised(), &model.mixture(), 1e-12).unwrap();
    let target = |i: usize| (i, model.start[i] - model.residuals[i]);
    let id = EvaluationLoss::mean(12, &(0..6).map(target).collect::<Vec<_>>()).unwrap();
    let old = EvaluationLoss::mean(12, &(6..12).map(target).collect::<Vec<_>>()).unwrap();
    World { model, reduced, id, old }
}

impl World {
    fn course(&self, beta: f64, steps: usize, segments: usize) -> Course<'_> {
        let rule = Rule::Momentum { rate: (1.0 - beta) * self.model.rate(0.4), beta };
        Course::new(&self.reduced, &self.id, &self.old, rule, steps, segments).unwrap()
    }
}

const FREE: Bounds = Bounds { budget: 0.1, id_loss: f64::INFINITY };

#[test]
fn outcomes_are_the_losses_of_the_model_trained_step_by_step() {
    for beta in [0.0, 0.9] {
        let world = world(1);
        let course = world.course(beta, 90, 3);
        let outcome = course.outcome(&[0.0, 0.7, 0.2]).unwrap();
        let rule = Rule::Momentum { rate: (1.0 - beta) * world.model.rate(0.4), beta };
        let losses: Vec<[f64; 2]> = (0..=90_usize)
            .map(|steps| {
                let parts = [0.0, 0.7, 0.2].into_iter().enumerate();
                let parts = parts.map(|(i, p)| (world.model.weights(p), steps.saturating_sub(30 * i).min(30)));
                let outputs = world.model.trained(&parts.collect::<Vec<_>>(), rule);
                [world.id.of(outputs.view()).unwrap(), world.old.of(outputs.view()).unwrap()]
            })
            .collect();
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-10 * expected, "{found} {expected}");
        close(outcome.id_end, losses[90][0]);
        close(outcome.old_task_end, losses[90][1]);
        close(outcome.old_task_average, losses.iter().map(|[_, old]| old).sum::<f64>() / 91.0);
        close(outcome.old_task_worst, losses.iter().map(|[_, old]| *old).fold(0.0, f64::max));
        close(outcome.mean_replay, 0.3);
    }
}

#[test]
fn gradients_equal_finite_differences() {
    for (beta, steps) in [(0.0, 70), (0.9, 70), (0.5, 700)] {
        let world = world(2);
        let course = world.course(beta, steps, 4);
        let at = [0.05, 0.3, 0.0, 0.6];
        for objective in Objective::ALL {
            for sharpness in [4.0, 32.0] {
                let (_, gradient) = course.smooth(objective, sharpness, &at).unwrap();
                let (_, id_gradient) = course.id_end(&at).unwrap();
                for segment in 0..4 {
                    const STEP: f64 = 1e-6;
                    let moved = |by: f64| {
                        let mut moved = at;
                        // One-sided at the border: the losses are smooth beyond it, but not accepted there.
                        moved[segment] += by + STEP;
                        let goal = course.smooth(objective, sharpness, &moved).unwrap().0;
                        (goal, course.id_end(&moved).unwrap().0)
                    };
                    let ((g0, i0), (g1, i1), (g2, i2)) = (moved(-STEP), moved(0.0), moved(STEP));
                    // Three points, second order at the first of them.
                    let slope = |a: f64, b: f64, c: f64| (4.0 * b - 3.0 * a - c) / (2.0 * STEP);
                    let scale = gradient.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
                    let found = (gradient[segment] - slope(g0, g1, g2)).abs();
                    assert!(found < 1e-6 * scale, "{objective:?} {beta} {segment}: {found:e} of {scale:e}");
                    let scale = id_gradient.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
                    assert!((id_gradient[segment] - slope(i0, i1, i2)).abs() < 1e-6 * scale);
                }
            }
        }
    }
}

#[test]
fn the_optimum_is_within_bounds_and_no_worse_than_any_reference() {
    for seed in 0..4 {
        let world = world(seed);
        let course = world.course(if seed % 2 == 0 { 0.0 } else { 0.9 }, 200, 8);
        let uniform = course.outcome(&[0.1; 8]).unwrap();
        for objective in Objective::ALL {
            for bounds in [FREE, Bounds { id_loss: 1.02 * uniform.id_end, ..FREE }] {
                let optimum = course.best(objective, bounds, &[]).unwrap();
                assert!(optimum.outcome.mean_replay <= 0.1 * (1.0 + 1e-9));
                assert!(optimum.outcome.id_end <= bounds.id_loss);
                assert!(optimum.outcome.fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
                assert_eq!(optimum.references.len(), 4);
                for (reference, outcome) in &optimum.references {
                    assert!((outcome.mean_replay - 0.1).abs() < 1e-12, "{reference:?}");
                    if outcome.id_end <= bounds.id_loss {
                        assert!(objective.of(&optimum.outcome) <= objective.of(outcome), "{reference:?}");
                    }
                }
                // It is an improvement, not one of them.
                let gain = objective.of(&optimum.outcome) / objective.of(&uniform);
                assert!(gain < 0.999, "{seed} {objective:?} {gain}");
                assert_eq!(course.best(objective, bounds, &[]).unwrap(), optimum);
            }
        }
    }
}

#[test]
fn objectives_disagree_about_when_to_replay() {
    let world = world(3);
    let course = world.course(0.0, 200, 10);
    let best = |objective| course.best(objective, FREE, &[]).unwrap().outcome;
    let (end, average, worst) = (best(Objective::End), best(Objective::Average), best(Objective::Worst));
    assert!(end.old_task_end < average.old_task_end && end.old_task_end < worst.old_task_end);
    assert!(average.old_task_average < end.old_task_average && average.old_task_average < worst.old_task_average);
    assert!(worst.old_task_worst < end.old_task_worst && worst.old_task_worst < average.old_task_worst);
}

#[test]
fn one_segment_gives_the_best_constant_fraction() {
    let world = world(4);
    let course = world.course(0.0, 150, 1);
    let bounds = Bounds { budget: 0.5, id_loss: 1.5 * course.outcome(&[0.0]).unwrap().id_end };
    for objective in Objective::ALL {
        let found = course.best(objective, bounds, &[]).unwrap().outcome;
        let grid = (0..=500).map(|i| course.outcome(&[0.001 * f64::from(i)]).unwrap());
        let best = grid.filter(|outcome| outcome.id_end <= bounds.id_loss).map(|outcome| objective.of(&outcome));
        let best = best.fold(f64::INFINITY, f64::min);
        assert!(objective.of(&found) <= best * (1.0 + 1e-9), "{objective:?} {found:?} {best}");
    }
}

#[test]
fn more_budget_is_never_worse() {
    let world = world(5);
    let course = world.course(0.0, 120, 5);
    let bounds: Vec<Bounds> = [0.0, 0.01, 0.03, 0.1, 0.3, 1.0].map(|budget| Bounds { budget, ..FREE }).to_vec();
    for objective in Objective::ALL {
        let front = course.front(objective, &bounds);
        let values: Vec<f64> = front.iter().map(|found| objective.of(&found.as_ref().unwrap().outcome)).collect();
        assert!(values.is_sorted_by(|a, b| b <= a), "{objective:?} {values:?}");
        assert!(values[5] < values[0]);
    }
}

#[test]
fn bounds_that_nothing_keeps_have_a_name() {
    let world = world(6);
    let course = world.course(0.0, 100, 4);
    let bound = 1e-3 * course.outcome(&[0.0; 4]).unwrap().id_end;
    let reason = course.best(Objective::End, Bounds { budget: 0.1, id_loss: bound }, &[]).unwrap_err();
    assert!(matches!(reason, TheoryError::Infeasible { lowest, .. } if lowest > bound), "{reason:?}");
    for budget in [-0.1, 1.1, f64::NAN] {
        assert!(course.best(Objective::End, Bounds { budget, ..FREE }, &[]).is_err());
    }
    assert!(course.best(Objective::End, Bounds { id_loss: 0.0, ..FREE }, &[]).is_err());
    assert!(course.outcome(&[0.1]).is_err() && course.outcome(&[f64::NAN; 4]).is_err());
    let course = |rule, steps, segments| Course::new(&world.reduced, &world.id, &world.old, rule, steps, segments);
    let rule = Rule::Descent { rate: world.model.rate(0.5) };
    assert!(matches!(course(Rule::Descent { rate: 1e3 }, 10, 2).err(), Some(TheoryError::BeyondStability { .. })));
    assert!(course(Rule::Flow, 10, 2).is_err());
    assert!(course(rule, 10, 0).is_err() && course(rule, 10, 11).is_err() && course(rule, 1000, 65).is_err());
    assert!(course(rule, usize::MAX, 2).is_err());
}

#[test]
fn references_spend_their_budget() {
    for budget in [0.0, 0.004, 0.1, 0.26, 0.5, 0.99, 1.0] {
        for (steps, segments) in [(100, 1), (100, 7), (64, 64), (99, 12)] {
            for reference in Reference::ALL {
                let even = Schedule::even(&vec![0.0; segments], steps).unwrap();
                let durations: Vec<f64> = even.segments().iter().map(|segment| segment.duration).collect();
                let schedule = Schedule::even(&reference.fractions(budget, &durations), steps).unwrap();
                assert!((schedule.mean_replay() - budget).abs() < 1e-12, "{reference:?} {budget} {steps} {segments}");
            }
        }
    }
}
