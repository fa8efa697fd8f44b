//! Against NumPy and SciPy: `tests/golden/associations_logistic.py`.

use std::sync::Arc;

use lethe::associations::methods::{Logistic, Method, Representation};
use lethe::associations::{Features, Matrix, Training};
use lethe::seed::Seed;
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[derive(Deserialize)]
struct Golden {
    rows: usize,
    columns: usize,
    training: Vec<usize>,
    features: [Vec<f32>; 2],
    cases: Vec<Case>,
    factorisation: Factorised,
}

#[derive(Deserialize)]
struct Factorised {
    entries: Vec<Option<f32>>,
    shown: Vec<usize>,
    logits: Vec<f64>,
    variance: Vec<f64>,
    probabilities: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    entries: Vec<Option<f32>>,
    binary: bool,
    said: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/associations_logistic.json")).unwrap()
}

impl Golden {
    fn matrix(&self, entries: &[Option<f32>]) -> Matrix {
        let entries = entries.iter().map(|entry| entry.unwrap_or(f32::NAN)).collect();
        Matrix::new(self.rows, self.columns, entries).unwrap()
    }

    fn method(&self, is_binary: bool) -> Representation {
        let [rows, columns] = self.features.clone();
        let features = Features::new([self.rows, self.columns], rows, columns).unwrap();
        Representation { features: Arc::new(features), is_binary }
    }
}

/// Entries and features are kept in single precision, those of the references in double.
fn near(found: &[f64], wanted: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), wanted.len());
    for (place, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() <= tolerance, "{what}, {place}: {found} and {wanted}");
    }
}

#[test]
fn representations_say_what_the_whole_design_says() {
    let golden = golden();
    for case in &golden.cases {
        let matrix = golden.matrix(&case.entries);
        let method = golden.method(case.binary);
        assert_eq!(method.tells_logits(), case.binary);
        let model = method.fit(&Training::new(&matrix, golden.training.clone()));
        for row in 0..golden.rows {
            let said = model.complete_row(row, &[(0, 9.0)], Seed::new(0));
            let wanted = &case.said[row * golden.columns..][..golden.columns];
            near(&said, wanted, 1e-5, &format!("row {row}, binary {}", case.binary));
        }
    }
}

#[test]
fn binary_rows_are_completed_over_what_is_uncertain() {
    let golden = golden();
    let Factorised { entries, shown, logits, variance, probabilities } = &golden.factorisation;
    let matrix = golden.matrix(entries);
    let last = golden.rows - 1;
    let model = Logistic { factors: 2 }.fit(&Training::new(&matrix, (0..last).collect()));
    let known: Vec<(usize, f32)> = shown.iter().map(|&column| (column, matrix.entry(last, column).unwrap())).collect();
    let said = model.complete(&known, Seed::new(0));
    // Newton's rounds end where rows move by 0.001, the reference goes on to the minimum.
    let softened = |(logit, variance): (&f64, &f64)| logit / (1.0 + core::f64::consts::PI / 8.0 * variance).sqrt();
    near(&said, &logits.iter().zip(variance).map(softened).collect::<Vec<f64>>(), 0.02, "softened logits");
    // MacKay's formula beside the integral by quadrature.
    let found: Vec<f64> = said.iter().map(|logit| 1.0 / (1.0 + libm::exp(-logit))).collect();
    near(&found, probabilities, 0.02, "probabilities");
    // What is said to be forgotten is the same as without what is uncertain.
    assert!(said.iter().zip(logits).all(|(said, logit)| (*said > 0.0) == (*logit > 0.0) || logit.abs() < 0.02));
}

#[test]
fn a_row_of_which_nothing_is_known_has_the_prior_alone() {
    let golden = golden();
    let matrix = golden.matrix(&golden.cases[0].entries);
    let training = Training::new(&matrix, golden.training.clone());
    let said = golden.method(false).fit(&training).complete(&[(3, 1.0)], Seed::new(0));
    for (column, said) in said.iter().enumerate() {
        let there: Vec<f32> = golden.training.iter().filter_map(|&row| matrix.entry(row, column)).collect();
        let mean = there.iter().copied().map(f64::from).sum::<f64>() / there.len() as f64;
        assert!((said - mean).abs() < 1e-12, "{column}");
    }
}

#[test]
fn test_rows_are_not_learned_from() {
    let golden = golden();
    let matrix = golden.matrix(&golden.cases[0].entries);
    let tests = (0..golden.rows).filter(|row| !golden.training.contains(row)).collect::<Vec<_>>();
    let mut other = matrix.entries().to_vec();
    tests.iter().for_each(|&row| other[row * golden.columns..][..golden.columns].fill(7.0));
    let other = Matrix::new(golden.rows, golden.columns, other).unwrap();
    let said = |matrix: &Matrix, row| {
        let model = golden.method(false).fit(&Training::new(matrix, golden.training.clone()));
        model.complete_row(row, &[], Seed::new(0))
    };
    tests.into_iter().for_each(|row| assert_eq!(said(&matrix, row), said(&other, row)));
}

#[test]
fn features_are_checked() {
    let wrong = |rows: Vec<f32>, columns: Vec<f32>, word: &str| {
        let problems = Features::new([2, 3], rows, columns).unwrap_err().to_string();
        assert!(problems.contains(word), "{problems}");
    };
    wrong(vec![1.0; 3], vec![1.0; 6], "features of rows");
    wrong(vec![1.0; 4], vec![], "features of columns");
    wrong(vec![1.0, 2.0, f32::NAN, 1.0], vec![1.0; 3], "features of rows, of 1 the 0");
    wrong(vec![1.0; 2], vec![1e20; 3], "features of columns, of 0 the 0");
    wrong(vec![1.0; 2 * 1025], vec![1.0; 3], "1 to 1024");
}
