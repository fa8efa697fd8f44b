//! The kernel of a Jacobian against its definition, and what is refused.

use lethe::kernel::{Jacobian, KernelFault, TangentKernel};
use ndarray::{Array1, Array2, array, s};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::networks::{difference, eigenvalues, normal, plain, stream};

/// Three runs of factors, one of them 0; 600 parameters are more than two stretches of a sum.
fn rates() -> Vec<(usize, f64)> {
    vec![(570, 2.5), (29, 0.0), (1, 1.0)]
}

fn jacobian(rows: &Array2<f64>) -> Jacobian {
    Jacobian::new(rows.mapv(|slope| slope as f32), rates()).unwrap()
}

/// R J^T for the rows as they are rounded.
fn stepped(rows: &Array2<f64>) -> Array2<f64> {
    let mut stepped = rows.mapv(|slope| f64::from(slope as f32)).reversed_axes();
    let rates: Vec<f64> = rates().into_iter().flat_map(|(count, rate)| vec![rate; count]).collect();
    stepped.outer_iter_mut().zip(rates).for_each(|(mut row, rate)| row *= rate);
    stepped
}

#[test]
fn the_kernel_of_a_jacobian_is_j_r_j_transposed() {
    let mut stream = stream("jacobian");
    // Panels of sixteen points: one that is not full, some that are, some of both.
    for points in [1, 16, 41] {
        let (rows, others) = (normal(points, 600, &mut stream), normal(23, 600, &mut stream));
        let rounded = rows.mapv(|slope| f64::from(slope as f32));
        let (one, other) = (jacobian(&rows), jacobian(&others));
        // 1e-13: a few hundred roundings of 1e-16 each.
        let kernel = one.kernel().unwrap();
        assert!(difference(&kernel, &rounded.dot(&stepped(&rows))) < 1e-13, "{points} points");
        assert_eq!(kernel, kernel.t());
        let across = one.cross_kernel(&other).unwrap();
        assert!(difference(&across, &rounded.dot(&stepped(&others))) < 1e-13, "{points} points");
        let alpha: Vec<f64> = (0..points).map(|_| stream.normal()).collect();
        let step = Array1::from(one.pulled_back(&alpha)).insert_axis(ndarray::Axis(1));
        let alpha = Array1::from(alpha).insert_axis(ndarray::Axis(1));
        assert!(difference(&step, &stepped(&rows).dot(&alpha)) < 1e-13, "{points} points");
        // What the step does to the outputs is K alpha.
        assert!(difference(&rounded.dot(&step), &kernel.dot(&alpha)) < 1e-12, "{points} points");
    }
}

/// 600 parameters less the frozen 29 give 80 points a kernel without directions of zero, within rounding of its own.
#[test]
fn an_entry_does_not_depend_on_its_place_and_no_eigenvalue_is_negative() {
    let mut stream = stream("place");
    let rows = normal(80, 600, &mut stream);
    let whole = jacobian(&rows).kernel().unwrap();
    assert!(eigenvalues(&whole)[0] > 0.0);
    let turned = rows.slice(s![..;-1, ..]).to_owned();
    assert_eq!(jacobian(&turned).kernel().unwrap(), whole.slice(s![..;-1, ..;-1]));
    let some = rows.slice(s![30..47, ..]).to_owned();
    assert_eq!(jacobian(&some).cross_kernel(&jacobian(&rows)).unwrap(), whole.slice(s![30..47, ..]));
    assert_eq!(jacobian(&some).kernel().unwrap(), whole.slice(s![30..47, 30..47]));
}

/// The chain rule's gradients of a plain network make the kernel that its layers make.
#[test]
fn gradients_of_a_plain_network_make_its_closed_form() {
    let mut stream = stream("closed form");
    let plain = plain(&[2, 20, 7, 2], 1, &mut stream);
    let x = normal(19, 2, &mut stream);
    let rows: Vec<f32> =
        x.outer_iter().flat_map(|point| plain.gradients(&point.to_vec()).concat()).map(|slope| slope as f32).collect();
    let parameters = rows.len() / 38;
    // These gradients carry the roots of the rates.
    let jacobian =
        Jacobian::new(Array2::from_shape_vec((38, parameters), rows).unwrap(), vec![(parameters, 1.0)]).unwrap();
    // Gradients rounded to 6e-8 each.
    assert!(difference(&jacobian.kernel().unwrap(), &plain.network().kernel(x.view()).unwrap()) < 1e-7);
}

#[test]
fn jacobians_that_make_no_kernel_are_refused_by_name() {
    let refused = |rows: Array2<f32>, rates| Jacobian::new(rows, rates).map(|_| "made").unwrap_err();
    assert_eq!(refused(Array2::zeros((0, 3)), vec![(3, 1.0)]), KernelFault::NoPoints);
    let given = refused(Array2::zeros((2, 3)), vec![(1, 1.0), (1, 1.0)]);
    assert_eq!(given, KernelFault::RatesDoNotFit { parameters: 3, given: 2 });
    assert!(given.to_string().contains("3 parameters") && given.to_string().contains("for 2"), "{given}");
    for rate in [-1.0, f64::NAN, f64::INFINITY] {
        let fault = refused(Array2::zeros((1, 1)), vec![(1, rate)]);
        assert_eq!(fault, KernelFault::OutOfRange { field: "rate", value: rate.to_string() });
    }
    let fault = refused(array![[0.0, 0.0], [1.0, f32::NAN]], vec![(2, 1.0)]);
    assert_eq!(fault, KernelFault::GradientNotFinite { row: 1 });
    assert!(fault.to_string().contains("row 1"), "{fault}");
    let of = |rate| Jacobian::new(array![[1.0f32]], vec![(1, rate)]).unwrap();
    assert_eq!(of(1.0).cross_kernel(&of(2.0)).unwrap_err(), KernelFault::DifferentNetworks);
    assert_eq!(of(f64::MAX).cross_kernel(&of(f64::MAX)).unwrap()[[0, 0]], f64::MAX);
    let large = Jacobian::new(array![[2.0f32]], vec![(1, f64::MAX)]).unwrap();
    assert_eq!(large.kernel().unwrap_err(), KernelFault::Overflow);
}

#[test]
fn the_kernel_of_a_jacobian_has_the_same_bits_on_every_machine() {
    let kernel = jacobian(&normal(41, 600, &mut stream("bits"))).kernel().unwrap();
    // FNV-1a, word by word, as for the closed form, whose loop this is.
    let digest = kernel
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, entry| (hash ^ entry.to_bits()).wrapping_mul(0x0000_0100_0000_01b3));
    assert_eq!(format!("{digest:016x}"), "972134d2b26da8db");
}
