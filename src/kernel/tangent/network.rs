//! A fully connected network as plain arrays.

use ndarray::{Array1, Array2, ArrayView2};

use super::activation::Unit;
use super::fault::KernelFault;
use super::number::Number;
use super::tangents::Tangents;
use super::tile::{LANES, Row, zeros};
use super::{TangentKernel, tangents};

/// One layer: z = `weight_scale` W a + b, of the activations a before it.
///
/// # Shapes
/// `weights`: `[units, inputs]`; `bias`: `[units]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer<F> {
    pub weights: Array2<F>,
    pub bias: Array1<F>,
    /// 1, or what the parameterisation divides by: 1/sqrt(inputs), 1/(g0 inputs).
    pub weight_scale: F,
    /// The factor on the learning rate of the weights; 0 where they are frozen.
    pub weight_rate: F,
    /// The factor on the learning rate of the biases; 0 where they are frozen.
    pub bias_rate: F,
}

/// Layers with an activation between each two, checked and laid out for speed. The last layer is linear.
///
/// Its kernel, with a_l the activations of layer l (a_0 = x) and delta_l the derivative of an output by the
/// layer's z:
/// ```text
/// K(x, x') = sum_l (weight_rate_l weight_scale_l^2 <a_(l-1), a'_(l-1)> + bias_rate_l) <delta_l, delta'_l>
/// ```
///
/// ```
/// use lethe::kernel::{Layer, Network, TangentKernel, Tanh, Unit};
/// use ndarray::array;
///
/// // f(x) = 2 tanh(x), both weights trained.
/// let layer = |weight: f64| Layer {
///     weights: array![[weight]],
///     bias: array![0.0],
///     weight_scale: 1.0,
///     weight_rate: 1.0,
///     bias_rate: 0.0,
/// };
/// let network = Network::new(&[layer(1.0), layer(2.0)], Unit::of::<Tanh>())?;
/// let x = array![[0.0], [0.5]];
/// let kernel = network.kernel(x.view())?;
/// let by_hand = 0.5f64.tanh().powi(2) + (2.0 * (1.0 - 0.5f64.tanh().powi(2)) * 0.5).powi(2);
/// assert!((kernel[[1, 1]] - by_hand).abs() < 1e-15);
/// assert_eq!(kernel[[0, 1]], 0.0);
/// # Ok::<(), lethe::kernel::KernelFault>(())
/// ```
#[derive(Clone)]
pub struct Network<F> {
    pub(super) layers: Vec<Packed<F>>,
    pub(super) unit: Unit<F>,
}

/// A checked layer, its weights in the order in which they are read.
#[derive(Clone)]
pub(super) struct Packed<F> {
    pub inputs: usize,
    /// `scale` W, sixteen units side by side: `[units / 16][inputs]`. For the way forward.
    pub by_unit: Vec<Vec<Row<F>>>,
    /// `scale` W, sixteen inputs side by side: `[inputs / 16][units]`. For the way back.
    pub by_input: Vec<Vec<Row<F>>>,
    pub bias: Vec<F>,
    /// `weight_rate` `weight_scale`^2.
    pub weight_factor: F,
    pub bias_factor: F,
    /// `weight_rate` `weight_scale`.
    pub step_factor: F,
}

impl<F: Number> Network<F> {
    /// Checks the layers and lays them out.
    ///
    /// # Errors
    /// If there are none, one is empty, shapes do not chain, anything is not finite or a rate is negative.
    pub fn new(layers: &[Layer<F>], unit: Unit<F>) -> Result<Self, KernelFault> {
        let mut given = None;
        let mut packed = Vec::with_capacity(layers.len());
        for (layer, each) in (1..).zip(layers) {
            let (units, takes) = each.weights.dim();
            if units == 0 || takes == 0 {
                return Err(KernelFault::EmptyLayer { layer });
            }
            if let Some(given) = given
                && given != takes
            {
                return Err(KernelFault::LayersDoNotChain { layer, takes, given });
            }
            if each.bias.len() != units {
                return Err(KernelFault::BiasLength { layer, units, biases: each.bias.len() });
            }
            let scaled = each.weights.mapv(|weight| each.weight_scale * weight);
            let weight_factor = each.weight_rate * each.weight_scale * each.weight_scale;
            let mut all = scaled.iter().chain(&each.bias).chain([&weight_factor, &each.bias_rate]);
            if !all.all(|number| number.is_finite()) {
                return Err(KernelFault::LayerNotFinite { layer });
            }
            if each.weight_rate < F::ZERO || each.bias_rate < F::ZERO {
                return Err(KernelFault::NegativeRate { layer });
            }
            given = Some(units);
            packed.push(Packed {
                inputs: takes,
                by_unit: side_by_side(scaled.view()),
                by_input: side_by_side(scaled.t()),
                bias: each.bias.to_vec(),
                weight_factor,
                bias_factor: each.bias_rate,
                step_factor: each.weight_rate * each.weight_scale,
            });
        }
        if packed.is_empty() {
            return Err(KernelFault::NoLayers);
        }
        Ok(Self { layers: packed, unit })
    }

    /// Number of coordinates of a point.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// C, the number of outputs.
    pub fn output_count(&self) -> usize {
        self.layers[self.layers.len() - 1].bias.len()
    }

    /// Activations and derivatives at some points: all that the kernel is made of.
    ///
    /// The way to a kernel on several threads: take the tangents of parts of the points, join them, and
    /// compute their bands (see [`Tangents`]).
    ///
    /// # Shapes
    /// `x`: `[n, inputs]`.
    ///
    /// # Errors
    /// If there are no points, they have another number of coordinates, or anything is not finite.
    pub fn tangents(&self, x: ArrayView2<F>) -> Result<Tangents<F>, KernelFault> {
        tangents::of(self, x)
    }
}

impl<F: Number> TangentKernel<F> for Network<F> {
    type Fault = KernelFault;

    fn outputs(&self, x: ArrayView2<F>) -> Result<Array2<F>, KernelFault> {
        Ok(self.tangents(x)?.outputs())
    }

    fn kernel(&self, x: ArrayView2<F>) -> Result<Array2<F>, KernelFault> {
        self.tangents(x)?.kernel()
    }

    fn cross_kernel(&self, rows: ArrayView2<F>, columns: ArrayView2<F>) -> Result<Array2<F>, KernelFault> {
        self.tangents(rows)?.cross_kernel(&self.tangents(columns)?)
    }
}

/// Sixteen rows of a matrix side by side, the last padded with zeros: `[rows / 16][columns]`.
pub(super) fn side_by_side<F: Number>(matrix: ArrayView2<F>) -> Vec<Vec<Row<F>>> {
    let (rows, columns) = matrix.dim();
    let panel = |first: usize| {
        let mut panel = vec![zeros(); columns];
        for lane in 0..LANES.min(rows - first) {
            for (row, &number) in panel.iter_mut().zip(matrix.row(first + lane)) {
                row.0[lane] = number;
            }
        }
        panel
    };
    (0..rows).step_by(LANES).map(panel).collect()
}
