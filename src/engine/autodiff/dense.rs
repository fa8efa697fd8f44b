//! act(s z + b) as one operation with a gradient of its own.
//!
//! On burn's CPU backend this is one pass over z forwards and one backwards, with the eight lanes and the
//! elementary functions of [`crate::engine::fused_cpu`]; burn's own operations take a pass for each of
//! product, sum, activation and their derivatives, and ask the C library for each tanh. On any other device
//! it is those operations.

use burn_dispatch::backends::autodiff::checkpoint::base::Checkpointer;
use burn_dispatch::backends::autodiff::checkpoint::strategy::NoCheckpointing;
use burn_dispatch::backends::autodiff::grads::Gradients;
use burn_dispatch::backends::autodiff::ops::{Backward, Ops, OpsKind};
use burn_dispatch::backends::flex::{FlexTensor, Layout};
use burn_dispatch::backends::{Autodiff, Flex};
use burn_tensor::{Bytes, DType, Device, Tensor};

use crate::engine::fused_cpu::activation::{Activate, Erf, Linear, Relu, Tanh};
use crate::engine::fused_cpu::lanes::{Instructions, Kernel, LANES, Lanes, dispatch, filled, loaded, stored};
use crate::model::Activation;

/// act(scale z + b).
///
/// # Shapes
/// - `z`: `[networks, rows, units]`
/// - `b`: `[networks, 1, units]`
pub fn activated(z: Tensor<3>, b: Tensor<3>, scale: f32, activation: Activation) -> Tensor<3> {
    if z.device() != Device::flex() {
        let z = z * scale + b;
        return match activation {
            // Beyond it tanh is 1 in single precision, and some drivers' overflows.
            Activation::Tanh => z.clamp(-20.0, 20.0).tanh(),
            Activation::Erf => z.erf(),
            Activation::Relu => burn_tensor::activation::relu(z),
            Activation::Linear => z,
        };
    }
    let settings = Dense { activation, scale };
    if !z.is_autodiff() {
        let [z, b] = [z, b].map(|tensor| tensor.try_into_primitive::<Flex>().expect("it is on this device"));
        return Tensor::from_primitive::<Flex>(settings.forward(z, &b).0);
    }
    let [z, b] = [z, b].map(|tensor| tensor.try_into_primitive::<Autodiff<Flex>>().expect("it is on this device"));
    let (z, z_node) = z.into_parts();
    let (b, b_node) = b.into_parts();
    let (a, kept) = settings.forward(z, &b);
    let output = match settings.prepare::<NoCheckpointing>([z_node, b_node]).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(kept, a),
        OpsKind::UnTracked(prepared) => prepared.finish(a),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}

#[derive(Clone, Copy, Debug)]
struct Dense {
    activation: Activation,
    scale: f32,
}

impl Dense {
    /// act(scale z + b), and what its slope is found from: itself, or for erf scale z + b.
    fn forward(self, mut z: FlexTensor, b: &FlexTensor) -> (FlexTensor, FlexTensor) {
        z = whole(z);
        let b = whole(b.clone());
        let units = b.layout().shape()[2];
        let each = z.layout().num_elements() / b.layout().shape()[0];
        let run = |values: &mut [f32], activation, scale, b: Option<&[f32]>| {
            let forward = Forward { scale, units, each, values, b };
            dispatch(Instructions::fastest(), Pass(activation, forward));
        };
        if self.activation == Activation::Erf {
            run(z.storage_mut(), Activation::Linear, self.scale, Some(b.storage()));
            let mut a = z.clone();
            run(a.storage_mut(), Activation::Erf, 1.0, None);
            (a, z)
        } else {
            run(z.storage_mut(), self.activation, self.scale, Some(b.storage()));
            (z.clone(), z)
        }
    }
}

impl Backward<Flex, 2> for Dense {
    type State = FlexTensor;

    fn backward(self, ops: Ops<FlexTensor, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let mut pull = whole(gradients.consume::<Flex>(&ops.node));
        let shape = pull.layout().shape().clone();
        let [networks, _, units] = shape.dims();
        let mut sums = vec![0.0f32; networks * units];
        let each = shape.num_elements() / networks;
        let backward = Slopes {
            scale: self.scale,
            units,
            each,
            kept: ops.state.storage(),
            pull: pull.storage_mut(),
            sums: &mut sums,
        };
        dispatch(Instructions::fastest(), Pass(self.activation, backward));
        let [z, b] = ops.parents;
        if let Some(z) = z {
            gradients.register::<Flex>(z.id, pull);
        }
        if let Some(b) = b {
            let layout = Layout::contiguous([networks, 1, units].into());
            gradients.register::<Flex>(b.id, FlexTensor::new(Bytes::from_elems(sums), layout, DType::F32));
        }
    }
}

