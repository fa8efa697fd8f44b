//! Why there is no kernel.

use core::fmt;

/// Why a network or its kernel cannot be had. Layers count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelFault {
    /// A network without layers.
    NoLayers,
    /// A layer without inputs or without units.
    EmptyLayer { layer: usize },
    /// A layer that takes another number of inputs than the one before has units.
    LayersDoNotChain { layer: usize, takes: usize, given: usize },
    /// A layer with another number of biases than of units.
    BiasLength { layer: usize, units: usize, biases: usize },
    /// A scale, rate or parameter of a layer that is infinite or NaN.
    LayerNotFinite { layer: usize },
    /// A layer with a rate below 0.
    NegativeRate { layer: usize },
    /// A set without points.
    NoPoints,
    /// Points with another number of coordinates than the network has inputs.
    InputDimension { takes: usize, given: usize },
    /// A coordinate that is infinite or NaN.
    PointNotFinite { point: usize },
    /// Points that belong to networks of other shapes.
    DifferentNetworks,
    /// A Jacobian of another number of parameters than there are factors for.
    RatesDoNotFit { parameters: usize, given: usize },
    /// A gradient that is infinite or NaN.
    GradientNotFinite { row: usize },
    /// A variance or rate that is below 0, infinite or NaN.
    OutOfRange { field: &'static str, value: String },
    /// An infinitely wide network with too many layers.
    TooDeep { layers: usize, at_most: usize },
    /// An output or an entry of the kernel that is too large for its kind of number.
    Overflow,
}

impl fmt::Display for KernelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayers => write!(f, "the network has no layers; at least one is needed"),
            Self::EmptyLayer { layer } => {
                write!(f, "layer {layer} has no units or no inputs; at least one of each is needed")
            }
            Self::LayersDoNotChain { layer, takes, given } => {
                write!(f, "layer {layer} takes {takes} inputs, but the layer before has {given} units")
            }
            Self::BiasLength { layer, units, biases } => {
                write!(f, "layer {layer} has {units} units, but {biases} biases; one each is needed")
            }
            Self::LayerNotFinite { layer } => {
                write!(f, "layer {layer} holds a parameter, scale or rate that is infinite or not a number")
            }
            Self::NegativeRate { layer } => write!(f, "layer {layer} has a negative rate; 0 or more is accepted"),
            Self::NoPoints => write!(f, "there are no points; at least one is needed"),
            Self::InputDimension { takes, given } => {
                write!(f, "the points have {given} coordinates, but the network takes {takes}")
            }
            Self::PointNotFinite { point } => {
                write!(f, "point {point} (counted from 0) has a coordinate that is infinite or not a number")
            }
            Self::DifferentNetworks => write!(f, "the points belong to networks of different shapes"),
            Self::RatesDoNotFit { parameters, given } => {
                write!(
                    f,
                    "the Jacobian has {parameters} parameters, but there are factors for {given}; one each is needed"
                )
            }
            Self::GradientNotFinite { row } => {
                write!(f, "row {row} of the Jacobian (counted from 0) has a gradient that is infinite or not a number")
            }
            Self::OutOfRange { field, value } => {
                write!(f, "{field} = \"{value}\"; accepted: a finite number, 0 or more")
            }
            Self::TooDeep { layers, at_most } => {
                write!(f, "{layers} hidden layers; at most {at_most} are accepted")
            }
            Self::Overflow => write!(f, "an output or kernel entry is too large for this kind of number"),
        }
    }
}

impl core::error::Error for KernelFault {}
