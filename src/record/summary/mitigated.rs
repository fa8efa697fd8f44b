//! Mitigations compared with plain fine-tuning at the same loss on the new task.

use serde::{Deserialize, Serialize};

use super::comparing::track;
use super::{Spread, Summary};
use crate::experiments::job::stage_ends;
use crate::experiments::{Mitigated, Results};
use crate::metrics::{Track, lowest_common};
use crate::stats::{Interval, Quartiles, Resamples};
use crate::train::mitigation::Setting;

/// All mitigations at one level of the new-task loss, at one width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchedSummary {
    pub width: u32,
    /// The ID loss at which branches are compared, each where it first reaches it; `None` if plain fine-tuning has
    /// diverged on every seed.
    pub level: Option<f64>,
    /// Forgetting of plain fine-tuning there: the front of early stopping.
    pub plain: Spread,
    pub mitigations: Vec<MitigationSummary>,
}

/// One mitigation at one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MitigationSummary {
    pub mitigation: Mitigated,
    /// Forgetting where the level is first reached.
    pub forgetting: Spread,
    /// Median over seeds of that less plain fine-tuning's on the same seed.
    pub less_plain: Option<f64>,
    /// Its 95 % bootstrap interval.
    pub interval: Option<Interval>,
    /// Seeds on which both reach the level, and seeds on which plain fine-tuning does.
    pub pairs: usize,
    pub plain_reached: usize,
    /// Whether it escapes the front of early stopping.
    pub verdict: Escape,
    /// Old examples kept, numbers kept beside the network, and the work of a step relative to plain fine-tuning.
    pub stored_examples: usize,
    pub stored_numbers: usize,
    pub step_work: f64,
}

/// How a mitigation stands to plain fine-tuning that is stopped at the same loss on the new task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// It forgets less: the interval is below zero, the median by more than `MARGIN`, and nine in ten of plain
    /// fine-tuning's seeds reach the level with it.
    Escapes,
    /// It forgets more, likewise.
    Worse,
    /// The interval holds zero, the difference is smaller than the margin, or there are too few seeds.
    Undecided,
    /// Fewer than nine in ten of plain fine-tuning's seeds reach the level with it.
    Unreached,
}

/// The part of plain fine-tuning's forgetting below which a difference is none: curves are interpolated between
/// checkpoints, and a fifth more steps lie between two of them.
pub const MARGIN: f64 = 0.05;

/// How many levels there are: the first is the lowest that plain fine-tuning reaches on nine seeds in ten, and equal
/// factors lead from there two thirds of the way, in its logarithm, to where fine-tuning begins. Nearer to that, a level
/// lies between the first few steps, and is a matter of interpolation.
pub const LEVELS: usize = 9;
/// Factors from the first level to the beginning.
const FACTORS: f64 = 12.0;

impl Summary {
    /// The comparison to speak of, at a width: the lowest level to which three mitigations in four come, else the
    /// highest.
    pub fn telling_level(&self, width: u32) -> Option<&MatchedSummary> {
        let of_width = || self.matched.iter().filter(|of| of.width == width && of.level.is_some());
        let comes = |of: &&MatchedSummary| {
            let there = of.mitigations.iter().filter(|of| of.verdict != Escape::Unreached).count();
            there * 4 >= of.mitigations.len() * 3
        };
        of_width().find(comes).or_else(|| of_width().next_back())
    }
}

/// Compares the branches of one width at one of the levels.
pub(super) fn matched(results: &Results, width: u32, level: usize) -> MatchedSummary {
    let spec = &results.spec;
    // In a sequence, from where its last task begins: the ID loss of other parts is that of other tasks.
    let ends: Vec<u32> = stage_ends(spec.fine_tuning_steps, spec.stages()).collect();
    let from = ends.iter().rev().nth(1).map_or(0, |end| end + 1);
    let tracks = |branch: usize| -> Vec<Option<Track>> {
        results.of_width(width).map(|traces| track(&traces?.fine_tuning[branch], from)).collect()
    };
    let diverged =
        |branch: usize| results.of_width(width).flatten().filter(|traces| traces.diverged(branch).is_some()).count();
    let plain = tracks(0);
    let lowest: Vec<f64> = plain.iter().flatten().filter_map(Track::lowest_id_loss).collect();
    let begins: Vec<f64> = plain.iter().flatten().map(|track| track.id_loss[0]).collect();
    let level = lowest_common(&[lowest]).zip(Quartiles::of(&begins)).map(|(lowest, begins)| {
        // Where nothing is learned there is one level, time and again.
        let factor = (begins.median / lowest).max(1.0);
        lowest * libm::pow(factor, level as f64 / FACTORS)
    });
    let at_level = |tracks: &[Option<Track>]| -> Vec<Option<f64>> {
        tracks.iter().map(|track| track.as_ref()?.forgetting_at_id_loss(level?)).collect()
    };
    let spread = |values: &[Option<f64>], branch: usize| {
        let there: Vec<f64> = values.iter().flatten().copied().collect();
        Spread { quartiles: Quartiles::of(&there), n: there.len(), diverged: diverged(branch) }
    };
    let reference = at_level(&plain);
    let reference_values: Vec<f64> = reference.iter().flatten().copied().collect();
    let plain_reached = reference_values.len();
    let setting = Setting {
        mlp: spec.network(width),
        new_examples: spec.samples as usize * spec.stages(),
        old_examples: spec.samples as usize,
        batch: (spec.batch > 0).then_some(spec.batch as usize),
    };
    let of = |(branch, &mitigation): (usize, &Mitigated)| {
        let values = at_level(&tracks(branch));
        let apart: Vec<f64> =
            values.iter().zip(&reference).filter_map(|(with, plain)| Some((*with)? - (*plain)?)).collect();
        let interval = Resamples::of(apart.len()).interval_of_median(&apart);
        let margin = MARGIN * Quartiles::of(&reference_values).map_or(0.0, |q| q.median.abs());
        let less_plain = Quartiles::of(&apart).map(|q| q.median);
        let verdict = match interval.zip(less_plain) {
            _ if apart.len() * 10 < plain_reached * 9 => Escape::Unreached,
            Some((interval, less)) if interval.high < 0.0 && less < -margin => Escape::Escapes,
            Some((interval, less)) if interval.low > 0.0 && less > margin => Escape::Worse,
            _ => Escape::Undecided,
        };
        let cost = mitigation.mitigation.cost(&setting, mitigation.strength).ok();
        MitigationSummary {
            mitigation,
            forgetting: spread(&values, branch),
            less_plain,
            interval,
            pairs: apart.len(),
            plain_reached,
            verdict,
            stored_examples: cost.map_or(0, |cost| cost.stored_examples),
            stored_numbers: cost.map_or(0, |cost| cost.stored_numbers),
            step_work: cost.map_or(1.0, |cost| cost.step_work),
        }
    };
    MatchedSummary {
        width,
        level,
        plain: spread(&reference, 0),
        mitigations: (1..).zip(&spec.mitigations).map(of).collect(),
    }
}
