//! Which tick labels are shown: all that fit, the important ones first.

use super::super::panel::{Axis, Join, Role};
use super::super::range;
use super::{Anchor, PanelLayout, Rect, TextBox};
use crate::stats::sorted_by_key;

struct Candidate {
    text: TextBox,
    /// Lower comes first.
    rank: u32,
}

/// Labels below the plot, `y` being the middle of their line. Order of importance: the current
/// setting, the ends of each segment, then every other, every fourth...
pub fn below(axis: &Axis, panel: &PanelLayout, y: f64, size: f64, page: Rect) -> Vec<TextBox> {
    let mut candidates = Vec::new();
    for (segment, stretch) in axis.segments.iter().zip(&panel.x) {
        let wanted = (stretch.to - stretch.from) / (4.5 * size);
        let ticks: Vec<(f64, String, bool)> = if segment.ticks.is_empty() {
            let ticks = range::ticks(segment.scale, segment.min, segment.max, wanted);
            ticks.into_iter().map(|(value, label)| (value, label, false)).collect()
        } else {
            segment.ticks.iter().map(|t| (t.value, t.label.clone(), t.strong)).collect()
        };
        let (left, right) = match axis.join {
            Join::Divider => (stretch.room[0] + 0.25 * size, stretch.room[1] - 0.25 * size),
            Join::Break => (page.x0, page.x1),
        };
        // The outer sides of the plot have the margins to spread into.
        let left = if stretch.room[0] <= panel.plot.x0 + 1.0 { page.x0 } else { left };
        let right = if stretch.room[1] >= panel.plot.x1 - 1.0 { page.x1 } else { right };
        let count = ticks.len();
        for (i, (value, label, strong)) in ticks.into_iter().enumerate() {
            let text = TextBox::soft(label, stretch.px(value), y, Anchor::Middle, size);
            let text = if strong { text.strong(Role::Now) } else { text };
            let rank = match i {
                _ if strong => 0,
                0 => 2,
                _ if i + 1 == count => 1,
                _ => 40 - i.trailing_zeros(),
            };
            candidates.push(Candidate { text: text.kept_between(left, right), rank });
        }
    }
    let candidates = sorted_by_key(candidates, |c| f64::from(c.rank));
    let mut shown: Vec<TextBox> = Vec::new();
    for candidate in candidates {
        let rect = candidate.text.rect();
        let gap = Rect { x0: rect.x0 - 0.45 * size, x1: rect.x1 + 0.45 * size, ..rect };
        if !shown.iter().any(|s| s.rect().touches(gap)) {
            shown.push(candidate.text);
        }
    }
    shown
}

/// Values and labels beside the plot, as many as stand apart.
pub fn beside(axis: &Axis, height: f64, size: f64) -> Vec<(f64, String)> {
    let Some(segment) = axis.segments.first() else { return Vec::new() };
    let wanted = (height / (2.9 * size)).clamp(2.0, 6.0);
    let mut ticks = match &segment.ticks[..] {
        [] => range::ticks(segment.scale, segment.min, segment.max, wanted),
        named => named.iter().map(|tick| (tick.value, tick.label.clone())).collect(),
    };
    // Where the scale's own thinning is not enough (a plot lower than a few lines of text).
    while ticks.len() > 2 && height / (ticks.len() as f64) < 1.3 * size {
        let mut keep = false;
        ticks.retain(|_| {
            keep = !keep;
            keep
        });
    }
    ticks
}
