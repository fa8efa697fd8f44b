//! Singular values, and the shares of variance that they hold.

use lethe::associations::{Decomposing, Matrix, Reconstruction, Spectrum, Training, reconstruction_f1};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::planted::{planted, planted_binary, reordered, with_gaps};

/// R2 by rank of OLMo-7B, 85 tasks x 9,998 examples (Jin & Ren 2024, code).
const PAPER: [f64; 5] = [0.5123, 0.6328, 0.7151, 0.7615, 0.7904];

/// A matrix of zero mean with given squared singular values: sums of outer products of cosines, which are orthogonal to
/// each other and to constants.
fn with_shares(rows: usize, columns: usize, shares: &[f64]) -> Matrix {
    let cosine = |place: usize, length: usize, k: usize| {
        let angle = core::f64::consts::PI * (k + 1) as f64 * (place as f64 + 0.5) / length as f64;
        libm::cos(angle) * libm::sqrt(2.0 / length as f64)
    };
    let entry = |at: usize| {
        let (i, j) = (at / columns, at % columns);
        let terms =
            shares.iter().enumerate().map(|(k, share)| libm::sqrt(*share) * cosine(i, rows, k) * cosine(j, columns, k));
        100.0 * terms.sum::<f64>() as f32
    };
    Matrix::new(rows, columns, (0..rows * columns).map(entry).collect()).unwrap()
}

fn r2(matrix: &Matrix, most: usize) -> Vec<f64> {
    let training = Training::all(matrix);
    let found = Reconstruction::of(&training, &Spectrum::of(&training, None), most).unwrap();
    found.ranks.iter().map(|rank| rank.r2).collect()
}

#[test]
fn a_matrix_with_the_spectrum_of_the_paper_has_its_curve() {
    let mut shares: Vec<f64> = PAPER.windows(2).map(|pair| pair[1] - pair[0]).collect();
    shares.insert(0, PAPER[0]);
    // What is left is spread over 70 more factors, none larger than the fifth.
    let left = 1.0 - PAPER[4];
    shares.extend((0..70).map(|_| left / 70.0));
    let found = r2(&with_shares(85, 2000, &shares), 5);
    for (found, wanted) in found.iter().zip(PAPER) {
        assert!((found - wanted).abs() < 1e-5, "{found} and {wanted}");
    }
}

#[test]
fn the_share_rises_with_rank_to_one() {
    let found = r2(&planted(12, 40, 3, 0.2, "rising"), 12);
    assert!(found.windows(2).all(|pair| pair[0] <= pair[1]), "{found:?}");
    assert!((found[11] - 1.0).abs() < 1e-12);
    // Effects are of rank two.
    let exact = r2(&planted(12, 40, 2, 0.0, "rising"), 4);
    assert!((exact[3] - 1.0).abs() < 1e-10 && exact[2] < 0.9999, "{exact:?}");
}

#[test]
fn the_curve_does_not_depend_on_the_order_of_rows_nor_on_pieces() {
    let matrix = planted(31, 1500, 3, 0.2, "pieces");
    let whole = r2(&matrix, 10);
    let other = r2(&reordered(&matrix, &(0..31).rev().collect::<Vec<_>>()), 10);
    assert!(whole.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-12));
    let training = Training::all(&matrix);
    let mut decomposing = Decomposing::new(training.clone(), None);
    let mut steps = 0;
    while decomposing.advance(300) < 1.0 {
        steps += 1;
    }
    assert!(steps >= 2, "{steps}");
    assert_eq!(decomposing.finish().values, Spectrum::of(&training, None).values);
}

#[test]
fn singular_vectors_give_the_matrix_back() {
    let matrix = planted(9, 530, 2, 0.3, "back");
    let training = Training::all(&matrix);
    let spectrum = Spectrum::of(&training, None);
    let right = spectrum.right(&training, None, 9);
    for row in 0..9 {
        for column in 0..530 {
            let said: f64 = (0..9).map(|k| spectrum.left[(row, k)] * spectrum.values[k] * right[column * 9 + k]).sum();
            let entry = f64::from(matrix.entry(row, column).unwrap());
            assert!((said - entry).abs() < 1e-9, "{said} and {entry}");
        }
    }
    for (k, l) in [(0, 0), (0, 3), (8, 8), (7, 8)] {
        let product: f64 = (0..530).map(|column| right[column * 9 + k] * right[column * 9 + l]).sum();
        assert!((product - f64::from(u8::from(k == l))).abs() < 1e-9, "{k} {l}: {product}");
    }
}

#[test]
fn answers_are_reproduced_better_by_more_factors() {
    let matrix = planted_binary(40, 200, 2, "f1");
    let training = Training::all(&matrix);
    let f1: Vec<f64> = (0..4).map(|rank| reconstruction_f1(&training, rank)).collect();
    assert!(f1.windows(2).all(|pair| pair[1] > pair[0]), "{f1:?}");
    assert!(f1[2] > 0.7 && f1[0] < 0.5, "{f1:?}");
}

#[test]
fn equal_entries_have_nothing_to_explain_and_missing_ones_count_as_zero() {
    let equal = Matrix::new(3, 4, vec![0.7; 12]).unwrap();
    let training = Training::all(&equal);
    assert_eq!(Reconstruction::of(&training, &Spectrum::of(&training, None), 3), None);
    let matrix = planted(12, 40, 3, 0.2, "zeros");
    let gaps = with_gaps(&matrix, 0.1, "zeros");
    let zeros = gaps.entries().iter().map(|entry| if entry.is_nan() { 0.0 } else { *entry }).collect();
    let filled = Matrix::new(12, 40, zeros).unwrap();
    let (one, two) = (r2(&gaps, 5), r2(&filled, 5));
    assert!(one.iter().zip(&two).all(|(a, b)| (a - b).abs() < 1e-12), "{one:?} {two:?}");
}
