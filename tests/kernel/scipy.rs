//! The dynamics against SciPy: matrix exponentials, powers of step matrices, scipy.optimize.

use lethe::kernel::optimum::{Bounds, Course, Objective};
use lethe::kernel::{EvaluationLoss, Reduced, Rule, Schedule, Segment};
use ndarray::{Array1, Array2};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::explicit::{Explicit, error};

#[derive(Deserialize)]
struct Golden {
    segments: Vec<(f64, f64)>,
    momentum_beta: f64,
    cases: Vec<Case>,
    replay: Replay,
}

#[derive(Deserialize)]
struct Model {
    jacobian: Vec<Vec<f64>>,
    evaluation_jacobian: Vec<Vec<f64>>,
    residuals: Vec<f64>,
    start: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    model: Model,
    loss_factor: f64,
    ridge: f64,
    rate: f64,
    flow: Vec<Vec<f64>>,
    descent: Vec<Vec<f64>>,
    momentum: Vec<Vec<f64>>,
    limits: Vec<(f64, Vec<f64>)>,
}

#[derive(Deserialize)]
struct Replay {
    model: Model,
    rate: f64,
    steps: usize,
    segments: usize,
    budget: f64,
    optima: Vec<Best>,
}

#[derive(Deserialize)]
struct Best {
    objective: String,
    bound: f64,
    fractions: Vec<f64>,
    value: f64,
}

/// Examples of the new task in every golden model.
const NEW: usize = 4;

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/kernel_dynamics.json")).unwrap()
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

impl Model {
    fn explicit(&self, loss_factor: f64, ridge: f64) -> Explicit {
        Explicit {
            jacobian: matrix(&self.jacobian),
            evaluation_jacobian: matrix(&self.evaluation_jacobian),
            residuals: self.residuals.clone().into(),
            start: self.start.clone().into(),
            new: NEW,
            loss_factor,
            ridge,
        }
    }
}

#[test]
fn schedules_agree_with_scipy() {
    let golden = golden();
    for case in &golden.cases {
        let model = case.model.explicit(case.loss_factor, case.ridge);
        let rules = [
            (Rule::Flow, case.rate, &case.flow),
            (Rule::Descent { rate: case.rate }, 1.0, &case.descent),
            (Rule::Momentum { rate: case.rate, beta: golden.momentum_beta }, 1.0, &case.momentum),
        ];
        for (rule, unit, expected) in rules {
            let parts = golden.segments.iter().map(|&(replay, steps)| Segment { replay, duration: unit * steps });
            let schedule = Schedule::new(parts.collect()).unwrap();
            let ends = schedule.segments().iter().scan(0.0, |end, segment| {
                *end += segment.duration;
                Some(*end)
            });
            let times: Vec<f64> = ends.collect();
            let (linearised, mixture) = (model.linearised(), model.mixture());
            let exact = linearised.trajectory(&mixture, &schedule, rule, &times).unwrap();
            let reduced = Reduced::new(&linearised, &mixture, 0.0).unwrap();
            let reduced = reduced.trajectory(&schedule, rule, &times).unwrap();
            for (row, expected) in expected.iter().enumerate() {
                let expected = Array1::from(expected.clone());
                for found in [&exact, &reduced] {
                    assert!(error(&found.row(row).to_owned(), &expected, &model.start) < 1e-11, "{rule:?} {row}");
                }
            }
        }
        for (p, expected) in &case.limits {
            let found = model.linearised().modes(&model.weights(*p)).unwrap().limit(Rule::Flow).unwrap().outputs;
            // The pseudo-inverse of a matrix that the reference squares: half the digits of its condition go.
            assert!(error(&found, &expected.clone().into(), &model.start) < 1e-8, "{p}");
        }
    }
}

#[test]
fn replay_optima_are_those_of_scipy() {
    let Replay { model, rate, steps, segments, budget, optima } = golden().replay;
    let model = model.explicit(2.0, 0.0);
    let target = |i: usize| (i, model.start[i] - model.residuals[i]);
    let n = model.residuals.len();
    let id = EvaluationLoss::mean(n, &(0..NEW).map(target).collect::<Vec<_>>()).unwrap();
    let old = EvaluationLoss::mean(n, &(NEW..n).map(target).collect::<Vec<_>>()).unwrap();
    let reduced = Reduced::new(&model.linearised(), &model.mixture(), 0.0).unwrap();
    let course = Course::new(&reduced, &id, &old, Rule::Descent { rate }, steps, segments).unwrap();
    for best in optima {
        let objective = match best.objective.as_str() {
            "end" => Objective::End,
            "average" => Objective::Average,
            _ => Objective::Worst,
        };
        // The same schedule is worth the same.
        let fractions: Vec<f64> = best.fractions.iter().map(|fraction| fraction.clamp(0.0, 1.0)).collect();
        let theirs = objective.of(&course.outcome(&fractions).unwrap());
        assert!((theirs - best.value).abs() < 1e-10 * best.value);
        // And ours is as good. The largest value is not smooth, and both stop a little short of its corner.
        let bounds = Bounds { budget, id_loss: best.bound };
        let ours = objective.of(&course.best(objective, bounds, &[]).unwrap().outcome);
        let tolerance = if objective == Objective::Worst { 5e-3 } else { 1e-5 };
        assert!((ours / best.value - 1.0).abs() < tolerance, "{objective:?} {} {ours} {}", best.bound, best.value);
    }
}
