//! What a run over replay fractions says.

use super::parts::Writer;
use crate::figure::number::percent;
use crate::record::Summary;
use crate::record::summary::CellSummary;
use crate::stats::sorted_by_key;

/// The cells of a width without replay and with, by rising fraction, where their medians are known.
pub(super) fn replayed(summary: &Summary, width: u32) -> Option<(f64, Vec<(f64, f64)>)> {
    let median = |cell: &CellSummary| Some((cell.replay, cell.forgetting.quartiles?.median));
    let known = summary.cells.iter().filter(|cell| cell.width == width).filter_map(median).collect();
    let mut known: Vec<(f64, f64)> = sorted_by_key(known, |&(replay, _)| replay);
    let &(least, without) = known.first()?;
    (least == 0.0 && known.len() > 1).then(|| (without, known.split_off(1)))
}

/// Share of the forgetting that a replay fraction must remove to be called enough.
const ENOUGH: f64 = 0.9;

/// The headline.
pub(super) fn across_replay(said: &mut Writer, summary: &Summary, width: u32) {
    let Some((without, with)) = replayed(summary, width) else { return };
    if without <= 0.0 {
        said.say("without replay nothing is forgotten here: the old task's loss changes by ").old(without).say(".");
        return;
    }
    let removed = |forgetting: f64| 1.0 - forgetting / without;
    let enough = with.iter().find(|&&(_, forgetting)| removed(forgetting) >= ENOUGH);
    let best = with.iter().max_by(|a, b| removed(a.1).total_cmp(&removed(b.1)));
    match (enough, best) {
        (Some(&(p, forgetting)), _) => {
            said.say("giving ").strong(percent(p)).say(" of the weight to old data removes ");
            said.strong(percent(removed(forgetting).min(1.0))).say(" of the forgetting: ");
            said.old(without).say(" without replay, ").old(forgetting).say(" with it.");
        }
        (None, Some(&(p, forgetting))) => {
            said.say("no replay fraction tried removes nine tenths of the forgetting; ").strong(percent(p));
            said.say(" does most: ").old(without).say(" without replay, ").old(forgetting).say(" with it.");
        }
        (None, None) => {}
    }
}
