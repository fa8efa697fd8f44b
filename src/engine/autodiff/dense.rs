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
use crate::engine::fused_cpu::lanes::{Eight, Instructions, Kernel, LANES, Lanes, dispatch};
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
            Activation::Tanh => z.tanh(),
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
            let forward = Forward { activation, scale, units, each, values, b };
            dispatch(Instructions::fastest(), forward);
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
            activation: self.activation,
            scale: self.scale,
            units,
            each,
            kept: ops.state.storage(),
            pull: pull.storage_mut(),
            sums: &mut sums,
        };
        dispatch(Instructions::fastest(), backward);
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

/// values <- act(scale values + b), or act(values) without `b`.
struct Forward<'a> {
    activation: Activation,
    scale: f32,
    units: usize,
    /// Values of one network.
    each: usize,
    values: &'a mut [f32],
    b: Option<&'a [f32]>,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            Activation::Tanh => self.through::<L, Tanh>(),
            Activation::Erf => self.through::<L, Erf>(),
            Activation::Relu => self.through::<L, Relu>(),
            Activation::Linear => self.through::<L, Linear>(),
        }
    }
}

impl Forward<'_> {
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
                for (z, b) in row.chunks_mut(LANES).zip(b.chunks(LANES)) {
                    store(z, A::value(scale * load::<L>(z) + load::<L>(b)));
                }
            }
        }
    }
}

/// pull <- scale act'(..) pull, and the sums over rows of act'(..) pull.
struct Slopes<'a> {
    activation: Activation,
    scale: f32,
    units: usize,
    each: usize,
    kept: &'a [f32],
    pull: &'a mut [f32],
    sums: &'a mut [f32],
}

impl Kernel for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            Activation::Tanh => self.through::<L, Tanh>(),
            Activation::Erf => self.through::<L, Erf>(),
            Activation::Relu => self.through::<L, Relu>(),
            Activation::Linear => self.through::<L, Linear>(),
        }
    }
}

impl Slopes<'_> {
    #[inline(always)]
    fn through<L: Lanes, A: Activate>(self) {
        let scale = L::splat(self.scale);
        let networks = self.pull.chunks_exact_mut(self.each).zip(self.kept.chunks_exact(self.each));
        for ((pulls, kepts), sums) in networks.zip(self.sums.chunks_exact_mut(self.units)) {
            let rows = pulls.chunks_exact_mut(self.units).zip(kepts.chunks_exact(self.units));
            for (pulls, kepts) in rows {
                let lanes = pulls.chunks_mut(LANES).zip(kepts.chunks(LANES)).zip(sums.chunks_mut(LANES));
                for ((pull, kept), sum) in lanes {
                    // Only erf asks for z, and erf's is what was kept; the others ask for act(z), or its sign.
                    let kept = load::<L>(kept);
                    let slope = load::<L>(pull) * A::slope(kept, kept);
                    store(sum, load::<L>(sum) + slope);
                    store(pull, scale * slope);
                }
            }
        }
    }
}

/// Up to eight numbers, 0 in the lanes beyond.
#[inline(always)]
fn load<L: Lanes>(from: &[f32]) -> L {
    match from.first_chunk() {
        Some(&eight) => L::load(&Eight(eight)),
        None => {
            let mut eight = Eight::ZERO;
            eight.0[..from.len()].copy_from_slice(from);
            L::load(&eight)
        }
    }
}

/// As many lanes as there is room for.
#[inline(always)]
fn store<L: Lanes>(to: &mut [f32], lanes: L) {
    let mut eight = Eight::ZERO;
    lanes.store(&mut eight);
    match to.first_chunk_mut() {
        Some(to) => *to = eight.0,
        None => to.copy_from_slice(&eight.0[..to.len()]),
    }
}
