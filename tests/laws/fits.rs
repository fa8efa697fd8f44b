//! Laws recovered from their own curves, and what is refused.

use lethe::laws::published::{OPEN_ORCA, steps};
use lethe::laws::{
    Bootstrap, Observation, Observations, Response, Robust, fit_joint_law, fit_linear_law, fit_power_law,
    fit_replay_law,
};
use lethe::seed::Seed;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::grid::{Noise, noisy, rows};

#[test]
fn the_line_through_the_published_curves_has_the_slope_derived_from_the_table() {
    let law = fit_linear_law(&noisy(&OPEN_ORCA, Noise::None, 0)).unwrap();
    assert!((law.slope + 1.782).abs() < 1e-3 && (law.intercept - 2.080).abs() < 1e-3, "{law:?}");
}

/// Without noise the curves come back to a hundred-thousandth, whatever the coefficients.
#[test]
fn noiseless_curves_are_found_again_and_the_papers_symbols_say_the_same_as_the_law() {
    let rows = noisy(&OPEN_ORCA, Noise::None, 0);
    let fit = fit_joint_law(&rows, Robust::Squares).unwrap();
    assert!(fit.rmse_fine_tuning < 1e-5 && fit.rmse_forgetting < 1e-5, "{fit:?}");
    let symbols = fit.parameters();
    for (_, row) in rows.rows() {
        let both = (symbols.fine_tuning_loss(row.parameters, row.steps), symbols.forgetting(row.parameters, row.steps));
        let law = fit.law;
        assert!((both.0 - law.fine_tuning.predict(row.parameters, row.steps)).abs() < 1e-9);
        assert!((both.1 - law.forgetting.predict(row.parameters, row.steps)).abs() < 1e-9);
    }
    for response in [Response::FineTuningLoss, Response::Forgetting] {
        assert!(fit_power_law(&rows, response, Robust::Squares).unwrap().r2 > 0.999_999);
    }
}

#[test]
fn steps_to_a_loss_undo_the_prediction() {
    let law = fit_joint_law(&noisy(&OPEN_ORCA, Noise::Both, 3), Robust::Squares).unwrap().law.forgetting;
    for parameters in [2e7, 6e8] {
        for steps in [60.0, 200.0, 900.0] {
            let found = law.steps_to(law.predict(parameters, steps), parameters).unwrap();
            assert!((found / steps - 1.0).abs() < 1e-6, "{steps} {found}");
        }
        assert_eq!(law.steps_to(law.asymptote + 0.1, parameters), None, "beyond the asymptote");
    }
}

/// One checkpoint in twelve is far off; the curves of a robust fit stay near the truth, those of squares do not.
#[test]
fn a_robust_loss_withstands_outliers() {
    let mut rows = rows(&OPEN_ORCA, Noise::Both, 1, 1);
    rows.iter_mut().step_by(12).for_each(|row| row.forgetting += 0.3);
    let rows = Observations::gather(rows);
    let error = |robust| {
        let fit = fit_joint_law(&rows, robust).unwrap();
        let residual = |row: &Observation| {
            let truth = OPEN_ORCA.parameters.forgetting(row.parameters, row.steps);
            fit.law.forgetting.predict(row.parameters, row.steps) - truth
        };
        (rows.rows().iter().map(|(_, row)| residual(row) * residual(row)).sum::<f64>() / rows.len() as f64).sqrt()
    };
    let squares = error(Robust::Squares);
    for robust in [Robust::SoftL1 { scale: 0.1 }, Robust::Huber { scale: 0.1 }] {
        assert!(error(robust) < 0.4 * squares && error(robust) < OPEN_ORCA.noise, "{robust:?} {squares}");
    }
}

#[test]
fn the_replay_law_recovers_b_and_that_one_per_cent_counts_ninefold() {
    let mut stream = Seed::new(4).fork("replay").stream();
    let mut rows = Vec::new();
    for model_parameters in [4.1e7, 3.3e8, 1.27e9] {
        for tokens in [3e5, 3e6, 3e7] {
            for replay in [0.0, 0.001, 0.005, 0.01, 0.05] {
                let size: f64 = (1.0 + 829.0 * replay) * model_parameters;
                let forgetting = 2.9 + 40.0 * libm::pow(tokens, 0.3) / libm::pow(size, 0.4) + 1e-3 * stream.normal();
                rows.push(Observation {
                    parameters: 1.0,
                    steps: 1.0,
                    fine_tuning_loss: 1.0,
                    forgetting,
                    replay: Some(replay),
                    tokens: Some(tokens),
                    model_parameters: Some(model_parameters),
                    ..Observation::default()
                });
            }
        }
    }
    let fit = fit_replay_law(&Observations::gather(rows), Robust::Squares).unwrap();
    assert!((fit.law.b / 829.0 - 1.0).abs() < 0.1, "{fit:?}");
    assert!((fit.law.effective_size(0.01) - 9.3).abs() < 1.0 && fit.r2 > 0.999 && fit.by_model_size, "{fit:?}");
    assert!((fit.law.beta - 0.3).abs() < 0.02 && (fit.law.alpha - 0.4).abs() < 0.02, "{fit:?}");
}

