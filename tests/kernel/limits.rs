//! Where the dynamics ends, when, and the little-replay clock.

use lethe::kernel::{Rule, TheoryError};
use ndarray::Array1;
use proptest::prelude::*;

use crate::dynamics::{any_model, any_replay};
use crate::explicit::{Explicit, Sizes, error};

/// -J_* (J^T W J + lam / kap)^+ J^T W r_0 in the parameters, by conjugate directions: nothing of the kernel's algebra.
fn by_normal_equations(model: &Explicit, weights: &Array1<f64>) -> Array1<f64> {
    let ridge = model.ridge / model.loss_factor;
    let of = |d: &Array1<f64>| model.jacobian.t().dot(&(weights * &model.jacobian.dot(d))) + d * ridge;
    let target = model.jacobian.t().dot(&(weights * &model.residuals)) * -1.0;
    // Conjugate gradients from 0 stay in the range, so that they end at the pseudo-inverse.
    let (mut d, mut left) = (Array1::zeros(target.len()), target.clone());
    let mut along = left.clone();
    for _ in 0..200 {
        let size = left.dot(&left);
        if size < 1e-30 * target.dot(&target) || size == 0.0 {
            break;
        }
        let bent = of(&along);
        let step = size / along.dot(&bent);
        d = d + &along * step;
        left = left - &bent * step;
        along = &left + &along * (left.dot(&left) / size);
    }
    &model.start + &model.evaluation_jacobian.dot(&d)
}

/// Few parameters beside the examples, or many: well conditioned both ways.
fn any_conditioned() -> impl Strategy<Value = Explicit> {
    let sizes = prop_oneof![Just((5, 5, 3)), Just((3, 2, 40)), Just((1, 1, 2)), Just((6, 5, 2))];
    (sizes, any::<u64>(), prop_oneof![Just(0.0), Just(0.1)]).prop_map(|((new, old, parameters), seed, ridge)| {
        Explicit { ridge, ..Explicit::random(Sizes { new, old, parameters, points: 3 }, seed) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn limits_are_weighted_least_squares(model in any_conditioned(), p in prop_oneof![Just(0.0), Just(1.0), 0.1..0.9f64]) {
        let modes = model.linearised().modes(&model.weights(p)).unwrap();
        let found = modes.limit(Rule::Flow).unwrap();
        let slowest = found.slowest;
        prop_assume!(slowest > 1e-4);
        prop_assert!(error(&found.outputs, &by_normal_equations(&model, &model.weights(p)), &model.start) < 1e-7);
        prop_assert!(error(&modes.outputs(Rule::Flow, 40.0 / slowest).unwrap(), &found.outputs, &model.start) < 1e-9);
        // Null modes never start to drift, where they are well apart from the others.
        prop_assume!(slowest > 1e-2);
        prop_assert!(error(&modes.outputs(Rule::Flow, 1e12).unwrap(), &found.outputs, &model.start) < 1e-9);
        let descent = Rule::Descent { rate: model.rate(0.5) };
        prop_assert!(error(&modes.outputs(descent, 1e12).unwrap(), &found.outputs, &model.start) < 1e-9);
    }

    #[test]
    fn limit_does_not_depend_on_replay_where_the_kernel_is_invertible(seed in any::<u64>()) {
        let model = Explicit::random(Sizes { new: 3, old: 3, parameters: 40, points: 4 }, seed);
        let limit = |p: f64| model.linearised().modes(&model.weights(p)).unwrap().limit(Rule::Flow).unwrap();
        prop_assert!(error(&limit(0.01).outputs, &limit(0.5).outputs, &model.start) < 1e-8);
        // It is only reached later.
        prop_assert!(limit(0.01).slowest < 0.2 * limit(0.5).slowest);
        // With fewer parameters than examples it does depend on it.
        let narrow = Explicit::random(Sizes { new: 3, old: 3, parameters: 2, points: 4 }, seed);
        let limit = |p: f64| narrow.linearised().modes(&narrow.weights(p)).unwrap().limit(Rule::Flow).unwrap().outputs;
        prop_assert!(error(&limit(0.01), &limit(0.5), &narrow.start) > 1e-6);
    }

    #[test]
    fn time_to_a_fraction_is_the_last_crossing(
        model in any_model(), p in any_replay(), fraction in 0.1..0.99f64, beta in prop_oneof![Just(None), Just(Some(0.0)), Just(Some(0.9))],
    ) {
        let modes = model.linearised().modes(&model.weights(p)).unwrap();
        let rate = model.rate(0.5);
        let rule = beta.map_or(Rule::Flow, |beta| if beta == 0.0 { Rule::Descent { rate } } else { Rule::Momentum { rate, beta } });
        let limit = modes.limit(rule).unwrap().outputs;
        let left = |t: f64| (modes.outputs(rule, t).unwrap() - &limit).iter().map(|d| d * d).sum::<f64>().sqrt();
        let found = match modes.time_to_fraction(rule, fraction) {
            Ok(found) => found,
            Err(reason) => { prop_assert_eq!(reason, TheoryError::NeverReached { fraction }); return Ok(()); }
        };
        let threshold = (1.0 - fraction) * left(0.0);
        prop_assert!(left(found) <= threshold * (1.0 + 1e-9));
        let before = if rule == Rule::Flow { found * (1.0 - 1e-9) } else { (found - 1.0).max(0.0) };
        prop_assert!(found == 0.0 || left(before) >= threshold * (1.0 - 1e-6));
        for later in [1.5, 2.0, 5.0, 30.0] {
            prop_assert!(left((found * later).floor().max(found)) <= threshold * (1.0 + 1e-9));
        }
    }

    #[test]
    fn little_replay_recovers_on_the_clock_of_the_schur_complement(seed in any::<u64>(), clock in 0.1..3.0f64) {
        let mut model = Explicit::random(Sizes { new: 3, old: 4, parameters: 60, points: 5 }, seed);
        model.residuals.slice_mut(ndarray::s![3..]).fill(0.0);
        let recovery = model.linearised().recovery(&model.mixture()).unwrap();
        let expected = recovery.outputs(clock).unwrap();
        let gap = |p: f64| {
            let found = model.linearised().modes(&model.weights(p)).unwrap().outputs(Rule::Flow, clock / p).unwrap();
            error(&found, &expected, &model.start)
        };
        // Leading order in p: ten times less replay, ten times closer.
        let (coarse, fine) = (gap(1e-4), gap(1e-5));
        prop_assert!(coarse < 0.02 && (fine < 0.15 * coarse || coarse < 1e-8), "{coarse} {fine}");
        prop_assert!(recovery.old_task_loss(clock).unwrap() < recovery.old_task_loss(0.0).unwrap());
    }
}

#[test]
fn recovery_of_a_singular_new_task_is_refused() {
    let model = Explicit::random(Sizes { new: 4, old: 2, parameters: 3, points: 2 }, 1);
    let reason = model.linearised().recovery(&model.mixture()).unwrap_err();
    assert_eq!(reason, TheoryError::SingularNewTask { rank: 3, size: 4 });
}
