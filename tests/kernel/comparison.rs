//! How alike two kernels are.

use lethe::kernel::{Centring, ComparisonFault, kernel_alignment, kernel_drift, target_alignment};
use ndarray::{Array1, Array2, array};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::networks::{normal, stream};

const BOTH: [Centring; 2] = [Centring::Centred, Centring::Uncentred];

/// A random positive semidefinite matrix.
fn psd(size: usize, rank: usize, label: &str) -> Array2<f64> {
    let factor = normal(size, rank, &mut stream(label));
    factor.dot(&factor.t())
}

#[test]
fn alignment_is_symmetric_and_between_0_and_1() {
    for rank in [1, 3, 12] {
        let (one, other) = (psd(12, rank, "one"), psd(12, 4, "other"));
        for centring in BOTH {
            let there = kernel_alignment(one.view(), other.view(), centring).unwrap();
            let back = kernel_alignment(other.view(), one.view(), centring).unwrap();
            assert!((there - back).abs() < 1e-15);
            assert!((0.0..=1.0).contains(&there));
            let drift = kernel_drift(one.view(), other.view(), centring).unwrap();
            assert!((1.0 - there - drift).abs() < 1e-14);
        }
    }
}

#[test]
fn a_kernel_that_only_grows_does_not_drift() {
    let kernel = psd(9, 9, "growing");
    for centring in BOTH {
        for factor in [1e-200, 0.5, 3.0, 1e200] {
            let drift = kernel_drift(kernel.view(), (&kernel * factor).view(), centring).unwrap();
            assert!(drift < 1e-30, "{drift}");
        }
    }
}

#[test]
fn a_constant_added_shows_uncentred_only() {
    let kernel = psd(9, 9, "constant");
    let shifted = &kernel + 5.0;
    assert!(kernel_drift(kernel.view(), shifted.view(), Centring::Centred).unwrap() < 1e-28);
    assert!(kernel_drift(kernel.view(), shifted.view(), Centring::Uncentred).unwrap() > 1e-2);
}

#[test]
fn rotations_of_linear_features_do_not_change_cka() {
    // X X^T is the same for X and X Q; so CKA compares representations, not coordinates.
    let features = normal(10, 2, &mut stream("features"));
    let (sine, cosine) = (libm::sin(0.7), libm::cos(0.7));
    let turned = features.dot(&array![[cosine, -sine], [sine, cosine]]);
    let (kernel, other) = (features.dot(&features.t()), turned.dot(&turned.t()));
    assert!(kernel_drift(kernel.view(), other.view(), Centring::Centred).unwrap() < 1e-28);
}

#[test]
fn the_kernel_of_the_targets_fits_them_best() {
    let targets = Array1::from(vec![0.0, 0.0, 1.0, -0.2, 1.0]);
    let column = targets.view().insert_axis(ndarray::Axis(1));
    let best = column.dot(&column.t());
    for centring in BOTH {
        assert!((target_alignment(best.view(), targets.view(), centring).unwrap() - 1.0).abs() < 1e-14);
        let other = target_alignment(psd(5, 5, "other").view(), targets.view(), centring).unwrap();
        assert!((0.0..0.999).contains(&other));
        // y^T K y / (|K| |y|^2) is the alignment of K with y y^T.
        let kernel = psd(5, 3, "either way");
        let found = target_alignment(kernel.view(), targets.view(), centring).unwrap();
        let expected = kernel_alignment(kernel.view(), best.view(), centring).unwrap();
        assert!((found - expected).abs() < 1e-14);
    }
}

#[test]
fn what_cannot_be_compared_is_refused_by_name() {
    let kernel = psd(3, 3, "sound");
    let compared = |other: &Array2<f64>, centring| kernel_drift(kernel.view(), other.view(), centring);
    let equal = Array2::from_elem((3, 3), 0.1);
    assert_eq!(compared(&equal, Centring::Centred), Err(ComparisonFault::Constant));
    assert!(compared(&equal, Centring::Uncentred).is_ok());
    assert_eq!(compared(&Array2::zeros((3, 3)), Centring::Uncentred), Err(ComparisonFault::Constant));
    assert_eq!(compared(&psd(4, 4, "larger"), Centring::Centred), Err(ComparisonFault::Sizes { one: 3, other: 4 }));
    let oblong = Array2::ones((3, 2));
    assert_eq!(compared(&oblong, Centring::Centred), Err(ComparisonFault::NotSquare { rows: 3, columns: 2 }));
    let empty = Array2::zeros((0, 0));
    assert_eq!(compared(&empty, Centring::Centred), Err(ComparisonFault::NotSquare { rows: 0, columns: 0 }));
    assert_eq!(compared(&(&kernel * f64::NAN), Centring::Centred), Err(ComparisonFault::NotFinite));
    // One sample, centred, is nothing.
    let one = array![[2.0]];
    assert_eq!(kernel_drift(one.view(), one.view(), Centring::Centred), Err(ComparisonFault::Constant));
    assert_eq!(kernel_drift(one.view(), one.view(), Centring::Uncentred), Ok(0.0));
    let targets = |targets: Vec<f64>, centring| target_alignment(kernel.view(), Array1::from(targets).view(), centring);
    assert_eq!(targets(vec![0.3; 3], Centring::Centred), Err(ComparisonFault::Constant));
    assert_eq!(targets(vec![0.0; 3], Centring::Uncentred), Err(ComparisonFault::Constant));
    assert_eq!(targets(vec![1.0; 2], Centring::Uncentred), Err(ComparisonFault::Sizes { one: 3, other: 2 }));
}