#[test]
fn the_bootstrap_draws_runs_and_never_checkpoints() {
    let rows = Observations::gather(rows(&OPEN_ORCA, Noise::Both, 2, 3));
    let fit = fit_joint_law(&rows, Robust::Squares).unwrap();
    let bootstrap = Bootstrap::new(&rows, Some(&fit)).unwrap();
    assert_eq!(bootstrap.runs(), 18);
    for index in 0..20 {
        assert_eq!(bootstrap.times(index).iter().sum::<u32>(), 18);
        assert_eq!(bootstrap.times(index), bootstrap.times(index), "a resample depends on its index alone");
    }
    assert_ne!(bootstrap.times(0), bootstrap.times(1));
    let all: Vec<_> = (0..200).map(|index| bootstrap.resample(index)).collect();
    let intervals = bootstrap.intervals(&all);
    let slope = intervals.linear.slope.unwrap();
    assert!(slope.low < fit.linear.slope && fit.linear.slope < slope.high, "{slope:?}");
    assert_eq!(intervals.joint.unwrap().len(), 13);
    let five = rows.only(|run, _| run < 5);
    assert!(Bootstrap::new(&five, None).is_none(), "five runs give no interval");
}

/// A shift that a whole run shares widens the interval of the slope; resampling checkpoints would not notice.
#[test]
fn intervals_widen_with_noise_that_runs_share() {
    let width = |shared: f64| {
        let mut rows = rows(&OPEN_ORCA, Noise::Forgetting, 5, 3);
        let seed = Seed::new(6);
        for row in &mut rows {
            row.forgetting += shared * seed.fork(row.run.as_deref().unwrap()).stream().normal();
        }
        let rows = Observations::gather(rows);
        let bootstrap = Bootstrap::new(&rows, None).unwrap();
        let all: Vec<_> = (0..400).map(|index| bootstrap.resample(index)).collect();
        let slope = bootstrap.intervals(&all).linear.slope.unwrap();
        slope.high - slope.low
    };
    assert!(width(0.03) > 2.0 * width(0.0), "{} {}", width(0.03), width(0.0));
}

#[test]
fn degenerate_data_are_refused_with_a_reason() {
    let all = rows(&OPEN_ORCA, Noise::Both, 0, 1);
    let refused = |rows: Vec<Observation>, what: &str| {
        let problems = fit_joint_law(&Observations::gather(rows), Robust::Squares).unwrap_err().to_string();
        assert!(problems.contains(what), "{problems}");
    };
    let two: Vec<f64> = vec![all[0].parameters, all[30].parameters];
    refused(all.iter().filter(|row| two.contains(&row.parameters)).cloned().collect(), "parameters = \"2 different\"");
    refused(all.iter().filter(|row| row.steps < 70.0).cloned().collect(), "steps = \"2 different\"");
    refused(all.iter().cloned().map(|row| Observation { forgetting: 1.0, ..row }).collect(), "forgetting = \"always");
    refused(
        all.iter().cloned().map(|row| Observation { forgetting: -row.forgetting, ..row }).collect(),
        "slope of equation 4",
    );
    refused(all.iter().step_by(14).cloned().collect(), "observations");
    refused(Vec::new(), "observations = \"0\"");
    assert!(fit_linear_law(&Observations::default()).is_err());
    let one = |_| Observation { fine_tuning_loss: 1.0, forgetting: 1.0, ..Observation::default() };
    assert!(fit_linear_law(&Observations::gather((0..9).map(one).collect())).is_err());
}

#[test]
fn the_warm_up_and_step_0_are_left_out() {
    let at = |steps: f64| Observation { parameters: 8.0, steps, ..Observation::default() };
    let rows = Observations::gather([0.0, 10.0, 49.0, 50.0, 60.0].map(at).to_vec());
    assert_eq!((rows.after(50.0).len(), rows.after(0.0).len()), (2, 4));
    assert_eq!(steps().first(), Some(&50.0));
}
