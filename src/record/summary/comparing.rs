//! The comparisons of one replay branch over the widths, made one after the other: at many seeds each
//! takes milliseconds.

use super::{BranchComparisons, Comparison, ComparisonPoint, HeldEqual, ID_LEVELS};
use crate::experiments::results::Trace;
use crate::experiments::{Measures, Results};
use crate::metrics::{Track, lowest_common};
use crate::stats::{Quartiles, Verdict, slope_over_seeds};
use crate::train::OptimiserKind;

/// The comparisons of a branch in the making.
pub(super) struct Comparing {
    replay: f64,
    widths: Vec<u32>,
    /// One row per width, one entry per seed.
    tracks: Vec<Vec<Option<Track>>>,
    /// What is still to be compared, the last first.
    waiting: Vec<(HeldEqual, Option<f64>)>,
    made: Vec<Comparison>,
}

impl Comparing {
    /// Reads the tracks and finds the levels to compare at.
    pub(super) fn new(results: &Results, branch: usize, replay: f64) -> Self {
        let widths = results.spec.widths.clone();
        let tracks: Vec<Vec<Option<Track>>> = widths
            .iter()
            .map(|&width| results.of_width(width).map(|traces| track(&traces?.fine_tuning[branch], 0)).collect())
            .collect();
        let reach = |value: &dyn Fn(&Track) -> Option<f64>| -> Vec<Vec<f64>> {
            tracks.iter().map(|row| row.iter().flatten().filter_map(value).collect()).collect()
        };
        let id_level = lowest_common(&reach(&Track::lowest_id_loss));
        let mut waiting = Vec::new();
        if results.spec.optimiser != OptimiserKind::Adam {
            // The longest common time is the lowest common level of minus the time.
            let level = lowest_common(&reach(&|track| track.time.last().map(|t| -t))).map(|t| -t);
            waiting.push((HeldEqual::EffectiveTime, level));
        }
        waiting.extend(ID_LEVELS.iter().rev().map(|&level| (HeldEqual::IdLoss, Some(level))));
        waiting.push((HeldEqual::IdLoss, id_level));
        waiting.push((HeldEqual::Steps, None));
        Self { replay, widths, tracks, waiting, made: Vec::new() }
    }

    /// Makes one more; whether that was the last.
    pub(super) fn advance(&mut self) -> bool {
        if let Some((held_equal, level)) = self.waiting.pop() {
            let value = |track: &Track| match held_equal {
                HeldEqual::Steps => track.forgetting.last().copied(),
                HeldEqual::IdLoss => track.forgetting_at_id_loss(level?),
                HeldEqual::EffectiveTime => track.forgetting_at_time(level?),
            };
            self.made.push(comparison(&self.widths, &self.tracks, held_equal, level, &value));
        }
        self.waiting.is_empty()
    }

    /// All of them; `None` while some are missing.
    pub(super) fn finish(self) -> Option<BranchComparisons> {
        let mut made = self.made.into_iter();
        let (equal_steps, equal_id_loss) = (made.next()?, made.next()?);
        let fixed_id_loss: Vec<Comparison> = made.by_ref().take(ID_LEVELS.len()).collect();
        let equal_effective_time = made.next();
        let verdicts: Vec<Verdict> = [Some(&equal_steps), Some(&equal_id_loss), equal_effective_time.as_ref()]
            .into_iter()
            .flatten()
            .map(|comparison| comparison.slope.verdict)
            .collect();
        Some(BranchComparisons {
            replay: self.replay,
            sign_changes: verdicts.contains(&Verdict::Rises) && verdicts.contains(&Verdict::Falls),
            fixed_id_loss,
            equal_steps,
            equal_id_loss,
            equal_effective_time,
        })
    }
}

/// A branch from a step on, as comparisons read it. Forgetting counts from before fine-tuning all the same.
pub(super) fn track(trace: &Trace, from: u32) -> Option<Track> {
    trace.last()?;
    let first = f64::from(trace.points[0].measures.old_loss);
    let part = &trace.points[trace.points.iter().position(|point| point.step >= from)?..];
    let column = |value: fn(&Measures) -> f32| part.iter().map(move |p| f64::from(value(&p.measures)));
    Some(Track {
        id_loss: column(|m| m.id_loss).collect(),
        forgetting: column(|m| m.old_loss).map(|loss| loss - first).collect(),
        time: column(|m| m.effective_time).collect(),
    })
}

fn comparison(
    widths: &[u32],
    tracks: &[Vec<Option<Track>>],
    held_equal: HeldEqual,
    level: Option<f64>,
    value: &dyn Fn(&Track) -> Option<f64>,
) -> Comparison {
    let values: Vec<Vec<Option<f64>>> =
        tracks.iter().map(|row| row.iter().map(|track| track.as_ref().and_then(value)).collect()).collect();
    let seeds = tracks.first().map_or(0, Vec::len);
    let points: Vec<ComparisonPoint> = widths
        .iter()
        .enumerate()
        .map(|(index, &width)| {
            let there: Vec<f64> = values[index].iter().flatten().copied().collect();
            ComparisonPoint {
                width,
                forgetting: Quartiles::of(&there),
                reached: there.len(),
                seeds: tracks[index].iter().flatten().count(),
            }
        })
        .collect();
    let by_seed: Vec<Vec<Option<f64>>> = (0..seeds).map(|seed| values.iter().map(|row| row[seed]).collect()).collect();
    let as_numbers: Vec<f64> = widths.iter().map(|&width| f64::from(width)).collect();
    Comparison {
        held_equal,
        level,
        selective: points.iter().any(|point| point.reached < seeds),
        points,
        slope: slope_over_seeds(&as_numbers, &by_seed),
    }
}
