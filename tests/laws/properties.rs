//! Properties over drawn inputs.

use lethe::laws::import::{Options, read};
use lethe::laws::{Observation, Observations, Robust, fit_joint_law, fit_linear_law};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &Options::default());
    }

    #[test]
    fn any_cells_are_read_or_named(cells in proptest::collection::vec("[-0-9a-zA-Z.,;\"\n ]{0,12}", 0..30)) {
        let text = format!("parameters,steps,fine_tuning_loss,forgetting\n{}", cells.join(","));
        if let Ok(found) = read(text.as_bytes(), &Options::default()) {
            let finite = |row: &Observation| [row.parameters, row.steps, row.fine_tuning_loss, row.forgetting].iter().all(|v| v.is_finite());
            prop_assert!(found.observations.iter().all(finite));
        }
    }

    #[test]
    fn what_is_written_is_read_again(rows in proptest::collection::vec((1e0..1e12f64, 0u32..9999, -5.0..5.0f64, -5.0..5.0f64), 1..20)) {
        let mut text = "parameters,steps,fine_tuning_loss,forgetting\n".to_owned();
        rows.iter().for_each(|(p, n, l, f)| text.push_str(&format!("{p},{n},{l},{f}\n")));
        let found = read(text.as_bytes(), &Options::default()).unwrap().observations;
        let again: Vec<_> = found.iter().map(|row| (row.parameters, row.steps as u32, row.fine_tuning_loss, row.forgetting)).collect();
        prop_assert_eq!(again, rows);
    }

    /// Whatever the numbers are, a fit has finite curves or a reason.
    #[test]
    fn a_fit_of_anything_is_finite_or_refused(rows in proptest::collection::vec((0usize..4, 1u32..6, -3.0..3.0f64, -3.0..3.0f64), 0..40)) {
        let row = |&(p, n, l, f): &(usize, u32, f64, f64)| Observation {
            parameters: [1e3, 1e6, 2e6, 1e9][p],
            steps: f64::from(n) * 37.0,
            fine_tuning_loss: l,
            forgetting: f,
            ..Observation::default()
        };
        let rows = Observations::gather(rows.iter().map(row).collect());
        if let Ok(fit) = fit_joint_law(&rows, Robust::Squares) {
            prop_assert!(fit.r2_forgetting.is_finite() && fit.r2_fine_tuning.is_finite());
            prop_assert!(fit.law.forgetting.predict(1e6, 100.0).is_finite());
        }
        if let Ok(law) = fit_linear_law(&rows) {
            prop_assert!(law.slope.is_finite() && law.r2 <= 1.0 + 1e-9);
        }
    }

    /// A constant added to forgetting moves the intercept alone; another unit of parameters moves no curve.
    #[test]
    fn the_line_follows_shifts(shift in -2.0..2.0f64, losses in proptest::collection::vec((0.1..3.0f64, 0.1..3.0f64), 4..20)) {
        let at = |shift: f64| {
            let row = |&(l, f): &(f64, f64)| Observation { fine_tuning_loss: l, forgetting: f + shift, ..Observation::default() };
            fit_linear_law(&Observations::gather(losses.iter().map(row).collect()))
        };
        if let (Ok(one), Ok(other)) = (at(0.0), at(shift)) {
            prop_assert!((one.slope - other.slope).abs() < 1e-6 * (1.0 + one.slope.abs()));
            prop_assert!((one.intercept + shift - other.intercept).abs() < 1e-6 * (1.0 + one.slope.abs()));
        }
    }
}
