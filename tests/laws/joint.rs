//! The joint fit on the paper's grid.

use lethe::laws::published::{ALL, NEWS, OPEN_ORCA, PARAMETERS_PER_RANK};
use lethe::laws::{HoldOut, Robust, fit_joint_law, predict_held_out};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::grid::{Noise, noisy};

#[test]
fn published_curves_have_the_values_derived_from_the_table() {
    let spots = [
        (OPEN_ORCA, 8.0, 50.0, 0.7675, 0.7107),
        (OPEN_ORCA, 8.0, 260.0, 0.6768, 0.8728),
        (OPEN_ORCA, 64.0, 260.0, 0.6601, 0.9026),
        (OPEN_ORCA, 256.0, 260.0, 0.6518, 0.9176),
        (NEWS, 8.0, 50.0, 2.1505, 0.8453),
        (NEWS, 8.0, 260.0, 2.0274, 0.9728),
        (NEWS, 64.0, 260.0, 2.0021, 1.0026),
        (NEWS, 256.0, 260.0, 1.9893, 1.0173),
    ];
    for (of, rank, steps, l, f) in spots {
        let found = of.curve(rank * PARAMETERS_PER_RANK, &[steps])[0];
        assert!((found.0 - l).abs() < 1e-4 && (found.1 - f).abs() < 1e-4, "{} {rank} {steps}: {found:?}", of.name);
    }
}

#[test]
fn a_noisy_grid_gives_the_papers_r2() {
    for (of, least, most) in [(OPEN_ORCA, 0.945, 0.975), (NEWS, 0.968, 0.986)] {
        for noise in [Noise::Forgetting, Noise::Both] {
            let mut sum = 0.0;
            for seed in 0..8 {
                let fit = fit_joint_law(&noisy(&of, noise, seed), Robust::Squares).unwrap();
                assert!(
                    (least..most).contains(&fit.r2_forgetting),
                    "{} {noise:?} {seed}: {}",
                    of.name,
                    fit.r2_forgetting
                );
                sum += fit.r2_forgetting / 8.0;
            }
            assert!((sum - of.r2_forgetting).abs() < 0.006, "{} {noise:?}: mean {sum}", of.name);
        }
    }
}

#[test]
fn ranks_up_to_64_predict_128_and_256() {
    for of in ALL {
        for noise in [Noise::Forgetting, Noise::Both] {
            for seed in 0..24 {
                let rule = HoldOut::ParametersAbove(64.0 * PARAMETERS_PER_RANK);
                let held = predict_held_out(&noisy(&of, noise, seed), rule, Robust::Squares).unwrap();
                assert!(held.rmse_forgetting < 1.5 * of.noise, "{} {seed}: {held:?}", of.name);
                assert!(held.rmse_fine_tuning < 1.5 * of.noise, "{} {seed}: {held:?}", of.name);
            }
        }
    }
}
