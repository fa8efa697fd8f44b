//! The paper's protocol: nothing leaks, and methods stand in the order that they should.

use lethe::associations::methods::{named, names};
use lethe::associations::{Matrix, MethodScore, Protocol, Spread, Trial};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::planted::{planted, planted_binary, with_gaps};

fn run(protocol: &Protocol<'_>, name: &str) -> MethodScore {
    let method = named(name, 3).unwrap();
    let training = protocol.training();
    let model = method.fit(&training);
    let trials: Vec<Trial> =
        (0..protocol.trials()).map(|index| protocol.trial(method.as_ref(), model.as_ref(), index)).collect();
    protocol.score(name, &trials)
}

fn split(rows: usize, test: usize) -> (Vec<usize>, Vec<usize>) {
    ((0..rows - test).collect(), (rows - test..rows).collect())
}

#[test]
fn columns_are_drawn_with_replacement_and_counted_once() {
    let matrix = planted(10, 40, 1, 0.1, "draws");
    let (training, test) = split(10, 2);
    let protocol = Protocol::new(&matrix, training, test, 30, 20, false).unwrap();
    let mut sizes = Vec::new();
    for index in 0..protocol.trials() {
        let shown = protocol.shown(index);
        assert!(shown.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(shown.iter().all(|&(column, value)| matrix.entry(8 + index % 2, column) == Some(value)));
        sizes.push(shown.len());
    }
    // 40 (1 - (1 - 1/40)^30) = 21.3 different columns on average, with a standard deviation of 1.8 over draws.
    let mean = sizes.iter().sum::<usize>() as f64 / sizes.len() as f64;
    assert!((mean - 21.3).abs() < 1.0, "{mean}");
    let score = run(&protocol, "additive");
    assert_eq!(score.scored, protocol.trials() * 40 - sizes.iter().sum::<usize>());
    assert_ne!(protocol.shown(0), protocol.shown(1));
    assert_ne!(protocol.shown(0), protocol.shown(2));
}

#[test]
fn a_trial_does_not_depend_on_other_trials() {
    let matrix = planted(12, 40, 1, 0.1, "others");
    let few = Protocol::new(&matrix, (0..8).collect(), vec![10], 20, 2, false).unwrap();
    let many = Protocol::new(&matrix, (0..8).collect(), vec![9, 11, 10], 20, 5, false).unwrap();
    assert_eq!(few.shown(0), many.shown(2));
    assert_eq!(few.shown(1), many.shown(5));
}

/// Whatever a test row hides may change without changing what any method says, and so may rows in neither list.
#[test]
fn nothing_leaks_from_what_is_hidden() {
    let matrix = planted_binary(14, 30, 1, "leak");
    let protocol = Protocol::new(&matrix, (0..10).collect(), vec![11, 13], 12, 2, true).unwrap();
    let shown: Vec<usize> = (0..protocol.trials()).flat_map(|index| protocol.shown(index)).map(|(j, _)| j).collect();
    let spoiled: Vec<f32> = matrix
        .entries()
        .iter()
        .enumerate()
        .map(|(at, &entry)| {
            let (row, column) = (at / 30, at % 30);
            let is_hidden = row >= 10 && !([11, 13].contains(&row) && shown.contains(&column));
            if is_hidden { 1.0 - entry } else { entry }
        })
        .collect();
    let spoiled = Matrix::new(14, 30, spoiled).unwrap();
    let other = Protocol::new(&spoiled, (0..10).collect(), vec![11, 13], 12, 2, true).unwrap();
    for name in names() {
        let method = named(name, 2).unwrap();
        let said = |protocol: &Protocol<'_>| -> Vec<Vec<f64>> {
            let training = protocol.training();
            let model = method.fit(&training);
            (0..protocol.trials())
                .map(|index| model.complete(&protocol.shown(index), lethe::seed::Seed::new(4)))
                .collect()
        };
        assert_eq!(said(&protocol), said(&other), "{name}");
    }
    assert_ne!(run(&protocol, "additive").rmse, run(&other, "additive").rmse);
}

#[test]
fn methods_that_know_more_predict_better() {
    let matrix = planted(66, 600, 3, 0.2, "better");
    let (training, test) = split(66, 20);
    let protocol = Protocol::new(&matrix, training, test, 30, 6, false).unwrap();
    let scores: Vec<f64> =
        ["random", "additive", "neighbours", "factorisation"].map(|name| run(&protocol, name).rmse.mean).to_vec();
    assert!(scores.windows(2).all(|pair| pair[1] < pair[0]), "{scores:?}");
    let rmse = run(&protocol, "factorisation").rmse;
    let interval = rmse.interval.unwrap();
    assert!(interval.low <= rmse.mean && rmse.mean <= interval.high && rmse.sd > 0.0 && rmse.n == 6);
}

