//! A network's activations and derivatives at some points, and the kernel that they make.

use core::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, s};

use super::bands::{Columns, fill};
use super::fault::KernelFault;
use super::network::{Network, side_by_side};
use super::number::Number;
use super::pass::{Numbers, Panel, pass};
use super::tile::LANES;

/// Panels in a band, and panels that go through the network together: what is read serves all of them.
const PANELS: usize = 4;

/// Everything about some points that their kernel needs: n x (sum of widths) x (1 + C) numbers.
///
/// The kernel consists of *bands* of rows, independent of each other, so that a caller can spread them over
/// threads. Whoever needs no threads calls [`kernel`](Self::kernel).
///
/// ```
/// use lethe::kernel::{Layer, Network, Relu, TangentKernel, Unit, mirror_lower};
/// use ndarray::{Array2, array, s};
///
/// let layer = |weights: Array2<f32>, bias| Layer { weights, bias, weight_scale: 1.0, weight_rate: 1.0, bias_rate: 1.0 };
/// let layers = [layer(array![[1.0], [-1.0]], array![0.0, 0.5]), layer(array![[1.0, 2.0]], array![0.0])];
/// let network = Network::new(&layers, Unit::of::<Relu>())?;
/// let x = Array2::from_shape_fn((200, 1), |(i, _)| i as f32 / 100.0 - 1.0);
///
/// // Each of these two could be a thread's work ...
/// let parts = vec![network.tangents(x.slice(s![..128, ..]))?, network.tangents(x.slice(s![128.., ..]))?];
/// let tangents = lethe::kernel::Tangents::joined(parts)?;
/// let mut kernel = Array2::zeros((200, 200));
/// // ... and so could each of these bands.
/// for (band, rows) in tangents.split(kernel.view_mut()).into_iter().enumerate() {
///     tangents.lower_band(band, rows);
/// }
/// mirror_lower(&mut kernel);
/// assert_eq!(kernel, network.kernel(x.view())?);
/// # Ok::<(), lethe::kernel::KernelFault>(())
/// ```
pub struct Tangents<F> {
    /// (`weight_rate` `weight_scale`^2, `bias_rate`) of each layer.
    factors: Vec<(F, F)>,
    /// `weight_rate` `weight_scale` of each layer.
    step_factors: Vec<F>,
    panels: Vec<Panel<F>>,
    /// The first row of each panel, and the number of rows.
    starts: Vec<usize>,
}

/// A change of one layer's parameters.
///
/// # Shapes
/// `weights`: `[units, inputs]`; `bias`: `[units]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterStep<F> {
    pub weights: Array2<F>,
    pub bias: Array1<F>,
}

/// See [`Network::tangents`].
pub(super) fn of<F: Number>(network: &Network<F>, x: ArrayView2<F>) -> Result<Tangents<F>, KernelFault> {
    let (points, given) = x.dim();
    if points == 0 {
        return Err(KernelFault::NoPoints);
    }
    if given != network.inputs() {
        return Err(KernelFault::InputDimension { takes: network.inputs(), given });
    }
    if let Some(point) = x.axis_iter(Axis(0)).position(|row| !row.iter().all(|number| number.is_finite())) {
        return Err(KernelFault::PointNotFinite { point });
    }
    let factors = network.layers.iter().map(|layer| (layer.weight_factor, layer.bias_factor)).collect();
    let mut x: Vec<(usize, Numbers<F>)> =
        (0..points).step_by(LANES).map(|first| LANES.min(points - first)).zip(side_by_side(x)).collect();
    let mut panels = Vec::with_capacity(x.len());
    while !x.is_empty() {
        panels.extend(pass(network, x.drain(..PANELS.min(x.len())).collect()));
    }
    let step_factors = network.layers.iter().map(|layer| layer.step_factor).collect();
    let tangents = Tangents::new(factors, step_factors, panels);
    if !tangents.outputs().iter().all(|output| output.is_finite()) {
        return Err(KernelFault::Overflow);
    }
    Ok(tangents)
}

impl<F: Number> Tangents<F> {
    fn new(factors: Vec<(F, F)>, step_factors: Vec<F>, panels: Vec<Panel<F>>) -> Self {
        let mut starts = vec![0];
        for panel in &panels {
            starts.push(starts[starts.len() - 1] + panel.points * panel.outputs.len());
        }
        Self { factors, step_factors, panels, starts }
    }

