//! How much of the forgetting a replay fraction leaves, and whether that depends on width.

use super::{LeftByReplay, LeftPoint};
use crate::experiments::Results;
use crate::experiments::job::Cell;
use crate::stats::{Quartiles, slope_over_seeds};

/// The share of each seed's forgetting that one branch leaves, compared with the branch without replay.
pub(super) fn left_by_replay(results: &Results, without: usize, branch: usize, replay: f64) -> LeftByReplay {
    let widths = &results.spec.widths;
    let share = |width: u32| -> Vec<Option<f64>> {
        let of = |branch| results.forgetting(Cell { width, branch });
        let each = of(without).into_iter().zip(of(branch));
        each.map(|(without, with)| Some(with? / without.filter(|&f| f > 0.0)?)).collect()
    };
    // One row per width, one entry per seed.
    let shares: Vec<Vec<Option<f64>>> = widths.iter().map(|&width| share(width)).collect();
    let point = |(&width, row): (&u32, &Vec<Option<f64>>)| {
        let there: Vec<f64> = row.iter().flatten().copied().collect();
        LeftPoint { width, share: Quartiles::of(&there), seeds: there.len() }
    };
    let by_seed: Vec<Vec<Option<f64>>> =
        (0..results.spec.seeds.len()).map(|seed| shares.iter().map(|row| row[seed]).collect()).collect();
    let as_numbers: Vec<f64> = widths.iter().map(|&width| f64::from(width)).collect();
    LeftByReplay {
        replay,
        points: widths.iter().zip(&shares).map(point).collect(),
        slope: slope_over_seeds(&as_numbers, &by_seed),
    }
}