#[test]
fn forgotten_answers_are_predicted() {
    let matrix = planted_binary(66, 500, 2, "answers");
    let (training, test) = split(66, 20);
    let protocol = Protocol::new(&matrix, training, test, 60, 6, true).unwrap();
    let binary = |name: &str| run(&protocol, name).binary.unwrap();
    let share = matrix.entries().iter().map(|&entry| f64::from(entry)).sum::<f64>() / matrix.entries().len() as f64;
    // What is drawn at random is right as often as there are ones, up to what 20 rows differ from 46.
    let random = binary("random");
    for spread in [random.f1, random.precision, random.recall] {
        assert!((spread.mean - share).abs() < 0.08, "{} and {share}", spread.mean);
    }
    assert!((random.auc.unwrap().mean - 0.5).abs() < 0.02);
    let (additive, factorisation) = (binary("logistic_additive"), binary("logistic_factorisation"));
    // At the threshold of a half effects alone say little of the rarer answer, but they rank better than chance.
    assert!(additive.auc.unwrap().mean > 0.55 && additive.precision.mean > random.precision.mean + 0.05);
    assert!(
        factorisation.f1.mean > additive.f1.mean.max(random.f1.mean) + 0.05,
        "{} {}",
        factorisation.f1.mean,
        additive.f1.mean
    );
    assert!(factorisation.auc.unwrap().mean > additive.auc.unwrap().mean);
    // Probabilities, and not logits, are held against answers.
    assert!(run(&protocol, "logistic_factorisation").rmse.mean < 0.5);
}

#[test]
fn missing_entries_are_neither_shown_nor_scored() {
    let matrix = with_gaps(&planted(30, 80, 2, 0.1, "gaps"), 0.2, "gaps");
    let (training, test) = split(30, 5);
    let protocol = Protocol::new(&matrix, training, test, 20, 2, false).unwrap();
    for name in ["additive", "neighbours", "factorisation", "soft_impute"] {
        let score = run(&protocol, name);
        assert!(score.rmse.mean.is_finite() && score.scored < protocol.trials() * 70, "{name}");
    }
}

#[test]
fn wrong_protocols_are_refused() {
    let matrix = with_gaps(&planted(8, 20, 1, 0.1, "wrong"), 0.0, "wrong");
    let refused = |training: &[usize], test: &[usize], observed: usize, seeds: usize, is_binary: bool| {
        Protocol::new(&matrix, training.to_vec(), test.to_vec(), observed, seeds, is_binary).unwrap_err().to_string()
    };
    let cases = [
        (refused(&[0], &[1], 3, 1, false), "training rows = \"1\"; accepted: at least 2"),
        (refused(&[0, 1], &[], 3, 1, false), "test rows = \"0\"; accepted: at least 1"),
        (refused(&[0, 1, 1], &[2], 3, 1, false), "training rows = \"1\"; accepted: every row once"),
        (refused(&[0, 1], &[8], 3, 1, false), "test rows = \"8\"; accepted: rows from 0 to 7"),
        (refused(&[0, 1], &[1, 2], 3, 1, false), "test rows = \"1\"; accepted: rows that are not training rows"),
        (refused(&[0, 1], &[2], 0, 1, false), "observed = \"0\""),
        (refused(&[0, 1], &[2], 21, 1, false), "observed = \"21\""),
        (refused(&[0, 1], &[2], 20, 1, false), "test row 2 = \"20 entries\""),
        (refused(&[0, 1], &[2], 3, 0, false), "seeds = \"0\""),
        (refused(&[0, 1], &[2], 3, 2000, false), "seeds = \"2000\""),
        (refused(&[0, 1], &[2], 3, 1, true), "accepted: 0 or 1"),
    ];
    for (found, wanted) in cases {
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
}

#[test]
fn spread_is_that_of_the_seeds() {
    let spread = Spread::of(&[1.0, 2.0, 3.0]);
    assert_eq!((spread.mean, spread.sd, spread.interval, spread.n), (2.0, 1.0, None, 3));
    assert_eq!(Spread::of(&[4.0]).sd, 0.0);
    assert!(names().into_iter().all(|name| named(name, 3).is_some_and(|method| method.name() == name)));
    assert!(named("oracle", 3).is_none());
}
