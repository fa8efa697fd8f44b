//! Planted truths are found again.

use lethe::associations::methods::{
    Additive, AdditiveSgd, Factorisation, FactorisationSgd, Method, SoftImpute, completed, named, names,
};
use lethe::associations::{Matrix, Training};
use lethe::seed::Seed;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::planted::{planted, reordered, rmse, stream, with_gaps};

const TRAINING: usize = 46;

/// What a method says of the last row, learned from all others and shown some of its columns; and the truth.
fn last_row(method: &dyn Method, matrix: &Matrix, shown: usize) -> Vec<f64> {
    let training = Training::new(matrix, (0..matrix.rows() - 1).collect());
    method.fit(&training).complete(&known(matrix, shown), Seed::new(1))
}

/// Some entries of the last row.
fn known(matrix: &Matrix, shown: usize) -> Vec<(usize, f32)> {
    let last = matrix.rows() - 1;
    let mut stream = stream("shown");
    let mut columns: Vec<usize> = (0..shown).map(|_| stream.below(matrix.columns() as u32) as usize).collect();
    columns.sort_unstable();
    columns.dedup();
    columns.into_iter().filter_map(|column| Some((column, matrix.entry(last, column)?))).collect()
}

#[test]
fn a_planted_rank_is_recovered_exactly() {
    for rank in 0..=5 {
        let matrix = planted(TRAINING + 1, 300, rank, 0.0, "exact");
        let truth = matrix.row(TRAINING);
        let found = last_row(&Factorisation { factors: rank }, &matrix, 30);
        // Entries are rounded to single precision, 6e-8 of their size; 30 of them fix six numbers.
        assert!(rmse(&found, truth) < 1e-5, "rank {rank}: {}", rmse(&found, truth));
        let gaps = with_gaps(&matrix, 0.2, "gaps");
        let found = last_row(&Factorisation { factors: rank }, &gaps, 40);
        assert!(rmse(&found, truth) < 1e-3, "rank {rank} with gaps: {}", rmse(&found, truth));
    }
    let additive = planted(TRAINING + 1, 300, 0, 0.0, "exact");
    assert!(rmse(&last_row(&Additive::default(), &additive, 5), additive.row(TRAINING)) < 1e-6);
}

#[test]
fn planted_low_rank_is_recovered_to_the_noise() {
    let noise = 0.2;
    let matrix = planted(TRAINING + 1, 1000, 3, noise, "noisy");
    let truth = planted(TRAINING + 1, 1000, 3, 0.0, "noisy");
    let truth = truth.row(TRAINING);
    let floor = |found: &[f64]| rmse(found, truth) / noise;
    let found = last_row(&Factorisation { factors: 3 }, &matrix, 60);
    // Four numbers from 60 entries are uncertain by sqrt(4 / 60) of the noise; the columns' own, from 46 rows, by
    // sqrt((1 + |p|^2) / 46) for a row with factors p, of which |p|^2 is 3 in the mean.
    assert!(floor(&found) < 0.7, "{}", floor(&found));
    // More factors than there are do little harm, because they are known to be small.
    let more = floor(&last_row(&Factorisation { factors: 8 }, &matrix, 60));
    assert!(more < 1.3 * floor(&found), "{more}");
    let soft = floor(&last_row(&SoftImpute, &matrix, 60));
    assert!(soft < 0.8, "{soft}");
    let additive = floor(&last_row(&Additive::default(), &matrix, 60));
    assert!(additive > 3.0, "{additive}");
}

