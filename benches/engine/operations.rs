//! The arithmetic that the training of these networks cannot do without.

use lethe::model::Activation;

/// Operations per sample, unit and step in `engine::fused_cpu::pass`, loads and stores aside. A division
/// counts as one, and so do a multiplication and the addition of its product each.
pub fn operations(activation: Activation) -> f64 {
    let (affine, accumulate) = (2.0, 2.0);
    // r a, r d and r d x, each added to its sum; a was kept.
    let curved_backward = 2.0 + 2.0 + 2.0;
    // z again, its gate, and two gated additions.
    let gated_backward = affine + 1.0 + 4.0;
    match activation {
        // Two clamps (2 and 3), x^2, two polynomials of four steps, x P, the division; then 1 - a^2.
        Activation::Tanh => affine + (5.0 + 1.0 + 16.0 + 1.0 + 1.0) + accumulate + curved_backward + 2.0,
        // Polynomials of five steps; then exp(-z^2), with z again: 3 + clamp 2, n 4, r 4, polynomial 8 + 4, 2^n 2.
        Activation::Erf => affine + (5.0 + 1.0 + 20.0 + 1.0 + 1.0) + accumulate + curved_backward + affine + 28.0,
        Activation::Relu => affine + 1.0 + accumulate + gated_backward,
        Activation::Linear => affine + accumulate + affine,
    }
}
