//! Which seed's curve passes nearest to the pointer.

use super::sources::Chart;
use super::state::State;
use crate::experiments::JobTraces;
use crate::figure::{Cursor, Layout};

/// CSS pixels beyond which no curve is near.
const NEAR: f64 = 30.0;

/// The seed whose curve is nearest to height `y` at the cursor's place; `None` if none is near.
pub(super) fn nearest_seed(chart: Chart, state: &State, cursor: &Cursor, layout: &Layout, y: f64) -> Option<u32> {
    let (results, populations) = (state.results()?, state.shown.populations.as_ref()?);
    let panel = layout.panels.get(cursor.panel)?;
    let distance = |value: f32| (panel.y_px(f64::from(value)) - y).abs();
    let timeline = super::view::Timeline::of(&results.spec);
    let moment = state.moment(&timeline);
    let at = populations.grid.iter().position(|&x| f64::from(x) >= cursor.at.x - 1e-6);
    let of = |traces: &JobTraces| -> Option<f64> {
        let fine_tuning = traces.fine_tuning.get(populations.branch)?;
        if chart == Chart::Loss {
            let trace = if cursor.at.segment == 0 { &traces.pretraining } else { fine_tuning };
            let measures = trace.at(cursor.at.x as u32)?.measures;
            return Some(distance(measures.old_loss).min(distance(measures.id_loss)));
        }
        let before = moment.phase == crate::figure::loss_over_time::Phase::PreTraining;
        let trace = if before { &traces.pretraining } else { fine_tuning };
        trace.at(timeline.step(moment))?.function.get(at?).map(|&value| distance(value))
    };
    let seeds = results.spec.seeds.iter().zip(results.of_width(populations.width));
    let near = seeds.filter_map(|(&seed, traces)| Some((of(traces?)?, seed)));
    near.filter(|(distance, _)| *distance < NEAR).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, seed)| seed)
}
