//! Advice from pilot runs, and its refusals.

use lethe::laws::published::OPEN_ORCA;
use lethe::laws::{Advice, Observation, Observations, Pilot, Refusal, Robust};
use lethe::seed::Seed;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::grid::{Noise, rows};

fn ask(rows: Vec<Observation>, budget: f64) -> Result<Advice, Refusal> {
    let pilot = Pilot::new(&Observations::gather(rows).after(50.0), Robust::Squares)?;
    let resamples: Vec<_> = (0..120).map(|index| pilot.resample(index)).collect();
    pilot.advise(budget, &resamples)
}

/// The pilot with a tenth of the forgetting's rise left per fraction told, and noise anew.
fn with_replay(fractions: &[f64]) -> Vec<Observation> {
    let mut found = Vec::new();
    for (index, &replay) in fractions.iter().enumerate() {
        for mut row in rows(&OPEN_ORCA, Noise::Both, 20 + index as u64, 2) {
            row.forgetting = 0.6 + (row.forgetting - 0.6) * libm::pow(1.0 + 800.0 * replay, -0.5);
            row.replay = Some(replay);
            row.run = row.run.map(|run| format!("{run} {replay}"));
            found.push(row);
        }
    }
    found
}

#[test]
fn the_advice_stays_within_the_budget_by_the_true_law() {
    for budget in [0.82, 0.87, 0.9] {
        let advice = ask(rows(&OPEN_ORCA, Noise::Both, 7, 3), budget).unwrap();
        for one in &advice.candidates {
            let truth = OPEN_ORCA.parameters.forgetting(one.parameters, one.steps);
            assert!(truth < budget + 0.5 * OPEN_ORCA.noise, "{budget}: {one:?} {truth}");
            assert!(one.steps >= 50.0 && one.steps <= 260.0, "never beyond the pilot");
        }
        let best = advice.best;
        assert!(advice.steps.low <= best.steps && best.steps <= advice.steps.high, "{advice:?}");
        assert!(advice.forgetting.low <= best.forgetting && best.forgetting <= advice.forgetting.high, "{advice:?}");
        assert_eq!(advice.replay, None);
        assert!(advice.warnings.iter().any(|warning| warning.contains("did not vary replay")));
    }
}

#[test]
fn replay_buys_steps_where_the_pilot_varied_it() {
    let advice = ask(with_replay(&[0.0, 0.003, 0.01, 0.05]), 0.7).unwrap();
    let best = advice.best;
    assert_eq!(best.steps, 260.0);
    let truth = 0.6
        + (OPEN_ORCA.parameters.forgetting(best.parameters, 260.0) - 0.6) * libm::pow(1.0 + 800.0 * best.replay, -0.5);
    assert!((truth - 0.7).abs() < 0.01, "{best:?}: {truth}");
    let interval = advice.replay.unwrap();
    assert!(interval.low <= best.replay && best.replay <= interval.high && interval.high < 0.05, "{advice:?}");
}

#[test]
fn every_refusal_has_its_reason() {
    let refused = |rows: Vec<Observation>, budget: f64| ask(rows, budget).unwrap_err();
    let pilot = rows(&OPEN_ORCA, Noise::Both, 7, 3);
    assert_eq!(refused(pilot.clone(), 0.5).id, "budget_below_what_was_seen");
    let five: Vec<Observation> =
        rows(&OPEN_ORCA, Noise::Both, 7, 1).into_iter().filter(|row| row.parameters > 2e7).collect();
    assert_eq!(refused(five, 0.87).id, "too_few_runs");
    let two = pilot.iter().filter(|row| row.parameters < 5e7).cloned().collect();
    let no_law = refused(two, 0.87);
    assert!(no_law.id == "no_law" && no_law.reason.contains("2 different"), "{no_law:?}");
    assert_eq!(refused(Vec::new(), 0.87).id, "no_law");
    let mut stream = Seed::new(1).fork("noise").stream();
    let mut shaken = pilot;
    for row in &mut shaken {
        row.forgetting += 0.15 * stream.normal();
    }
    assert_eq!(refused(shaken, 0.87).id, "law_does_not_hold");
}

#[test]
fn a_budget_that_no_run_uses_up_is_not_extrapolated_to() {
    let advice = ask(rows(&OPEN_ORCA, Noise::Both, 7, 3), 3.0).unwrap();
    assert_eq!(advice.best.steps, 260.0);
    assert!(advice.warnings.iter().any(|warning| warning.contains("not used up")), "{:?}", advice.warnings);
}
