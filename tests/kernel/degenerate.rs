//! Degenerate input gives the right limit or a reason with a name: never NaN, never a panic.

use lethe::kernel::{Linearised, Mixture, Reduced, Rule, Schedule, Segment, TheoryError};
use ndarray::{Array1, Array2, array};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::explicit::{Explicit, Sizes};

const RULES: [Rule; 4] = [
    Rule::Flow,
    Rule::Descent { rate: 0.1 },
    Rule::Momentum { rate: 0.05, beta: 0.9 },
    Rule::Momentum { rate: 0.1, beta: 0.0 },
];

fn one(kernel: f64, residual: f64) -> Linearised {
    Linearised::new(array![[kernel]], array![[kernel]], array![residual], array![residual]).unwrap()
}

#[test]
fn one_example_is_fitted_and_nothing_is_fitted_without_a_kernel() {
    for rule in RULES {
        let modes = one(1.0, 1.0).modes(&array![1.0]).unwrap();
        assert!(modes.limit(rule).unwrap().outputs[0].abs() < 1e-15);
        assert!(modes.outputs(rule, 1e6).unwrap()[0].abs() < 1e-12);
        let unmoved = one(0.0, 1.0).modes(&array![1.0]).unwrap();
        assert_eq!(unmoved.outputs(rule, 1e15).unwrap()[0], 1.0);
        let limit = unmoved.limit(rule).unwrap();
        assert_eq!((limit.outputs[0], limit.rank, limit.slowest), (1.0, 0, 0.0));
        assert_eq!(unmoved.rate_bound(rule), None);
        assert_eq!(unmoved.time_to_fraction(rule, 0.9).unwrap(), 0.0);
        assert_eq!(unmoved.carriers(rule, 1.0, &[0]).unwrap().needed(0.9), 0);
        let reduced = Reduced::new(&one(0.0, 1.0), &Mixture::new(array![1.0], array![1.0]).unwrap(), 1e-9).unwrap();
        assert_eq!(reduced.truncation.rank, 0);
        let schedule = Schedule::constant(0.5, 9.0).unwrap();
        assert_eq!(reduced.trajectory(&schedule, rule, &[9.0]).unwrap()[[0, 0]], 1.0);
    }
}

#[test]
fn examples_without_weight_are_not_there() {
    for rule in RULES {
        let modes = one(1.0, 1.0).modes(&array![0.0]).unwrap();
        assert_eq!(modes.outputs(rule, 1e9).unwrap()[0], 1.0);
        assert_eq!(modes.limit(rule).unwrap().outputs[0], 1.0);
    }
    // No evaluation points at all.
    let blind = Linearised::new(array![[1.0]], Array2::zeros((0, 1)), array![1.0], Array1::zeros(0)).unwrap();
    let modes = blind.modes(&array![1.0]).unwrap();
    assert_eq!(modes.outputs(Rule::Flow, 1.0).unwrap().len(), 0);
    assert_eq!(modes.time_to_fraction(Rule::Flow, 0.5).unwrap(), 0.0);
}

#[test]
fn duplicates_that_disagree_meet_at_their_mean() {
    for rule in RULES {
        let kernel = Array2::from_elem((2, 2), 1.0);
        let twins = Linearised::new(kernel.clone(), kernel, array![1.0, -3.0], array![1.0, 1.0]).unwrap();
        let modes = twins.modes(&array![0.5, 0.5]).unwrap();
        for found in [modes.limit(rule).unwrap().outputs, modes.outputs(rule, 1e12).unwrap()] {
            assert!((found[0] - 2.0).abs() < 1e-12 && (found[1] - 2.0).abs() < 1e-12, "{rule:?} {found}");
        }
    }
}

#[test]
fn at_the_stability_bound_itself_there_is_no_limit() {
    let modes = one(1.0, 1.0).modes(&array![1.0]).unwrap();
    let edge = Rule::Descent { rate: 1.0 };
    assert_eq!(modes.rate_bound(edge), Some(1.0));
    assert_eq!(modes.limit(edge).unwrap_err(), TheoryError::BeyondStability { rate: 1.0, bound: 1.0 });
    assert!(modes.time_to_fraction(edge, 0.5).is_err());
    // It swings from side to side.
    assert_eq!([1.0, 2.0, 3.0].map(|l| modes.outputs(edge, l).unwrap()[0]), [-1.0, 1.0, -1.0]);
    let beyond = Rule::Descent { rate: 1.5 };
    assert!((modes.outputs(beyond, 3.0).unwrap()[0] + 8.0).abs() < 1e-13);
    assert_eq!(modes.outputs(beyond, 1e5).unwrap_err(), TheoryError::Overflow { time: 1e5 });
    let schedule = Schedule::constant(0.0, 1e5).unwrap();
    let pair = Linearised::new(Array2::eye(2), Array2::eye(2), array![1.0, 0.0], array![1.0, 0.0]).unwrap();
    let mixture = Mixture::even(1, 1).unwrap();
    assert!(matches!(pair.trajectory(&mixture, &schedule, beyond, &[1e5]), Err(TheoryError::Overflow { .. })));
    let reduced = Reduced::new(&pair, &mixture, 0.0).unwrap();
    assert!(matches!(reduced.trajectory(&schedule, beyond, &[1e5]), Err(TheoryError::Overflow { .. })));
}

