//! Laws that hold for every network and all points.

use lethe::kernel::{TangentKernel, Tangents, mirror_lower};
use ndarray::{Array2, Axis, concatenate, s};
use proptest::prelude::*;

use crate::networks::{Plain, UNITS, difference, eigenvalues, normal, plain, stream};

/// A network of 0 to 3 hidden layers and some points for it.
fn networks() -> impl Strategy<Value = (Plain, Array2<f64>)> {
    let sizes = (1..=3usize, proptest::collection::vec(1..24usize, 0..=3), 1..=3usize);
    (sizes, 0..UNITS, 1..80usize, any::<u64>()).prop_map(|((inputs, hidden, outputs), unit, points, seed)| {
        let mut stream = stream(&format!("property {seed}"));
        let sizes: Vec<usize> = [vec![inputs], hidden, vec![outputs]].concat();
        (plain(&sizes, unit, &mut stream), normal(points, inputs, &mut stream))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn kernels_are_symmetric_and_positive_semidefinite((plain, x) in networks()) {
        let kernel = plain.network().kernel(x.view()).unwrap();
        prop_assert_eq!(&kernel, &kernel.t());
        // Rounding makes eigenvalues that are 0 slightly negative.
        let largest = kernel.diag().sum();
        prop_assert!(eigenvalues(&kernel)[0] > -1e-13 * largest);
    }

    #[test]
    fn the_symmetric_kernel_is_the_cross_kernel_of_the_points_with_themselves((plain, x) in networks()) {
        let network = plain.network();
        prop_assert_eq!(network.kernel(x.view()).unwrap(), network.cross_kernel(x.view(), x.view()).unwrap());
    }

    #[test]
    fn permuted_points_permute_the_kernel((plain, x) in networks()) {
        let network = plain.network();
        let reversed = x.slice(s![..;-1, ..]);
        let (outputs, kernel) = (network.output_count(), network.kernel(x.view()).unwrap());
        let found = network.kernel(reversed).unwrap();
        let n = x.nrows();
        let place = |row: usize| (n - 1 - row / outputs) * outputs + row % outputs;
        let expected = Array2::from_shape_fn(kernel.dim(), |(row, column)| kernel[[place(row), place(column)]]);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn equal_points_have_equal_rows((plain, x) in networks()) {
        let network = plain.network();
        let twice = concatenate(Axis(0), &[x.view(), x.view()]).unwrap();
        let (kernel, size) = (network.kernel(twice.view()).unwrap(), x.nrows() * network.output_count());
        prop_assert_eq!(kernel.slice(s![..size, ..]), kernel.slice(s![size.., ..]));
    }

    #[test]
    fn parts_joined_are_the_whole((plain, x) in networks(), cut in 0.0..1.0f64) {
        let network = plain.network();
        let at = 1 + ((x.nrows() - 1) as f64 * cut) as usize;
        let mut parts = vec![network.tangents(x.slice(s![..at, ..])).unwrap()];
        if at < x.nrows() {
            parts.push(network.tangents(x.slice(s![at.., ..])).unwrap());
        }
        let joined = Tangents::joined(parts).unwrap();
        prop_assert_eq!(joined.outputs(), network.outputs(x.view()).unwrap());
        let mut kernel = Array2::from_elem((joined.size(), joined.size()), f64::NAN);
        // Last band first: bands do not depend on each other.
        for (band, rows) in joined.split(kernel.view_mut()).into_iter().enumerate().rev() {
            joined.lower_band(band, rows);
        }
        mirror_lower(&mut kernel);
        prop_assert_eq!(kernel, network.kernel(x.view()).unwrap());
    }

    #[test]
    fn half_the_digits_give_nearly_the_same_kernel((plain, x) in networks()) {
        let x = x.mapv(|x| x as f32);
        let found = plain.network_f32().kernel(x.view()).unwrap().mapv(f64::from);
        let expected = plain.network().kernel(x.mapv(f64::from).view()).unwrap();
        // Where a ReLU's z is within rounding of 0, its slope may differ.
        prop_assume!(plain.unit > 0 || x.outer_iter().all(|point| plain.nearest_to_kink(&point.mapv(f64::from).to_vec()) > 1e-4));
        prop_assert!(difference(&found, &expected) < 2e-5);
    }
}
