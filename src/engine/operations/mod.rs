//! What a language model computes, each as one operation with a gradient of its own.
//!
//! On burn's CPU backend each is one pass forwards and one backwards on eight lanes; op by op they take some ten passes
//! each way, which at the sizes of a page is most of the time. On any other device they are burn's operations.

mod attention;
mod cross_entropy;
mod fused;
mod linear;
mod rms_norm;
mod swiglu;

pub use attention::{Extension, Heads, Remembered, Sight, Turns, attend};
pub use cross_entropy::cross_entropy;
pub use linear::{adapted, linear, plus_low_rank};
pub use rms_norm::rms_norm;
pub use swiglu::swiglu;
