//! Kernels of infinitely wide networks at the start of training, in closed form.

use core::f64::consts::PI;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::tangent::{KernelFault, mirror_lower};

/// Activations whose expectations over normal numbers have a closed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfiniteUnit {
    /// max(z, 0): the arc-cosine kernel of degree 1 (Cho and Saul 2009).
    Relu,
    /// erf z: the arc-sine kernel (Williams 1997).
    Erf,
}

/// The biases of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InfiniteBias {
    /// Their variance at the start: enters the covariance of the layer's z.
    pub variance: f64,
    /// The factor on their learning rate: enters the tangent kernel. 0 where they are frozen.
    pub rate: f64,
}

/// A fully connected network whose hidden layers are infinitely wide: z = W a sqrt(`weight_variance` / inputs) + b,
/// W of independent standard normal numbers, all weights trained at rate 1.
///
/// With sigma = `weight_variance`, and q, q' the entries of Sigma at (x, x) and (x', x'):
/// ```text
/// Sigma_1(x, x') = sigma <x, x'> / d + variance          Theta_1 = sigma <x, x'> / d + rate
/// T = E[act(u) act(v)],  T' = E[act'(u) act'(v)],        (u, v) normal with covariance [q s; s q'], s = Sigma_l(x, x')
/// Sigma_(l+1) = sigma T + variance                       Theta_(l+1) = sigma T + rate + sigma T' Theta_l
/// ```
/// The last Sigma is the covariance of the outputs (NNGP; Lee et al. 1711.00165), the last Theta their tangent
/// kernel (NTK; Jacot et al. 1806.10572). Each of C outputs has these kernels, and there are none between outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InfiniteNetwork {
    pub unit: InfiniteUnit,
    /// 0 to 1,000.
    pub hidden_layers: usize,
    pub weight_variance: f64,
    /// Of the hidden layers.
    pub bias: InfiniteBias,
    /// Of the outputs.
    pub output_bias: InfiniteBias,
}

/// What an infinitely wide network has between two sets of points.
#[derive(Clone, Debug, PartialEq)]
pub struct InfiniteKernels {
    /// The tangent kernel: `[m, n]`.
    pub ntk: Array2<f64>,
    /// The covariance of the outputs at the start: `[m, n]`.
    pub nngp: Array2<f64>,
}

/// More hidden layers than this would take hours, and all their kernels look alike.
const DEEPEST: usize = 1_000;

impl InfiniteNetwork {
    /// The limit of Lethe's `ntk` parameterisation: hidden biases are normal(0, 1), the output's is 0 at the start,
    /// and all are trained.
    ///
    /// ```
    /// use lethe::kernel::{InfiniteNetwork, InfiniteUnit};
    /// use ndarray::array;
    ///
    /// // At x = 0 only biases count: E[relu(u)^2] + 1 + 1 E[relu'(u)^2] = 1/2 + 1 + 1/2.
    /// let network = InfiniteNetwork::ntk_parameterisation(InfiniteUnit::Relu, 1);
    /// let kernels = network.kernels(array![[0.0]].view())?;
    /// assert!((kernels.ntk[[0, 0]] - 2.0).abs() < 1e-15);
    /// assert!((kernels.nngp[[0, 0]] - 0.5).abs() < 1e-15);
    /// # Ok::<(), lethe::kernel::KernelFault>(())
    /// ```
    pub fn ntk_parameterisation(unit: InfiniteUnit, hidden_layers: usize) -> Self {
        let bias = InfiniteBias { variance: 1.0, rate: 1.0 };
        let output_bias = InfiniteBias { variance: 0.0, rate: 1.0 };
        Self { unit, hidden_layers, weight_variance: 1.0, bias, output_bias }
    }

    /// Both kernels between all points of one set: symmetric and positive semidefinite.
    ///
    /// # Shapes
    /// `x`: `[n, inputs]`; results: `[n, n]`.
    ///
    /// # Errors
    /// If there are no points, no coordinates, a number is out of range or not finite, or a result is too large.
    pub fn kernels(&self, x: ArrayView2<f64>) -> Result<InfiniteKernels, KernelFault> {
        let variances = self.variances(x)?;
        let n = x.nrows();
        let mut kernels = InfiniteKernels { ntk: Array2::zeros((n, n)), nngp: Array2::zeros((n, n)) };
        for row in 0..n {
            for column in 0..=row {
                let (nngp, ntk) = self.pair(x.row(row), x.row(column), &variances[row], &variances[column]);
                kernels.nngp[[row, column]] = nngp;
                kernels.ntk[[row, column]] = ntk;
            }
        }
        mirror_lower(&mut kernels.ntk);
        mirror_lower(&mut kernels.nngp);
        kernels.checked()
    }

