//! The bridge from a pass over plain memory to burn's tape.

use core::fmt::Debug;

use burn_dispatch::backends::autodiff::checkpoint::base::Checkpointer;
use burn_dispatch::backends::autodiff::checkpoint::strategy::NoCheckpointing;
use burn_dispatch::backends::autodiff::grads::Gradients;
use burn_dispatch::backends::autodiff::ops::{Backward, Ops, OpsKind};
use burn_dispatch::backends::flex::{FlexTensor, Layout};
use burn_dispatch::backends::{Autodiff, Flex};
use burn_tensor::{BackendPrimitive, Bytes, DType, Float, Tensor};

/// A function of N tensors in single precision on the CPU.
pub trait Fused<const N: usize>: Clone + Debug + Send + Sync + 'static {
    /// What the gradient needs of the way forwards.
    type Kept: Clone + Debug + Send + 'static;

    /// Its value, from operands whose values lie one after the other.
    fn forward(&self, operands: [FlexTensor; N]) -> (FlexTensor, Self::Kept);

    /// The gradient by each operand that is `wanted`, from that by the value.
    fn backward(&self, kept: Self::Kept, pull: FlexTensor, wanted: [bool; N]) -> [Option<FlexTensor>; N];
}

/// Whether the fused way exists for tensors where this one is.
pub fn is_on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.device().inner() == burn_tensor::Device::flex()
}

/// A tensor of any rank on the CPU, on a tape or not.
pub enum Operand {
    Plain(FlexTensor),
    OnTape(<Float as BackendPrimitive<Autodiff<Flex>>>::Primitive),
}

impl<const D: usize> From<Tensor<D>> for Operand {
    fn from(tensor: Tensor<D>) -> Self {
        if tensor.is_autodiff() {
            Self::OnTape(tensor.try_into_primitive::<Autodiff<Flex>>().expect("it is on this device"))
        } else {
            Self::Plain(tensor.try_into_primitive::<Flex>().expect("it is on this device"))
        }
    }
}

/// The value of an operation, on the tape if its operands are.
///
/// # Panics
/// If some operands are on a tape and others are not.
pub fn apply<F: Fused<N>, const N: usize, const D: usize>(operation: F, operands: [Operand; N]) -> Tensor<D> {
    let mut nodes = Vec::with_capacity(N);
    let values = operands.map(|operand| match operand {
        Operand::Plain(value) => value.to_contiguous(),
        Operand::OnTape(tensor) => {
            let (value, node) = tensor.into_parts();
            nodes.push(node);
            value.to_contiguous()
        }
    });
    let (value, kept) = operation.forward(values);
    if nodes.is_empty() {
        return Tensor::from_primitive::<Flex>(value);
    }
    let Ok(nodes) = <[_; N]>::try_from(nodes) else { panic!("all operands of {operation:?} are on the tape") };
    let output = match Step(operation).prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(kept, value),
        OpsKind::UnTracked(prepared) => prepared.finish(value),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}

#[derive(Clone, Debug)]
struct Step<F>(F);

impl<F: Fused<N>, const N: usize> Backward<Flex, N> for Step<F> {
    type State = F::Kept;

    fn backward(self, ops: Ops<F::Kept, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let pull = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let wanted = core::array::from_fn(|k| ops.parents[k].is_some());
        let found = self.0.backward(ops.state, pull, wanted);
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                gradients.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

/// A tensor of these values.
///
/// # Shapes
/// `values`: as many as `shape` holds, the last dimension running fastest
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(values), Layout::contiguous(shape.into()), DType::F32)
}

/// The dimensions of a tensor of known rank.
pub fn dims<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    tensor.layout().shape().dims()
}