    /// The points of all parts, in order. (The speed is best where all but the last are multiples of 64.)
    ///
    /// # Errors
    /// If there are no parts, or they come from networks of different shapes.
    pub fn joined(parts: Vec<Self>) -> Result<Self, KernelFault> {
        let Some(first) = parts.first() else {
            return Err(KernelFault::NoPoints);
        };
        if parts.iter().any(|part| part.shape() != first.shape()) {
            return Err(KernelFault::DifferentNetworks);
        }
        let (factors, step_factors) = (first.factors.clone(), first.step_factors.clone());
        Ok(Self::new(factors, step_factors, parts.into_iter().flat_map(|part| part.panels).collect()))
    }

    /// What decides whether two sets have a kernel: the factors, and how many numbers each layer takes and gives.
    fn shape(&self) -> (&[(F, F)], Vec<usize>, usize) {
        let panel = &self.panels[0];
        (&self.factors, panel.taken.iter().map(Vec::len).collect(), panel.outputs.len())
    }

    /// n C, the size of the kernel.
    pub fn size(&self) -> usize {
        self.starts[self.panels.len()]
    }

    /// f at the points: `[n, C]`.
    pub fn outputs(&self) -> Array2<F> {
        let per_point = self.panels[0].outputs.len();
        let mut outputs = Array2::from_elem((self.size() / per_point, per_point), F::ZERO);
        for (panel, &start) in self.panels.iter().zip(&self.starts) {
            let first = start / per_point;
            for ((point, output), to) in outputs.slice_mut(s![first..first + panel.points, ..]).indexed_iter_mut() {
                *to = panel.outputs[output].0[point];
            }
        }
        outputs
    }

    /// K: `[n C, n C]`.
    ///
    /// # Errors
    /// If an entry is too large for its kind of number.
    pub fn kernel(&self) -> Result<Array2<F>, KernelFault> {
        let mut kernel = Array2::from_elem((self.size(), self.size()), F::ZERO);
        for (band, rows) in self.split(kernel.view_mut()).into_iter().enumerate() {
            self.lower_band(band, rows);
        }
        mirror_lower(&mut kernel);
        finite(kernel)
    }

    /// K between these points and others of the same network: `[m C, n C]`.
    ///
    /// # Errors
    /// If the others' network has another shape, or an entry is too large for its kind of number.
    pub fn cross_kernel(&self, columns: &Self) -> Result<Array2<F>, KernelFault> {
        if self.shape() != columns.shape() {
            return Err(KernelFault::DifferentNetworks);
        }
        let mut kernel = Array2::from_elem((self.size(), columns.size()), F::ZERO);
        for (band, rows) in self.split(kernel.view_mut()).into_iter().enumerate() {
            self.band(columns, band, rows);
        }
        finite(kernel)
    }

    /// R J^T alpha, layer by layer: what the parameters change by where the outputs change by K alpha, R being the
    /// layers' rates. Without the Jacobian, as the kernel.
    ///
    /// # Shapes
    /// `alpha`: `[n C]`, all outputs of the first point, then of the second, and so on.
    ///
    /// # Panics
    /// If `alpha` has another length.
    pub fn pulled_back(&self, alpha: &[F]) -> Vec<ParameterStep<F>> {
        assert_eq!(alpha.len(), self.size(), "one coefficient for each output of each point");
        let first = &self.panels[0];
        let layer = |layer: usize| {
            let inputs = first.taken[layer].len();
            let units = first.deltas.get(layer).map_or(first.outputs.len(), |deltas| deltas[0].len());
            ParameterStep {
                weights: Array2::from_elem((units, inputs), F::ZERO),
                bias: Array1::from_elem(units, F::ZERO),
            }
        };
        let mut steps: Vec<ParameterStep<F>> = (0..self.factors.len()).map(layer).collect();
        for (panel, &start) in self.panels.iter().zip(&self.starts) {
            let per_point = panel.outputs.len();
            for (layer, step) in steps.iter_mut().enumerate() {
                // sum over outputs of alpha delta, at the panel's points: what pulls at the units.
                let mut pull = vec![[F::ZERO; LANES]; step.bias.len()];
                for (point, output) in (0..panel.points).flat_map(|point| (0..per_point).map(move |o| (point, o))) {
                    let coefficient = alpha[start + point * per_point + output];
                    match panel.deltas.get(layer) {
                        Some(deltas) => pull.iter_mut().zip(&deltas[output]).for_each(|(pull, delta)| {
                            pull[point] += coefficient * delta.0[point];
                        }),
                        None => pull[output][point] += coefficient,
                    }
                }
                let dot = |a: &[F; LANES], b: &[F; LANES]| a.iter().zip(b).fold(F::ZERO, |sum, (&a, &b)| sum + a * b);
                for (unit, pull) in pull.iter().enumerate() {
                    step.bias[unit] += self.factors[layer].1 * dot(pull, &[F::ONE; LANES]);
                    for (input, taken) in panel.taken[layer].iter().enumerate() {
                        step.weights[[unit, input]] += self.step_factors[layer] * dot(pull, &taken.0);
                    }
                }
            }
        }
        steps
    }

