//! Linear layers, bare or with a low-rank branch beside their weight.

mod product;

use burn_dispatch::backends::flex::FlexTensor;
use burn_tensor::{DType, Tensor};

use self::product::{Matrix, add_product, product};
use super::fused::{Fused, apply, dims, is_on_cpu, tensor};

/// x W^T.
///
/// # Shapes
/// - `x`: `[rows, in]`
/// - `weight`: `[out, in]`
/// - result: `[rows, out]`
pub fn linear(x: Tensor<2>, weight: Tensor<2>) -> Tensor<2> {
    if is_fused(&x, &weight) {
        return apply(Linear, [x.into(), weight.into()]);
    }
    x.matmul(weight.transpose())
}

/// x W^T + scale (x A^T) B^T: the second product is added to the first where that lies. (Hu et al. 2021,
/// arXiv 2106.09685.)
///
/// # Shapes
/// - `x`: `[rows, in]`
/// - `weight`: `[out, in]`
/// - `a`: `[rank, in]`
/// - `b`: `[out, rank]`
/// - result: `[rows, out]`, in x's precision
pub fn adapted(x: Tensor<2>, weight: Tensor<2>, [a, b]: [Tensor<2>; 2], scale: f64) -> Tensor<2> {
    if is_fused(&x, &weight) && is_fused(&a, &b) {
        let scale = scale as f32;
        return apply(Adapted { scale }, [x.into(), weight.into(), a.into(), b.into()]);
    }
    plus_low_rank(linear(x.clone(), weight), x, [a, b], scale)
}

/// y + scale (x A^T) B^T, computed in the factors' precision, returned in y's.
///
/// # Shapes
/// as of [`adapted`], with `y`: `[rows, out]`
pub fn plus_low_rank(y: Tensor<2>, x: Tensor<2>, [a, b]: [Tensor<2>; 2], scale: f64) -> Tensor<2> {
    let x = if x.dtype() == a.dtype() { x } else { x.cast(a.dtype()) };
    let added = linear(linear(x, a) * scale, b);
    let dtype = y.dtype();
    if added.dtype() == dtype { y + added } else { (y.cast(added.dtype()) + added).cast(dtype) }
}

fn is_fused(x: &Tensor<2>, weight: &Tensor<2>) -> bool {
    is_on_cpu(x) && x.dtype() == DType::F32 && weight.dtype() == DType::F32
}

#[derive(Clone, Copy, Debug)]
struct Linear;

impl Fused<2> for Linear {
    type Kept = [FlexTensor; 2];

    fn forward(&self, [x, weight]: [FlexTensor; 2]) -> (FlexTensor, Self::Kept) {
        let y = product(matrix(&x), matrix(&weight).turned());
        (of(y, &x, &weight), [x, weight])
    }

    fn backward(&self, [x, weight]: Self::Kept, pull: FlexTensor, wanted: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let g = matrix(&pull);
        [
            wanted[0].then(|| tensor(product(g, matrix(&weight)), dims::<2>(&x))),
            wanted[1].then(|| tensor(product(g.turned(), matrix(&x)), dims::<2>(&weight))),
        ]
    }
}

#[derive(Clone, Copy, Debug)]
struct Adapted {
    scale: f32,
}

impl Fused<4> for Adapted {
    /// x, W, A, B and x A^T.
    type Kept = ([FlexTensor; 4], Vec<f32>);

    fn forward(&self, [x, weight, a, b]: [FlexTensor; 4]) -> (FlexTensor, Self::Kept) {
        let low = product(matrix(&x), matrix(&a).turned());
        let mut y = product(matrix(&x), matrix(&weight).turned());
        add_product(&mut y, self.scale, low_rank(&low, &x), matrix(&b).turned());
        (of(y, &x, &weight), ([x, weight, a, b], low))
    }

    /// With g the pull and u = scale g B: dx = g W + u A, dW = g^T x, dA = u^T x, dB = scale g^T (x A^T).
    fn backward(
        &self,
        ([x, weight, a, b], low): Self::Kept,
        pull: FlexTensor,
        wanted: [bool; 4],
    ) -> [Option<FlexTensor>; 4] {
        let g = matrix(&pull);
        let low = low_rank(&low, &x);
        let scaled = |left: Matrix<'_>, right: Matrix<'_>| {
            let mut to = vec![0.0; left.rows * right.columns];
            add_product(&mut to, self.scale, left, right);
            to
        };
        let u = scaled(g, matrix(&b));
        let u = Matrix::new(&u, low.rows, low.columns);
        let by_x = || {
            let mut by_x = product(g, matrix(&weight));
            add_product(&mut by_x, 1.0, u, matrix(&a));
            tensor(by_x, dims::<2>(&x))
        };
        [
            wanted[0].then(by_x),
            wanted[1].then(|| tensor(product(g.turned(), matrix(&x)), dims::<2>(&weight))),
            wanted[2].then(|| tensor(product(u.turned(), matrix(&x)), dims::<2>(&a))),
            wanted[3].then(|| tensor(scaled(g.turned(), low), dims::<2>(&b))),
        ]
    }
}

fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let [rows, columns] = dims(tensor);
    Matrix::new(tensor.storage(), rows, columns)
}

/// `[rows, rank]` for the rows of x.
fn low_rank<'a>(values: &'a [f32], x: &FlexTensor) -> Matrix<'a> {
    let [rows, _] = dims(x);
    Matrix::new(values, rows, values.len() / rows)
}

/// What a layer puts out.
fn of(y: Vec<f32>, x: &FlexTensor, weight: &FlexTensor) -> FlexTensor {
    tensor(y, [dims::<2>(x)[0], dims::<2>(weight)[0]])
}
