//! What deep networks have room for.

use super::{DEEP_WIDTH_MAX, Limits};
use crate::error::Problem;
use crate::experiments::fields::field;
use crate::experiments::spec::Spec;
use crate::model::Block;

/// Mends what deep networks have no room for.
pub(super) fn mend(spec: &mut Spec, limits: &Limits, problems: &mut Vec<Problem>) {
    if !limits.deep && spec.depth > 1 {
        let accepted = "1: this part of Lethe was built without the engine of deep networks";
        problems.push(Problem::new("depth", &spec.depth.to_string(), accepted).using("1"));
        spec.depth = 1;
    }
    if !limits.deep && spec.block.has_norm() {
        let accepted = "plain: this part of Lethe was built without the engine of deep networks";
        problems.push(Problem::new("block", "norm", accepted).using("plain"));
        spec.block = Block::Plain;
    }
    let wide = |&width: &u32| width > DEEP_WIDTH_MAX;
    if spec.depth > 1 && spec.widths.iter().any(wide) {
        let accepted = format!("at most {DEEP_WIDTH_MAX} with more than one hidden layer");
        let shown = |spec: &Spec| field("widths").map(|field| (field.show)(spec)).unwrap_or_default();
        let written = shown(spec);
        spec.widths.retain(|width| !wide(width));
        if spec.widths.is_empty() {
            spec.widths.push(DEEP_WIDTH_MAX);
        }
        problems.push(Problem::new("widths", &written, accepted).using(shown(spec)));
    }
    if spec.block.has_residual() && spec.depth == 1 {
        let block = if spec.block.has_norm() { Block::Norm } else { Block::Plain };
        let shown = |spec: &Spec| field("block").map(|field| (field.show)(spec)).unwrap_or_default();
        let written = shown(spec);
        spec.block = block;
        let accepted = "plain or norm with one hidden layer, which has nothing to be added to";
        problems.push(Problem::new("block", &written, accepted).using(shown(spec)));
    }
    if spec.experiment.takes_kernel() && spec.block != Block::Plain && !limits.deep {
        let accepted = "plain where the kernel is taken: this part of Lethe has no gradients of other networks";
        let shown = |spec: &Spec| field("block").map(|field| (field.show)(spec)).unwrap_or_default();
        let written = shown(spec);
        spec.block = Block::Plain;
        problems.push(Problem::new("block", &written, accepted).using("plain"));
    }
}
