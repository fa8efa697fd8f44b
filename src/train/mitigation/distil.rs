//! `distil`: the network stays close to its former outputs on the new inputs.

use super::{Cost, Mitigation, Strength, Treatment, in_training, no_replay, told};

/// Loss (1 - s) (f - y)^2 + s (f - f_0)^2 on the new inputs.
///
/// That is (f - y')^2 with the labels y' = (1 - s) y + s f_0, and a constant: so it is trained as new labels, which
/// costs nothing.
pub const DISTIL: Mitigation = Mitigation {
    name: "distil",
    title: "distillation",
    sentence: told(
        "The network is asked to stay close to what it answered on the new inputs before; with squared errors \
               that is a label between the old answer and the new.",
    ),
    source: told("Li & Hoiem 2016, 1606.09282 (squared error in place of cross-entropy)"),
    strength: Strength::up_to(1.0, "s, the share of the loss that asks for the former outputs"),
    replay: no_replay,
    prepare: in_training(|base, s| {
        let pairs = base.new_labels.iter().zip(base.new_outputs);
        // Both ends to the last bit.
        let label = |(&y, &f): (&f32, &f32)| ((1.0 - s) * f64::from(y) + s * f64::from(f)) as f32;
        Ok(Treatment { labels: Some(pairs.map(label).collect()), ..Treatment::plain() })
    }),
    cost: |setting, _| Cost::kept(setting, setting.new_examples, 0.0),
};