#[test]
fn missing_entries_of_a_whole_matrix_are_filled() {
    let truth = planted(30, 200, 2, 0.0, "filled");
    let gaps = with_gaps(&truth, 0.3, "filled");
    let missing = |entries: &[f32]| -> Vec<f64> {
        let of = entries.iter().zip(gaps.entries()).filter(|(_, known)| known.is_nan());
        of.map(|(entry, _)| f64::from(*entry)).collect()
    };
    let wanted: Vec<f32> = missing(truth.entries()).into_iter().map(|entry| entry as f32).collect();
    for (method, most) in [("factorisation", 2e-3), ("soft_impute", 0.4), ("additive", 1.5), ("neighbours", 1.5)] {
        let method = named(method, 2).unwrap();
        let found = completed(method.as_ref(), &gaps);
        assert!(found.iter().zip(gaps.entries()).all(|(found, known)| known.is_nan() || found == known));
        let error = rmse(&missing(&found), &wanted);
        assert!(error < most, "{}: {error}", method.name());
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let matrix = planted(TRAINING + 1, 120, 2, 0.1, "order");
    let mut rows: Vec<usize> = (0..TRAINING).rev().collect();
    rows.push(TRAINING);
    let other = reordered(&matrix, &rows);
    for name in ["additive", "neighbours", "factorisation", "soft_impute"] {
        let method = named(name, 2).unwrap();
        let (one, two) = (last_row(method.as_ref(), &matrix, 30), last_row(method.as_ref(), &other, 30));
        let apart = one.iter().zip(&two).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 1e-9, "{name}: {apart}");
    }
}

#[test]
fn every_method_answers_on_degenerate_matrices() {
    let empty_row: Vec<f32> = (0..40).map(|at| if at / 8 == 1 { f32::NAN } else { at as f32 }).collect();
    let empty_column: Vec<f32> = (0..40).map(|at| if at % 8 == 1 { f32::NAN } else { 1.0 }).collect();
    let cases = [
        ("zeros", Matrix::new(5, 8, vec![0.0; 40])),
        ("ones", Matrix::new(5, 8, vec![1.0; 40])),
        ("an empty row", Matrix::new(5, 8, empty_row)),
        ("an empty column", Matrix::new(5, 8, empty_column)),
        ("one column", Matrix::new(5, 1, vec![0.0, 1.0, 0.0, 1.0, 1.0])),
        ("one training row", Matrix::new(2, 8, (0..16).map(|at| (at % 3) as f32).collect())),
        ("large", Matrix::new(5, 8, (0..40).map(|at| if at % 2 == 0 { 1e15 } else { -1e15 }).collect())),
    ];
    for (what, matrix) in cases {
        let matrix = matrix.unwrap();
        let last = matrix.rows() - 1;
        let training = Training::new(&matrix, (0..last).collect());
        for name in names().into_iter().filter(|name| !name.ends_with("sgd")) {
            let model = named(name, 5).unwrap().fit(&training);
            for known in [Vec::new(), matrix.present(last).take(3).collect()] {
                let said = model.complete(&known, Seed::new(0));
                assert_eq!(said.len(), matrix.columns());
                assert!(said.iter().all(|value| value.is_finite()), "{name}, {what}: {said:?}");
            }
        }
    }
}

#[test]
fn gradient_descent_and_the_closed_form_agree_where_both_arrive() {
    let matrix = planted(20, 60, 2, 0.05, "descent");
    let by_descent = last_row(&AdditiveSgd { regularisation: 0.0, ..AdditiveSgd::default() }, &matrix, 5);
    let at_once = last_row(&Additive::default(), &matrix, 5);
    // The five columns that were shown also move by what the row has in them; no other does.
    let mut apart: Vec<f64> = by_descent.iter().zip(&at_once).map(|(a, b)| (a - b).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let apart = apart[54];
    // A constant rate of 0.005 leaves descent as far from the optimum as single entries pull: 0.005 of their errors.
    assert!(apart < 0.03, "{apart}");
    let shown: Vec<usize> = known(&matrix, 30).into_iter().map(|(column, _)| column).collect();
    let hidden = |said: Vec<f64>| {
        let columns: Vec<usize> = (0..60).filter(|column| !shown.contains(column)).collect();
        let truth: Vec<f32> = columns.iter().map(|&column| matrix.row(19)[column]).collect();
        rmse(&columns.iter().map(|&column| said[column]).collect::<Vec<f64>>(), &truth)
    };
    let descent = hidden(last_row(&FactorisationSgd { factors: 2, ..FactorisationSgd::default() }, &matrix, 30));
    let closed = hidden(last_row(&Factorisation { factors: 2 }, &matrix, 30));
    assert!(closed <= 1.02 * descent, "{closed} and {descent}");
}
