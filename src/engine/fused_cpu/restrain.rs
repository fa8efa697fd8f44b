//! A restraint on blocks of eight units.

use super::block::Blocks;
use super::lanes::{Eight, LANES};
use crate::model::{Mlp, Parameters};
use crate::train::restraint::pulled;
use crate::train::{Restraint, Tether};

/// A [`Restraint`], packed.
#[derive(Clone, Debug)]
pub struct Restrained {
    tether: Option<[Blocks; 2]>,
    forbidden: Vec<Blocks>,
    /// Where the step began; used only if some direction is forbidden.
    before: Blocks,
    /// The step in double precision.
    delta: Wide,
}

/// A number for every parameter, in double precision: eight lanes for each eight of [`Blocks`], and b2.
type Wide = (Vec<[f64; LANES]>, f64);

impl Restrained {
    /// # Panics
    /// If a part has another shape than the network, or a keep is outside [0, 1].
    pub fn new(mlp: &Mlp, restraint: &Restraint) -> Self {
        let pack = |parameters: &Parameters| Blocks::pack(mlp, parameters);
        let tether = restraint.tether.as_ref().map(|Tether { anchor, keep }| {
            assert!(keep.iter().all(|keep| (0.0..=1.0).contains(&keep)), "keep is in [0, 1]");
            [pack(anchor), pack(keep)]
        });
        let forbidden: Vec<Blocks> = restraint.forbidden.iter().map(pack).collect();
        let before = if forbidden.is_empty() { Blocks::zeros(0, 1) } else { Blocks::zeros(mlp.width, mlp.inputs) };
        Self { tether, forbidden, before, delta: (Vec::new(), 0.0) }
    }

    /// Called before a step.
    pub fn remember(&mut self, parameters: &Blocks) {
        if !self.forbidden.is_empty() {
            self.before.clone_from(parameters);
        }
    }

    /// Called after it.
    pub fn apply(&mut self, parameters: &mut Blocks) {
        if !self.forbidden.is_empty() {
            self.project(parameters);
        }
        if let Some([anchor, keep]) = &self.tether {
            let pairs = anchor.eights().zip(keep.eights());
            for (theta, (anchor, keep)) in parameters.eights_mut().zip(pairs) {
                for lane in 0..LANES {
                    theta.0[lane] = pulled(theta.0[lane], anchor.0[lane], keep.0[lane]);
                }
            }
            parameters.b2 = pulled(parameters.b2, anchor.b2, keep.b2);
        }
    }

    /// In double precision; lanes are summed on their own, block by block, then one after the other, then b2.
    fn project(&mut self, parameters: &mut Blocks) {
        let (delta, delta_b2) = &mut self.delta;
        let pairs = parameters.eights().zip(self.before.eights());
        delta.clear();
        delta.extend(pairs.map(|(now, before)| step(now, before)));
        *delta_b2 = f64::from(parameters.b2) - f64::from(self.before.b2);
        for direction in &self.forbidden {
            let mut sums = [0.0; LANES];
            for (delta, along) in delta.iter().zip(direction.eights()) {
                for lane in 0..LANES {
                    sums[lane] += delta[lane] * f64::from(along.0[lane]);
                }
            }
            let along_b2 = f64::from(direction.b2);
            let product = sums.iter().sum::<f64>() + *delta_b2 * along_b2;
            for (delta, along) in delta.iter_mut().zip(direction.eights()) {
                for (delta, &along) in delta.iter_mut().zip(&along.0) {
                    *delta -= product * f64::from(along);
                }
            }
            *delta_b2 -= product * along_b2;
        }
        for ((theta, before), delta) in parameters.eights_mut().zip(self.before.eights()).zip(delta.iter()) {
            for ((theta, &before), delta) in theta.0.iter_mut().zip(&before.0).zip(delta) {
                *theta = (f64::from(before) + delta) as f32;
            }
        }
        parameters.b2 = (f64::from(self.before.b2) + *delta_b2) as f32;
    }
}

/// now - before.
fn step(now: &Eight, before: &Eight) -> [f64; LANES] {
    std::array::from_fn(|lane| f64::from(now.0[lane]) - f64::from(before.0[lane]))
}
