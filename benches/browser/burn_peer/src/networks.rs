//! Many networks as one batch of tensors.

use burn::tensor::{Device, Tensor, TensorData};

/// f(x) = w2 . tanh(w1 x + b1) + b2 for each network.
///
/// # Shapes
/// `w1`, `b1`: [networks, 1, width]; `w2`: [networks, width, 1]; `b2`: [networks, 1, 1].
pub struct Networks {
    pub w1: Tensor<3>,
    pub b1: Tensor<3>,
    pub w2: Tensor<3>,
    pub b2: Tensor<3>,
}

impl Networks {
    /// From one row per network: w1, b1, w2, then b2.
    pub fn from_rows(rows: &[f32], networks: usize, width: usize, device: &Device) -> Self {
        let part = |first: usize, length: usize, shape: [usize; 3]| {
            let rows = rows.chunks_exact(3 * width + 1);
            let values: Vec<f32> = rows.flat_map(|row| row[first..first + length].iter().copied()).collect();
            Tensor::<3>::from_data(TensorData::new(values, shape), device)
        };
        Self {
            w1: part(0, width, [networks, 1, width]),
            b1: part(width, width, [networks, 1, width]),
            w2: part(2 * width, width, [networks, width, 1]),
            b2: part(3 * width, 1, [networks, 1, 1]),
        }
    }

    /// Activations [networks, samples, width] at `x` [1, samples, 1].
    pub fn hidden(&self, x: &Tensor<3>) -> Tensor<3> {
        (x.clone() * self.w1.clone() + self.b1.clone()).tanh()
    }

    /// f [networks, samples, 1] at `x` [1, samples, 1].
    pub fn output(&self, x: &Tensor<3>) -> Tensor<3> {
        self.hidden(x).matmul(self.w2.clone()) + self.b2.clone()
    }

    /// Every tensor, changed in the same way.
    pub fn map(self, change: impl Fn(Tensor<3>) -> Tensor<3>) -> Self {
        Self { w1: change(self.w1), b1: change(self.b1), w2: change(self.w2), b2: change(self.b2) }
    }
}
