//! In which order tasks and examples are told or drawn.

use serde::{Deserialize, Serialize};

use super::cluster::clustered;
use super::spectrum::Spectrum;
use super::training::Training;

/// An order of rows or columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ordering {
    /// As in the file.
    Given,
    /// By mean, the most forgotten (or most forgetting) first; what has no entry last.
    Mean,
    /// By hierarchical clusters: what is alike stands together.
    Cluster,
    /// By the first singular vector, the largest first.
    FirstSingular,
}

/// Singular vectors by which columns are compared.
const COMPARED: usize = 8;
/// Most items that are compared each with each, up to a factor of two; more are bundled first.
const MOST_COMPARED: usize = 1000;

/// The rows in an order: their numbers, first to last.
pub fn order_rows(training: &Training<'_>, spectrum: &Spectrum, by: Ordering) -> Vec<usize> {
    let rows = training.rows();
    let rank = spectrum.rank(rows);
    let first = || oriented((0..rows).map(|row| spectrum.left[(row, 0)]).collect());
    match by {
        Ordering::Given => (0..rows).collect(),
        Ordering::Mean => falling(&means(
            (0..rows).map(|row| training.present(row).fold((0.0, 0), |(sum, n), (_, entry)| (sum + entry, n + 1))),
        )),
        Ordering::FirstSingular => falling(&first()),
        Ordering::Cluster => {
            let point = |row: usize| (0..rank).map(|k| spectrum.left[(row, k)] * spectrum.values[k]).collect();
            bundled(&(0..rows).map(point).collect::<Vec<_>>(), &first())
        }
    }
}

/// The columns in an order: their numbers, first to last. Clusters are those of the first eight singular vectors.
pub fn order_columns(training: &Training<'_>, spectrum: &Spectrum, by: Ordering) -> Vec<usize> {
    let columns = training.columns();
    let mut sums = vec![(0.0, 0); columns];
    match by {
        Ordering::Given => return (0..columns).collect(),
        Ordering::Mean => {
            for row in 0..training.rows() {
                for (column, entry) in training.present(row) {
                    sums[column].0 += entry;
                    sums[column].1 += 1;
                }
            }
            return falling(&means(sums.into_iter()));
        }
        Ordering::Cluster | Ordering::FirstSingular => {}
    }
    let rank = spectrum.rank(if by == Ordering::Cluster { COMPARED } else { 1 });
    if rank == 0 {
        return (0..columns).collect();
    }
    let right = spectrum.right(training, None, rank);
    let first = oriented(right.iter().step_by(rank).copied().collect());
    if by == Ordering::FirstSingular {
        return falling(&first);
    }
    let point = |of: &[f64]| of.iter().zip(&spectrum.values).map(|(v, value)| v * value).collect();
    bundled(&right.chunks_exact(rank).map(point).collect::<Vec<_>>(), &first)
}

/// The means of sums and counts; what has no entry is below everything.
fn means(sums: impl Iterator<Item = (f64, usize)>) -> Vec<f64> {
    sums.map(|(sum, n)| if n == 0 { f64::NEG_INFINITY } else { sum / n as f64 }).collect()
}

/// The numbers of the keys, the largest key first; equal keys keep their order.
fn falling(keys: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&i, &j| keys[j].total_cmp(&keys[i]));
    order
}

/// A singular vector with the sign that makes its sum positive: which one it has is chance.
fn oriented(vector: Vec<f64>) -> Vec<f64> {
    let sign = if vector.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    vector.into_iter().map(|value| sign * value).collect()
}

/// Points by clusters, where there are many by clusters of bundles: cut in half along the coordinate that varies most,
/// and again, until a bundle is small. Within a bundle the largest place along `first` comes first.
fn bundled(points: &[Vec<f64>], first: &[f64]) -> Vec<usize> {
    let size = points.len().div_ceil(MOST_COMPARED).max(1);
    let mut bundles = Vec::new();
    cut((0..points.len()).collect(), points, size, &mut bundles);
    bundles.iter_mut().for_each(|bundle| bundle.sort_by(|&i, &j| first[j].total_cmp(&first[i])));
    let centres: Vec<Vec<f64>> = bundles.iter().map(|bundle| centre(bundle, points)).collect();
    clustered(&centres).into_iter().flat_map(|bundle| bundles[bundle].iter().copied()).collect()
}

fn cut(mut bundle: Vec<usize>, points: &[Vec<f64>], size: usize, bundles: &mut Vec<Vec<usize>>) {
    if bundle.len() <= size {
        bundles.push(bundle);
        return;
    }
    let centre = centre(&bundle, points);
    let spread =
        |k: usize| bundle.iter().map(|&at| (points[at][k] - centre[k]) * (points[at][k] - centre[k])).sum::<f64>();
    let widest = (0..centre.len()).max_by(|&k, &l| spread(k).total_cmp(&spread(l))).unwrap_or_default();
    let half = bundle.len() / 2;
    if !centre.is_empty() {
        bundle.select_nth_unstable_by(half, |&i, &j| points[i][widest].total_cmp(&points[j][widest]).then(i.cmp(&j)));
    }
    let other = bundle.split_off(half);
    cut(bundle, points, size, bundles);
    cut(other, points, size, bundles);
}

fn centre(bundle: &[usize], points: &[Vec<f64>]) -> Vec<f64> {
    let mean = |k: usize| bundle.iter().map(|&at| points[at][k]).sum::<f64>() / bundle.len() as f64;
    (0..points[bundle[0]].len()).map(mean).collect()
}
