//! The closed forms under constant weights, as properties of random linear models.

use lethe::kernel::{Linearised, Rule};
use ndarray::{Array1, Axis, array, concatenate};
use proptest::prelude::*;

use crate::explicit::{Explicit, Sizes, error};

/// Models with more or fewer parameters than examples, so that kernels are regular or singular.
pub fn any_model() -> impl Strategy<Value = Explicit> {
    let ridge = prop_oneof![Just(0.0), 0.001..0.5f64];
    (1..6usize, 1..6usize, 1..14usize, 1..5usize, ridge, any::<u64>(), prop_oneof![Just(1.0), Just(2.0)]).prop_map(
        |(new, old, parameters, points, ridge, seed, loss_factor)| Explicit {
            ridge,
            loss_factor,
            ..Explicit::random(Sizes { new, old, parameters, points }, seed)
        },
    )
}

/// Fractions with both ends.
pub fn any_replay() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64, Just(1e-3)]
}

/// Descent and momentum, up to 0.95 of the bound of descent.
pub fn any_steps() -> impl Strategy<Value = (f64, Option<f64>)> {
    (0.01..0.95f64, prop_oneof![Just(None), (0.0..0.98f64).prop_map(Some), Just(Some(0.9))])
}

pub fn rule(model: &Explicit, (share, beta): (f64, Option<f64>)) -> Rule {
    let rate = model.rate(share);
    beta.map_or(Rule::Descent { rate }, |beta| Rule::Momentum { rate, beta })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn closed_form_equals_the_model_trained_step_by_step(
        model in any_model(), p in any_replay(), how in any_steps(), steps in 0..700usize,
    ) {
        let rule = rule(&model, how);
        let expected = model.trained(&[(model.weights(p), steps)], rule);
        let found = model.linearised().modes(&model.weights(p)).unwrap().outputs(rule, steps as f64).unwrap();
        prop_assert!(error(&found, &expected, &model.start) < 1e-10);
    }

    #[test]
    fn no_time_changes_nothing(model in any_model(), p in any_replay(), how in any_steps()) {
        let modes = model.linearised().modes(&model.weights(p)).unwrap();
        prop_assert_eq!(&modes.outputs(Rule::Flow, 0.0).unwrap(), &model.start);
        prop_assert_eq!(&modes.outputs(rule(&model, how), 0.0).unwrap(), &model.start);
    }

    #[test]
    fn descent_and_momentum_approach_flow_as_the_rate_falls(model in any_model(), p in any_replay(), time in 0.01..5.0f64) {
        let modes = model.linearised().modes(&model.weights(p)).unwrap();
        let flow = modes.outputs(Rule::Flow, time).unwrap();
        let gap = |steps: f64| error(&modes.outputs(Rule::Descent { rate: time / steps }, steps).unwrap(), &flow, &model.start);
        // First order in the rate, with a constant that the curvatures times the time bound.
        prop_assert!(gap(1e6) < 1e-3);
        let coarse = gap(1e5);
        prop_assert!(gap(1e6) < 0.2 * coarse || coarse < 1e-9);
        let rolling = Rule::Momentum { rate: 0.5 * time / 1e6, beta: 0.5 };
        prop_assert!(error(&modes.outputs(rolling, 1e6).unwrap(), &flow, &model.start) < 1e-3);
    }

    #[test]
    fn short_time_expansion_leaves_the_third_order(model in any_model(), p in any_replay()) {
        let linearised = model.linearised();
        let (modes, short) = (linearised.modes(&model.weights(p)).unwrap(), linearised.short_time(&model.weights(p)).unwrap());
        // Taylor: |remainder| <= t^3/6 sum_i |h_i| kap |b_i| (kap a_i + lam)^2. A wrong second order would be
        // far above that at the shorter times.
        for (point, effects) in modes.effects.rows().into_iter().enumerate() {
            let parts = effects.iter().zip(&modes.excitations).zip(&modes.rates);
            let third: f64 =
                parts.map(|((h, b), rate)| (h * b).abs() * model.loss_factor * ((rate + model.ridge) * (rate + model.ridge))).sum();
            for t in [1e-1, 1e-2, 1e-3] {
                let expansion = model.start[point] + t * short.first[point] + 0.5 * t * t * short.second[point];
                let left = (modes.outputs(Rule::Flow, t).unwrap()[point] - expansion).abs();
                prop_assert!(left <= third * t * t * t / 6.0 * (1.0 + 1e-9) + 1e-14, "{left} {third} {t}");
            }
        }
    }

    #[test]
    fn short_time_expansion_is_the_sum_of_its_blocks(seed in any::<u64>(), p in 0.0..1.0f64) {
        // Section 3.2 of the formulas, written out for r_0 = (r_1, 0) on the old task's own points.
        let sizes = Sizes { new: 4, old: 3, parameters: 9, points: 3 };
        let mut model = Explicit::random(sizes, seed);
        model.residuals.slice_mut(ndarray::s![4..]).fill(0.0);
        model.evaluation_jacobian = model.jacobian.slice(ndarray::s![4.., ..]).to_owned();
        let kernel = model.kernel();
        let block = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| kernel.slice(ndarray::s![rows, columns]).to_owned();
        let (k11, k21, k22) = (block(0..4, 0..4), block(4..7, 0..4), block(4..7, 4..7));
        let r1 = model.residuals.slice(ndarray::s![..4]).to_owned();
        let (share, kap) = ((1.0 - p) / 4.0, 2.0);
        let short = model.linearised().short_time(&model.weights(p)).unwrap();
        let first = k21.dot(&r1) * (-kap * share);
        let second = (k21.dot(&k11.dot(&r1)) * (share * share) + k22.dot(&k21.dot(&r1)) * (p * share / 3.0)) * (kap * kap);
        let zero = Array1::zeros(3);
        prop_assert!(error(&short.first, &first, &zero) < 1e-12);
        prop_assert!(error(&short.second, &second, &zero) < 1e-12);
    }

    #[test]
    fn doubling_a_weight_is_repeating_the_example(model in any_model(), how in any_steps(), steps in 1..200usize) {
        let n = model.residuals.len();
        let mut doubled: Array1<f64> = Array1::from_elem(n, 0.7 / n as f64);
        doubled[0] *= 2.0;
        let repeated = Explicit {
            jacobian: concatenate![Axis(0), model.jacobian.slice(ndarray::s![..1, ..]), model.jacobian],
            residuals: concatenate![Axis(0), model.residuals.slice(ndarray::s![..1]), model.residuals],
            ..model.clone()
        };
        let rule = rule(&model, how);
        let once = model.linearised().modes(&doubled).unwrap().outputs(rule, steps as f64).unwrap();
        let even = Array1::from_elem(n + 1, 0.7 / n as f64);
        let twice = repeated.linearised().modes(&even).unwrap().outputs(rule, steps as f64).unwrap();
        prop_assert!(error(&twice, &once, &model.start) < 1e-10);
    }

    #[test]
    fn order_of_examples_and_scale_of_the_loss_do_not_matter(model in any_model(), p in any_replay(), how in any_steps(), c in 0.1..10.0f64) {
        let rule = rule(&model, how);
        let found = model.linearised().modes(&model.weights(p)).unwrap().outputs(rule, 50.0).unwrap();
        let n = model.residuals.len();
        let back: Vec<usize> = (0..n).rev().collect();
        let reversed = Explicit {
            jacobian: model.jacobian.select(Axis(0), &back),
            residuals: model.residuals.select(Axis(0), &back),
            ..model.clone()
        };
        let weights = model.weights(p).select(Axis(0), &back);
        let other = reversed.linearised().modes(&weights).unwrap().outputs(rule, 50.0).unwrap();
        prop_assert!(error(&other, &found, &model.start) < 1e-10);
        // kap -> c kap and lam -> c lam is rate -> rate / c.
        let scaled = Explicit { loss_factor: c * model.loss_factor, ridge: c * model.ridge, ..model.clone() };
        let slower = match rule {
            Rule::Flow => Rule::Flow,
            Rule::Descent { rate } => Rule::Descent { rate: rate / c },
            Rule::Momentum { rate, beta } => Rule::Momentum { rate: rate / c, beta },
        };
        let other = scaled.linearised().modes(&model.weights(p)).unwrap().outputs(slower, 50.0).unwrap();
        prop_assert!(error(&other, &found, &model.start) < 1e-10);
    }

    #[test]
    fn nothing_moves_where_nothing_pulls(model in any_model(), p in any_replay(), how in any_steps()) {
        let rule = rule(&model, how);
        let fitted = Explicit { residuals: model.residuals.mapv(|_| 0.0), ..model.clone() };
        let modes = fitted.linearised().modes(&model.weights(p)).unwrap();
        prop_assert_eq!(&modes.outputs(rule, 1e4).unwrap(), &model.start);
        prop_assert_eq!(&modes.outputs(Rule::Flow, 1e4).unwrap(), &model.start);
        // p = 1 with a fitted old task.
        let mut half = model.clone();
        half.residuals.slice_mut(ndarray::s![model.new..]).fill(0.0);
        let modes = half.linearised().modes(&model.weights(1.0)).unwrap();
        prop_assert_eq!(&modes.outputs(Rule::Flow, 1e4).unwrap(), &model.start);
        // p = 0 where the tasks share no parameter.
        let apart = model.clone().uncoupled();
        let modes = apart.linearised().modes(&model.weights(0.0)).unwrap();
        prop_assert_eq!(&modes.outputs(rule, 1e4).unwrap(), &model.start);
        prop_assert_eq!(&modes.outputs(Rule::Flow, 1e4).unwrap(), &model.start);
    }

    #[test]
    fn modes_add_up_to_the_change(model in any_model(), p in any_replay(), time in 0.1..20.0f64) {
        let modes = model.linearised().modes(&model.weights(p)).unwrap();
        let points: Vec<usize> = (0..model.start.len()).collect();
        let carriers = modes.carriers(Rule::Flow, time, &points).unwrap();
        let change = (modes.outputs(Rule::Flow, time).unwrap() - &model.start).iter().map(|d| d * d).sum::<f64>().sqrt();
        prop_assert!((carriers.change - change).abs() <= 1e-9 * change);
        let shares: f64 = carriers.modes.iter().map(|carrier| carrier.share).sum();
        prop_assert!((shares - 1.0).abs() < 1e-9);
        let (most, nearly_all) = (carriers.needed(0.9), carriers.needed(0.99));
        prop_assert!(most <= nearly_all && nearly_all <= model.residuals.len() && most > 0);
    }
}