/// The same values one after the other from the beginning of memory, moved only if they are not.
fn whole(tensor: FlexTensor) -> FlexTensor {
    tensor.to_contiguous()
}

/// A pass over a layer, compiled for each activation.
trait Through {
    /// Must be `#[inline(always)]`, as [`Kernel::run`].
    fn through<L: Lanes, A: Activate>(self);
}

/// A pass with the activation that the network has.
struct Pass<T>(Activation, T);

impl<T: Through> Kernel for Pass<T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.0 {
            Activation::Tanh => self.1.through::<L, Tanh>(),
            Activation::Erf => self.1.through::<L, Erf>(),
            Activation::Relu => self.1.through::<L, Relu>(),
            Activation::Linear => self.1.through::<L, Linear>(),
        }
    }
}

/// values <- act(scale values + b), or act(values) without `b`.
struct Forward<'a> {
    scale: f32,
    units: usize,
    /// Values of one network.
    each: usize,
    values: &'a mut [f32],
    b: Option<&'a [f32]>,
}

impl Through for Forward<'_> {
    #[inline(always)]
    fn through<L: Lanes, A: Activate>(self) {
        let zeros;
        let b = match self.b {
            Some(b) => b,
            None => {
                zeros = vec![0.0; self.values.len() / self.each * self.units];
                &zeros
            }
        };
        let scale = L::splat(self.scale);
        for (network, b) in self.values.chunks_exact_mut(self.each).zip(b.chunks_exact(self.units)) {
            for row in network.chunks_exact_mut(self.units) {
                let ((row, row_rest), (b, b_rest)) = (row.as_chunks_mut(), b.as_chunks());
                for (z, b) in row.iter_mut().zip(b) {
                    *z = stored(A::value(scale * loaded::<L>(z) + loaded::<L>(b)));
                }
                if !row_rest.is_empty() {
                    let z = stored(A::value(scale * loaded::<L>(&filled(row_rest)) + loaded::<L>(&filled(b_rest))));
                    row_rest.copy_from_slice(&z[..row_rest.len()]);
                }
            }
        }
    }
}

/// act'(..) pull. Only erf asks for z, and erf's is what was kept; the others ask for act(z), or its sign.
#[inline(always)]
fn sloped<L: Lanes, A: Activate>(pull: &[f32; LANES], kept: &[f32; LANES]) -> L {
    let kept = loaded::<L>(kept);
    loaded::<L>(pull) * A::slope(kept, kept)
}

/// pull <- scale act'(..) pull, and the sums over rows of act'(..) pull.
struct Slopes<'a> {
    scale: f32,
    units: usize,
    each: usize,
    kept: &'a [f32],
    pull: &'a mut [f32],
    sums: &'a mut [f32],
}

impl Through for Slopes<'_> {
    #[inline(always)]
    fn through<L: Lanes, A: Activate>(self) {
        let scale = L::splat(self.scale);
        let networks = self.pull.chunks_exact_mut(self.each).zip(self.kept.chunks_exact(self.each));
        for ((pulls, kepts), sums) in networks.zip(self.sums.chunks_exact_mut(self.units)) {
            let rows = pulls.chunks_exact_mut(self.units).zip(kepts.chunks_exact(self.units));
            let (sums, sums_rest) = sums.as_chunks_mut();
            for (pulls, kepts) in rows {
                let ((pulls, pulls_rest), (kepts, kepts_rest)) = (pulls.as_chunks_mut(), kepts.as_chunks());
                for ((pull, kept), sum) in pulls.iter_mut().zip(kepts).zip(sums.iter_mut()) {
                    let slope = sloped::<L, A>(pull, kept);
                    *sum = stored(loaded::<L>(sum) + slope);
                    *pull = stored(scale * slope);
                }
                if !pulls_rest.is_empty() {
                    let slope = sloped::<L, A>(&filled(pulls_rest), &filled(kepts_rest));
                    let sum = stored(loaded::<L>(&filled(sums_rest)) + slope);
                    sums_rest.copy_from_slice(&sum[..sums_rest.len()]);
                    pulls_rest.copy_from_slice(&stored(scale * slope)[..pulls_rest.len()]);
                }
            }
        }
    }
}
