//! `freeze`: layers that are not trained.

use super::{Cost, Mitigation, Strength, Treatment, in_training, no_replay, told};
use crate::model::{Mlp, Parameters};
use crate::train::{Restraint, Tether};

/// The first k hidden layers keep their parameters. With all of them held the network is linear in what is left, w2
/// and b2, so the most that freezing does is to leave its features as they are; old outputs still move.
pub const FREEZE: Mitigation = Mitigation {
    name: "freeze",
    title: "frozen layers",
    sentence: told("The first hidden layers are held as they are, and only those behind them learn the new task."),
    source: told("Yosinski et al. 2014, 1411.1792"),
    strength: Strength::whole("the number of hidden layers that are held", |setting| setting.mlp.depth as f64),
    replay: no_replay,
    prepare: in_training(|base, layers| {
        let keep = Parameters::from_row(&base.mlp, &keep(&base.mlp, layers as usize));
        let keep = keep.ok_or_else(|| base.misshapen("freeze"))?;
        let tether = Some(Tether { anchor: base.parameters.clone(), keep });
        Ok(Treatment { restraint: Restraint { tether, forbidden: Vec::new() }, ..Treatment::plain() })
    }),
    // Held parameters are the network's own. They are trained and put back, so no work is saved either.
    cost: |setting, _| Cost::kept(setting, 0, 1.0),
};

/// 0 for the parameters of the first `layers` hidden layers, 1 for all others.
fn keep(mlp: &Mlp, layers: usize) -> Vec<f32> {
    let norm = if mlp.block.has_norm() { 2 * mlp.width } else { 0 };
    let layer = |inputs: usize| mlp.width * (inputs + 1) + norm;
    let held: usize = (0..layers).map(|l| layer(if l == 0 { mlp.inputs } else { mlp.width })).sum();
    (0..mlp.parameter_count()).map(|i| if i < held { 0.0 } else { 1.0 }).collect()
}