#[test]
fn momentum_is_exact_at_equal_complex_and_slow_roots() {
    // One mode of curvature 1: equal roots at rate (1 - sqrt beta)^2, complex above, real and slow below.
    let one = Linearised::new(array![[0.5]], array![[0.5]], array![1.0], array![0.0]).unwrap();
    let modes = one.modes(&array![1.0]).unwrap();
    for beta in [0.0_f64, 0.1, 0.5, 0.9, 0.99] {
        let equal = (1.0 - beta.sqrt()) * (1.0 - beta.sqrt());
        for rate in [
            1e-9,
            1e-4 * equal + 1e-12,
            0.49 * equal,
            0.999999 * equal,
            equal,
            equal * (1.0 + 1e-9),
            1.5 * equal,
            1.0,
            1.0 + beta,
            1.9 * (1.0 + beta),
        ] {
            if rate <= 0.0 {
                continue;
            }
            for steps in [1, 2, 255, 256, 257, 1000, 30_001] {
                let (mut moved, mut velocity) = (0.0, 0.0);
                for _ in 0..steps {
                    velocity = beta * velocity + (1.0 + moved);
                    moved -= rate * velocity;
                }
                let found = modes.outputs(Rule::Momentum { rate, beta }, f64::from(steps)).unwrap()[0];
                assert!((found - moved).abs() <= 1e-10 * f64::abs(moved), "{beta} {rate} {steps}: {found} {moved}");
            }
        }
    }
}

#[test]
fn beyond_the_bound_predictions_hold_until_they_overflow() {
    let model = Explicit::random(Sizes { new: 3, old: 2, parameters: 8, points: 2 }, 5);
    let modes = model.linearised().modes(&model.weights(0.3)).unwrap();
    for beta in [0.0, 0.9] {
        let bound = modes.rate_bound(Rule::Momentum { rate: 1.0, beta }).unwrap();
        let rule = Rule::Momentum { rate: 1.1 * bound, beta };
        for steps in [10, 400] {
            let expected = model.trained(&[(model.weights(0.3), steps)], rule);
            assert!(error(&modes.outputs(rule, steps as f64).unwrap(), &expected, &model.start) < 1e-9);
        }
        assert!(modes.outputs(rule, 1e6).is_err());
        assert!(modes.limit(rule).is_err());
        let within = Rule::Momentum { rate: 0.99 * bound, beta };
        assert!(
            error(&modes.outputs(within, 1e6).unwrap(), &modes.limit(within).unwrap().outputs, &model.start) < 1e-9
        );
    }
}