#[test]
fn what_is_wrong_has_a_field_and_a_value() {
    let eye = || Array2::<f64>::eye(2);
    let make = |kernel, across, residuals: &[f64], start: &[f64]| {
        Linearised::new(kernel, across, residuals.to_vec().into(), start.to_vec().into())
    };
    let wrong = |found: Result<Linearised, TheoryError>, field: &str| match found.unwrap_err() {
        TheoryError::Wrong(problem) => assert_eq!(problem.field, field),
        other => panic!("{other:?}"),
    };
    wrong(make(Array2::eye(3), eye(), &[1.0, 1.0], &[0.0, 0.0]), "kernel");
    wrong(make(eye(), Array2::eye(3), &[1.0, 1.0], &[0.0, 0.0]), "evaluation kernel");
    wrong(make(eye(), eye(), &[1.0, f64::NAN], &[0.0, 0.0]), "residuals");
    wrong(make(eye(), eye(), &[1.0, 1.0], &[0.0, f64::INFINITY]), "evaluation outputs");
    wrong(make(eye() * f64::NAN, eye(), &[1.0, 1.0], &[0.0, 0.0]), "kernel");
    wrong(make(array![[1.0, 0.5], [0.0, 1.0]], eye(), &[1.0, 1.0], &[0.0, 0.0]), "kernel");
    wrong(make(Array2::zeros((0, 0)), Array2::zeros((2, 0)), &[], &[0.0, 0.0]), "residuals");
    let fine = make(eye(), eye(), &[1.0, 1.0], &[0.0, 0.0]).unwrap();
    assert!(fine.clone().with_loss_factor(0.0).is_err() && fine.clone().with_loss_factor(f64::NAN).is_err());
    assert!(fine.clone().with_ridge(-1.0).is_err() && fine.clone().with_ridge(f64::INFINITY).is_err());
    assert!(fine.modes(&array![1.0]).is_err() && fine.modes(&array![1.0, -0.1]).is_err());
    assert!(fine.modes(&array![1.0, f64::NAN]).is_err());
    let negative = make(array![[1.0, 2.0], [2.0, 1.0]], eye(), &[1.0, 1.0], &[0.0, 0.0]).unwrap();
    assert!(matches!(negative.modes(&array![0.5, 0.5]), Err(TheoryError::NotPositive { .. })));
    let mixture = Mixture::even(1, 1).unwrap();
    assert!(matches!(Reduced::new(&negative, &mixture, 0.0), Err(TheoryError::NotPositive { .. })));
    assert!(Reduced::new(&fine, &mixture, f64::NAN).is_err());
    assert!(Reduced::new(&fine, &Mixture::even(1, 2).unwrap(), 0.0).is_err());
    assert!(Mixture::even(0, 2).is_err() && Mixture::new(array![0.5], array![1.0]).is_err());
    assert!(mixture.weights(1.1).is_err() && mixture.weights(f64::NAN).is_err());
    let modes = fine.modes(&array![0.5, 0.5]).unwrap();
    for (rule, time) in [
        (Rule::Flow, -1.0),
        (Rule::Flow, f64::NAN),
        (Rule::Flow, f64::INFINITY),
        (Rule::Descent { rate: 0.1 }, 0.5),
        (Rule::Descent { rate: 0.0 }, 1.0),
        (Rule::Descent { rate: f64::NAN }, 1.0),
        (Rule::Momentum { rate: 0.1, beta: 1.0 }, 1.0),
        (Rule::Momentum { rate: 0.1, beta: -0.1 }, 1.0),
    ] {
        assert!(modes.outputs(rule, time).is_err(), "{rule:?} {time}");
    }
    assert!(modes.carriers(Rule::Flow, 1.0, &[2]).is_err() && modes.time_to_fraction(Rule::Flow, 1.0).is_err());
}

#[test]
fn schedules_are_checked_and_bounded() {
    assert!(Schedule::new(vec![]).is_err() && Schedule::even(&[], 3).is_err());
    assert!(Schedule::constant(-0.1, 1.0).is_err() && Schedule::constant(0.1, f64::NAN).is_err());
    assert!(Schedule::new(vec![Segment { replay: 0.0, duration: 1.0 }; 5000]).is_err());
    let model = Explicit::random(Sizes { new: 1, old: 1, parameters: 3, points: 1 }, 1);
    let (linearised, mixture) = (model.linearised(), model.mixture());
    let schedule = Schedule::constant(0.1, 10.0).unwrap();
    let rule = Rule::Descent { rate: 0.1 };
    assert!(linearised.trajectory(&mixture, &schedule, rule, &[11.0]).is_err());
    assert!(linearised.trajectory(&mixture, &schedule, rule, &[0.5]).is_err());
    assert_eq!(linearised.trajectory(&mixture, &schedule, rule, &[]).unwrap().dim(), (0, 1));
    // More fractions than eigenvalue problems are worth; the reduction takes them.
    let many: Vec<f64> = (0..100).map(|i| 0.01 * f64::from(i)).collect();
    let schedule = Schedule::even(&many, 100).unwrap();
    assert!(linearised.trajectory(&mixture, &schedule, rule, &[100.0]).is_err());
    assert!(Reduced::new(&linearised, &mixture, 0.0).unwrap().trajectory(&schedule, rule, &[100.0]).is_ok());
    // No duration at all.
    let none = Schedule::constant(0.3, 0.0).unwrap();
    assert_eq!(none.mean_replay(), 0.3);
    assert_eq!(linearised.trajectory(&mixture, &none, rule, &[0.0]).unwrap()[[0, 0]], model.start[0]);
}

#[test]
fn extreme_sizes_of_kernel_are_finite_or_named() {
    for size in [1e-300, 1e-160, 1e160, 1e300] {
        for rule in RULES {
            let modes = one(size, 1.0).modes(&array![1.0]).unwrap();
            if let Ok(found) = modes.outputs(rule, 100.0) {
                assert!(found[0].is_finite(), "{size} {rule:?}");
            }
            if let Ok(limit) = modes.limit(rule) {
                assert!(limit.outputs[0].abs() < 1e-12, "{size} {rule:?} {limit:?}");
            }
        }
    }
}