    /// How many bands the kernel's rows have.
    pub fn bands(&self) -> usize {
        self.panels.len().div_ceil(PANELS)
    }

    /// The bands of a matrix with a row for each row of the kernel.
    ///
    /// # Panics
    /// If the matrix has another number of rows.
    pub fn split<'a>(&self, matrix: ArrayViewMut2<'a, F>) -> Vec<ArrayViewMut2<'a, F>> {
        assert_eq!(matrix.nrows(), self.size(), "a matrix with other rows than this kernel's");
        let mut rest = matrix;
        let mut bands = Vec::with_capacity(self.bands());
        for band in 0..self.bands() {
            let panels = self.panels_of(band);
            let (rows, after) = rest.split_at(Axis(0), self.starts[panels.end] - self.starts[panels.start]);
            bands.push(rows);
            rest = after;
        }
        bands
    }

    /// Writes one band of K up to the diagonal and a little beyond; later bands have more to do.
    ///
    /// # Shapes
    /// `rows`: from [`split`](Self::split), `[rows of the band, n C]`.
    ///
    /// # Panics
    /// If `rows` has another shape.
    pub fn lower_band(&self, band: usize, rows: ArrayViewMut2<F>) {
        let panels = self.panels_of(band);
        let columns = Columns { panels: &self.panels[..panels.end], starts: &self.starts };
        fill(&self.factors, &self.panels[panels.clone()], columns, Some(panels.start), rows);
    }

    /// Writes one band of K between these points and others.
    ///
    /// # Shapes
    /// `rows`: from [`split`](Self::split), `[rows of the band, columns.size()]`.
    ///
    /// # Panics
    /// If `rows` has another shape, or the others' network has.
    pub fn band(&self, columns: &Self, band: usize, rows: ArrayViewMut2<F>) {
        assert!(self.shape() == columns.shape(), "points of different networks");
        let columns = Columns { panels: &columns.panels, starts: &columns.starts };
        fill(&self.factors, &self.panels[self.panels_of(band)], columns, None, rows);
    }

    fn panels_of(&self, band: usize) -> Range<usize> {
        band * PANELS..((band + 1) * PANELS).min(self.panels.len())
    }
}

/// Copies what is below the diagonal of a square matrix to above it.
pub fn mirror_lower<F: Copy>(matrix: &mut Array2<F>) {
    // Blocks, because whole columns would fetch a cache line for every number.
    const BLOCK: usize = 32;
    let size = matrix.nrows();
    for rows in (0..size).step_by(BLOCK) {
        for columns in (0..=rows).step_by(BLOCK) {
            for row in rows..(rows + BLOCK).min(size) {
                for column in columns..(columns + BLOCK).min(row) {
                    matrix[[column, row]] = matrix[[row, column]];
                }
            }
        }
    }
}

/// The kernel, if it is finite.
pub(super) fn finite<F: Number>(kernel: Array2<F>) -> Result<Array2<F>, KernelFault> {
    if kernel.iter().all(|entry| entry.is_finite()) { Ok(kernel) } else { Err(KernelFault::Overflow) }
}
