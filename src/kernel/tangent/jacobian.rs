//! The kernel of a network of any kind, from the gradients of its outputs.

use ndarray::{Array2, ArrayView1, s};

use super::fault::KernelFault;
use super::network::side_by_side;
use super::tangents::{finite, mirror_lower};
use super::tile::{LANES, Row, STRETCH, Tile, add_products, zeros};

/// df/dtheta of every output at some points, and the factors by which parameters' steps differ from the learning
/// rate:
/// ```text
/// K[i, j] = sum_g rate_g sum_(k in g) J[i, k] J[j, k]
/// ```
///
/// Where the network's layers are known, [`Network`](super::Network) needs no Jacobian. Gradients are taken as
/// engines give them, in single precision; everything from there on is in double precision and in a fixed order,
/// so that the kernel of one Jacobian has the same bits on every machine.
///
/// ```
/// use lethe::kernel::Jacobian;
/// use ndarray::array;
///
/// // Two points, three parameters, the last of which takes steps of half the size.
/// let jacobian = Jacobian::new(array![[1.0, 2.0, 4.0], [0.0, 1.0, 2.0]], vec![(2, 1.0), (1, 0.5)])?;
/// assert_eq!(jacobian.kernel()?, array![[13.0, 6.0], [6.0, 3.0]]);
/// # Ok::<(), lethe::kernel::KernelFault>(())
/// ```
#[derive(Clone, Debug)]
pub struct Jacobian {
    rows: Array2<f32>,
    rates: Vec<(usize, f64)>,
}

impl Jacobian {
    /// Checks what it is given. `rates` are runs of parameters as (how many, their factor), 0 where they are frozen.
    ///
    /// # Shapes
    /// `rows`: `[n C, P]`; the runs have P parameters in all.
    ///
    /// # Errors
    /// If there are no points, the runs have another number of parameters, a factor is negative or not finite, or a
    /// gradient is not finite.
    pub fn new(rows: Array2<f32>, rates: Vec<(usize, f64)>) -> Result<Self, KernelFault> {
        let (points, parameters) = rows.dim();
        if points == 0 {
            return Err(KernelFault::NoPoints);
        }
        let given = rates.iter().map(|(count, _)| count).sum();
        if given != parameters {
            return Err(KernelFault::RatesDoNotFit { parameters, given });
        }
        if let Some((_, rate)) = rates.iter().find(|(_, rate)| !(rate.is_finite() && *rate >= 0.0)) {
            return Err(KernelFault::OutOfRange { field: "rate", value: rate.to_string() });
        }
        if let Some(row) = rows.outer_iter().position(|row| !row.iter().all(|slope| slope.is_finite())) {
            return Err(KernelFault::GradientNotFinite { row });
        }
        Ok(Self { rows, rates })
    }

    /// n C, the size of the kernel.
    pub fn size(&self) -> usize {
        self.rows.nrows()
    }

    /// K: symmetric and positive semidefinite, `[n C, n C]`.
    ///
    /// # Errors
    /// If an entry is too large for its kind of number.
    pub fn kernel(&self) -> Result<Array2<f64>, KernelFault> {
        let mut kernel = self.products(self, |row, column| column <= row);
        mirror_lower(&mut kernel);
        finite(kernel)
    }

    /// K between these points and others of the same network: `[m C, n C]`.
    ///
    /// # Errors
    /// If the others' parameters have other factors, or an entry is too large for its kind of number.
    pub fn cross_kernel(&self, columns: &Self) -> Result<Array2<f64>, KernelFault> {
        if self.rates != columns.rates {
            return Err(KernelFault::DifferentNetworks);
        }
        finite(self.products(columns, |_, _| true))
    }

    /// R J^T alpha, R being the factors: what the parameters change by where the outputs change by K alpha.
    ///
    /// # Shapes
    /// `alpha`: `[n C]`; result: `[P]`.
    ///
    /// # Panics
    /// If `alpha` has another length.
    pub fn pulled_back(&self, alpha: &[f64]) -> Vec<f64> {
        assert_eq!(alpha.len(), self.size(), "one coefficient for each output of each point");
        let mut step = vec![0.0; self.rows.ncols()];
        for (row, alpha) in self.rows.outer_iter().zip(alpha) {
            step.iter_mut().zip(row).for_each(|(step, &slope)| *step += alpha * f64::from(slope));
        }
        let rates = self.rates.iter().flat_map(|&(count, rate)| core::iter::repeat_n(rate, count));
        step.iter_mut().zip(rates).for_each(|(step, rate)| *step *= rate);
        step
    }

    /// Products with the other points in tiles, of those tiles that are `wanted` by (row, column).
    fn products(&self, columns: &Self, wanted: fn(usize, usize) -> bool) -> Array2<f64> {
        let [down, across] = [self, columns].map(|of| of.size().div_ceil(LANES));
        let pairs = (0..across).flat_map(|column| (0..down).map(move |row| (row, column)));
        let pairs: Vec<(usize, usize)> = pairs.filter(|&(row, column)| wanted(row, column)).collect();
        let mut entries: Vec<Tile<f64>> = vec![[zeros(); LANES]; pairs.len()];
        let mut from = 0;
        for &(count, rate) in &self.rates {
            let mut sums: Vec<Tile<f64>> = vec![[zeros(); LANES]; pairs.len()];
            let to = from + count;
            for first in (from..to).step_by(STRETCH) {
                // A stretch at a time in double precision: the whole would be twice the Jacobian.
                let packed = |of: &Self| {
                    let stretch = of.rows.slice(s![.., first..to.min(first + STRETCH)]);
                    side_by_side(stretch.mapv(f64::from).view())
                };
                let (lefts, rights) = (packed(self), packed(columns));
                add_products(&each(&lefts), &each(&rights), &pairs, &mut sums);
            }
            let pairs = entries.iter_mut().flatten().zip(sums.iter().flatten());
            for (entry, sum) in pairs.flat_map(|(entry, sum)| entry.0.iter_mut().zip(&sum.0)) {
                *entry += rate * sum;
            }
            from = to;
        }
        self.laid_out(columns.size(), &pairs, &entries)
    }

    /// Tiles as the matrix that they are parts of.
    fn laid_out(&self, columns: usize, pairs: &[(usize, usize)], tiles: &[Tile<f64>]) -> Array2<f64> {
        let mut matrix = Array2::zeros((self.size(), columns));
        for (&(row, column), tile) in pairs.iter().zip(tiles) {
            let (row, column) = (row * LANES, column * LANES);
            let (height, width) = (LANES.min(self.size() - row), LANES.min(columns - column));
            for (down, entries) in tile[..height].iter().enumerate() {
                let mut to = matrix.slice_mut(s![row + down, column..column + width]);
                to.assign(&ArrayView1::from(&entries.0[..width]));
            }
        }
        matrix
    }
}

/// Panels as the slices that are multiplied.
fn each(panels: &[Vec<Row<f64>>]) -> Vec<&[Row<f64>]> {
    panels.iter().map(Vec::as_slice).collect()
}
