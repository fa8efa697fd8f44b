//! Names in the margin to the right of the series' last points, pushed apart where they meet.

use super::super::panel::{Naming, Panel, Role};
use super::super::text::LINE;
use super::{Anchor, Layout, Leader, TextBox, lines};
use crate::stats::sorted_by_key;

pub fn name(layout: &mut Layout, i: usize, panel: &Panel) {
    let t = layout.sheet.text;
    let line = LINE * t;
    let plot = layout.panels[i].plot;
    let named: Vec<(usize, (f64, f64))> = panel
        .series
        .iter()
        .enumerate()
        .filter(|(s, series)| series.naming == Naming::End && layout.ends_at_edge(i, panel, *s))
        .filter_map(|(s, series)| Some((s, lines::end(&layout.panels[i], &series.points)?)))
        .collect();
    let room = plot.height() + 0.4 * line + 0.3 * t;
    let is_secondary = |s: usize| panel.series[s].role == Role::Before;
    let named = as_many(sorted_by_key(named, |(_, (_, y))| *y), (room / line) as usize, is_secondary);
    let full: f64 = named.iter().map(|(s, _)| 1.0 + f64::from(panel.series[*s].detail.is_some() as u8)).sum();
    let detailed = full * line <= room;
    let heights: Vec<f64> = named
        .iter()
        .map(|(s, _)| if detailed && panel.series[*s].detail.is_some() { 2.0 * line } else { line })
        .collect();
    let wanted: Vec<f64> = named.iter().map(|(_, (_, y))| *y).collect();
    let middles = apart(&wanted, &heights, plot.y0 - 0.4 * line, plot.y1 + 0.3 * t);
    for (k, (s, (x, y))) in named.iter().enumerate() {
        let series = &panel.series[*s];
        let left = plot.x1 + 0.8 * t;
        let mut row = middles[k] - heights[k] / 2.0 + line / 2.0;
        let shown = [Some(&series.name), series.detail.as_ref().filter(|_| detailed)];
        for word in shown.into_iter().flatten() {
            let word = TextBox::soft(word, left, row, Anchor::Start, t);
            layout.texts.push(word.strong(series.role));
            row += line;
        }
        let moved = (middles[k] - y).abs() > 0.55 * heights[k] || plot.x1 - x > t;
        if moved {
            let to = (left - 0.15 * t, middles[k] - heights[k] / 2.0 + line / 2.0);
            layout.leaders.push(Leader { from: (*x + 0.35 * t, *y), to, role: series.role });
        }
    }
}

/// At most `most` names: those whose neighbours are nearest to each other are left out, the secondary ones first.
fn as_many(
    mut named: Vec<(usize, (f64, f64))>,
    most: usize,
    is_secondary: impl Fn(usize) -> bool,
) -> Vec<(usize, (f64, f64))> {
    while named.len() > most {
        let y = |place: Option<usize>| place.and_then(|place| named.get(place)).map(|(_, (_, y))| *y);
        let room = |place: usize| match (y(place.checked_sub(1)), y(Some(place + 1))) {
            (Some(above), Some(below)) => below - above,
            _ => f64::MAX,
        };
        let rank = |place: &usize| (!is_secondary(named[*place].0), room(*place));
        let crowded = (0..named.len()).min_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        match crowded {
            Some(place) => named.remove(place),
            None => break,
        };
    }
    named
}

/// Middles of boxes as near to `wanted` (increasing) as they can be without touching, inside
/// `low..high`: neighbours that would touch form a block around their mean.
fn apart(wanted: &[f64], heights: &[f64], low: f64, high: f64) -> Vec<f64> {
    // (first box, sum of wanted tops of the block, boxes, height)
    let mut blocks: Vec<(f64, usize, f64)> = Vec::new();
    let top = |&(sum, count, height): &(f64, usize, f64)| (sum / count as f64).min(high - height).max(low);
    for (w, h) in wanted.iter().zip(heights) {
        let mut block = (w - h / 2.0, 1, *h);
        while let Some(last) = blocks.last() {
            if top(last) + last.2 <= top(&block) {
                break;
            }
            // In the merged block each box sits below those before it.
            block = (last.0 + block.0 - block.1 as f64 * last.2, last.1 + block.1, last.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    let mut middles = Vec::new();
    for block in &blocks {
        let mut y = top(block);
        for h in &heights[middles.len()..middles.len() + block.1] {
            middles.push(y + h / 2.0);
            y += h;
        }
    }
    middles
}