    /// Both kernels between two sets of points.
    ///
    /// # Shapes
    /// `rows`: `[m, inputs]`; `columns`: `[n, inputs]`; results: `[m, n]`.
    ///
    /// # Errors
    /// As [`kernels`](Self::kernels), and if the sets have different numbers of coordinates.
    pub fn cross_kernels(
        &self,
        rows: ArrayView2<f64>,
        columns: ArrayView2<f64>,
    ) -> Result<InfiniteKernels, KernelFault> {
        if rows.ncols() != columns.ncols() {
            return Err(KernelFault::InputDimension { takes: rows.ncols(), given: columns.ncols() });
        }
        let (of_rows, of_columns) = (self.variances(rows)?, self.variances(columns)?);
        let shape = (rows.nrows(), columns.nrows());
        let mut kernels = InfiniteKernels { ntk: Array2::zeros(shape), nngp: Array2::zeros(shape) };
        for (row, of_row) in of_rows.iter().enumerate() {
            for (column, of_column) in of_columns.iter().enumerate() {
                let (nngp, ntk) = self.pair(rows.row(row), columns.row(column), of_row, of_column);
                kernels.nngp[[row, column]] = nngp;
                kernels.ntk[[row, column]] = ntk;
            }
        }
        kernels.checked()
    }

    /// Checks everything; q of every hidden layer, for every point.
    fn variances(&self, x: ArrayView2<f64>) -> Result<Vec<Vec<f64>>, KernelFault> {
        for (field, value) in [
            ("weight_variance", self.weight_variance),
            ("bias.variance", self.bias.variance),
            ("bias.rate", self.bias.rate),
            ("output_bias.variance", self.output_bias.variance),
            ("output_bias.rate", self.output_bias.rate),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(KernelFault::OutOfRange { field, value: value.to_string() });
            }
        }
        if self.hidden_layers > DEEPEST {
            return Err(KernelFault::TooDeep { layers: self.hidden_layers, at_most: DEEPEST });
        }
        if x.nrows() == 0 {
            return Err(KernelFault::NoPoints);
        }
        if x.ncols() == 0 {
            return Err(KernelFault::EmptyLayer { layer: 1 });
        }
        if let Some(point) = x.axis_iter(Axis(0)).position(|row| !row.iter().all(|number| number.is_finite())) {
            return Err(KernelFault::PointNotFinite { point });
        }
        let of_point = |x: ArrayView1<f64>| {
            let mut q = self.inner(x, x) + self.bias.variance;
            let mut all = Vec::with_capacity(self.hidden_layers);
            for _ in 0..self.hidden_layers {
                all.push(q);
                q = self.weight_variance * self.unit.expectations(q, q, q).0 + self.bias.variance;
            }
            all
        };
        Ok(x.outer_iter().map(of_point).collect())
    }

    /// The last Sigma and Theta of two points.
    fn pair(&self, x: ArrayView1<f64>, other: ArrayView1<f64>, q: &[f64], q_other: &[f64]) -> (f64, f64) {
        // The product that weights contribute, and what reaches Theta from the layers before.
        let (mut product, mut before) = (self.inner(x, other), 0.0);
        for (&q, &q_other) in q.iter().zip(q_other) {
            let sigma = product + self.bias.variance;
            let theta = product + self.bias.rate + before;
            let (of_values, of_slopes) = self.unit.expectations(q, q_other, sigma);
            product = self.weight_variance * of_values;
            before = self.weight_variance * of_slopes * theta;
        }
        (product + self.output_bias.variance, product + self.output_bias.rate + before)
    }

    fn inner(&self, x: ArrayView1<f64>, other: ArrayView1<f64>) -> f64 {
        let products = x.iter().zip(other).map(|(a, b)| a * b);
        self.weight_variance * products.sum::<f64>() / x.len() as f64
    }
}

impl InfiniteUnit {
    /// E\[act(u) act(v)\] and E\[act'(u) act'(v)\] for normal u and v with variances q, q' and covariance s.
    fn expectations(self, q: f64, q_other: f64, s: f64) -> (f64, f64) {
        let r = (q * q_other).sqrt();
        // q q' - s^2; rounding alone makes it negative.
        let determinant = ((r - s) * (r + s)).max(0.0);
        match self {
            // Without variance z is 0, where ReLU and its slope are 0.
            Self::Relu if r == 0.0 => (0.0, 0.0),
            Self::Relu => {
                let height = determinant.sqrt();
                let rest = PI - libm::atan2(height, s);
                ((height + rest * s) / (2.0 * PI), rest / (2.0 * PI))
            }
            // (1 + 2 q) (1 + 2 q') - 4 s^2, from terms that do not cancel.
            Self::Erf => {
                let root = (1.0 + 2.0 * (q + q_other) + 4.0 * determinant).sqrt();
                (2.0 / PI * libm::atan2(2.0 * s, root), 4.0 / PI / root)
            }
        }
    }
}

impl InfiniteKernels {
    fn checked(self) -> Result<Self, KernelFault> {
        let finite = self.ntk.iter().chain(&self.nngp).all(|entry| entry.is_finite());
        if finite { Ok(self) } else { Err(KernelFault::Overflow) }
    }
}
