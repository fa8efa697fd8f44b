//! The frame: rows above and below the plots, margins beside them, scales and tick labels.

use super::super::Figure;
use super::super::panel::{Axis, Naming, Panel, Role, Scale};
use super::super::text::{LINE, width};
use super::{Anchor, Layout, PanelLayout, Rect, Sheet, Stretch, TextBox, heat, ticks};
use crate::stats::sorted_by_key;

/// Heading size, in units of the text size.
const HEADING: f64 = 1.17;

/// What a reference figure says of itself.
const REFERENCE: &str = "reference";

pub fn lay(figure: &Figure, sheet: Sheet) -> Layout {
    let t = sheet.text;
    let line = LINE * t;
    let page = Rect { x0: 0.0, y0: 0.0, x1: sheet.width, y1: sheet.height };
    let mut texts = Vec::new();
    let mut top = 0.0;
    if sheet.heading {
        let size = HEADING * t;
        let title = TextBox::soft(&figure.title, 0.0, size * LINE / 2.0, Anchor::Start, size);
        texts.push(title.strong(Role::Now));
        top += HEADING * line + 0.35 * t;
    }
    let bottom = sheet.height - 2.0 * line - 0.5 * t;

    // Words above the plots need the plots' sides, and these the width of the tick labels,
    // which the height of the plots decides: rows first.
    let has = |row: fn(&Panel) -> bool| figure.panels.iter().any(row);
    let titles = has(|p| p.title.is_some()) as u32 + has(|p| p.verdict.is_some()) as u32;
    let phases = has(|p| p.x.segments.iter().any(|s| s.title.is_some()));
    let label = figure.panels.first().map_or("", |p| p.y.label.as_str());
    // Room for the playhead's handle, and for a tick label as high as the plot.
    let handle = 0.75 * t;
    let label_row = top + line / 2.0;
    // A short y label leaves its row to the names of the phases.
    let shared_row = phases && width(label, t, false) < 3.2 * t && !figure.reference;
    let phase_row = if shared_row { label_row } else { label_row + line };
    let rows = 1 + titles + u32::from(phases && !shared_row);
    // Titles of panels stand a little apart from the y label above them.
    let apart = if titles > 0 { 0.45 * t } else { 0.0 };
    let plot_top = top + f64::from(rows) * line + apart + handle;
    let plot_bottom = bottom.max(plot_top + 2.0 * line);

    if !label.is_empty() {
        texts.push(TextBox::soft(label, 0.0, label_row, Anchor::Start, t));
    }
    let mut right = sheet.width;
    if figure.reference {
        let row = if sheet.heading { HEADING * line / 2.0 } else { label_row };
        let word = TextBox::soft(REFERENCE, sheet.width, row, Anchor::End, t);
        right = if sheet.heading { right } else { word.rect().x0 - 0.8 * t };
        texts.push(TextBox { role: Role::Now, ..word });
    }

    let panels = plots(figure, &sheet, plot_top, plot_bottom);
    for (i, (panel, at)) in figure.panels.iter().zip(&panels).enumerate() {
        if i == 0 || panel.y != figure.panels[i - 1].y {
            for (value, label) in ticks::beside(&panel.y, at.plot.height(), t) {
                let y = at.y_px(value);
                texts.push(TextBox::soft(label, at.plot.x0 - 0.65 * t, y, Anchor::End, t));
            }
        }
        if let Some(cells) = &panel.heat {
            heat::name(cells, at, &sheet, label_row, right, &mut texts);
        }
        let mut row = plot_top - handle - line / 2.0;
        if let Some(verdict) = &panel.verdict {
            let word = TextBox::soft(verdict, at.plot.x0, row, Anchor::Start, t);
            texts.push(word.strong(Role::Now));
        }
        row -= if has(|p| p.verdict.is_some()) { line } else { 0.0 };
        if let Some(title) = &panel.title {
            let title = TextBox::soft(title, at.plot.x0, row, Anchor::Start, t);
            texts.push(TextBox { role: Role::Now, ..title });
        }
        phase_titles(panel, at, phase_row, t, &mut texts);
        let tick_row = plot_bottom + 0.45 * t + line / 2.0;
        let labels = ticks::below(&panel.x, at, tick_row, t, page);
        // Between two panels the left one's label stays.
        for label in labels {
            let room = label.rect();
            let room = Rect { x0: room.x0 - 0.3 * t, x1: room.x1 + 0.3 * t, ..room };
            if !texts.iter().any(|other| other.rect().touches(room)) {
                texts.push(label);
            }
        }
    }
    if let (Some(panel), Some(first), Some(last)) = (figure.panels.first(), panels.first(), panels.last()) {
        let middle = (first.plot.x0 + last.plot.x1) / 2.0;
        let y = plot_bottom + 0.45 * t + 1.5 * line;
        let label = TextBox::soft(&panel.x.label, middle, y, Anchor::Middle, t);
        texts.push(label.kept_between(0.0, sheet.width));
    }
    Layout { sheet, panels, texts, leaders: Vec::new() }
}

/// Names of the stretches of an x axis, the important one first; one that would touch another
/// word is left to the tick labels.
fn phase_titles(panel: &Panel, at: &PanelLayout, row: f64, t: f64, texts: &mut Vec<TextBox>) {
    let named: Vec<_> = panel.x.segments.iter().zip(&at.x).collect();
    let named = sorted_by_key(named, |(segment, _)| f64::from(u8::from(!segment.strong)));
    let label_end = |text: &TextBox| if text.y == row { text.rect().x1 + 0.6 * t } else { 0.0 };
    let left = texts.iter().map(label_end).fold(0.0, f64::max);
    for (segment, stretch) in named {
        let Some(title) = &segment.title else { continue };
        let title = TextBox::soft(title, stretch.room[0] + 0.4 * t, row, Anchor::Start, t);
        let title = if segment.strong { title.strong(Role::Now) } else { title };
        let title = title.kept_between(left, stretch.room[1] - 0.2 * t);
        let room = title.rect();
        let room = Rect { x0: room.x0 - 0.4 * t, x1: room.x1 + 0.4 * t, ..room };
        if !texts.iter().any(|other| other.rect().touches(room)) {
            texts.push(title);
        }
    }
}

/// Plots of equal width, side by side, and their scales.
fn plots(figure: &Figure, sheet: &Sheet, top: f64, bottom: f64) -> Vec<PanelLayout> {
    let t = sheet.text;
    let gap = 1.1 * t;
    let mut left = Vec::new();
    let mut right = Vec::new();
    for (i, panel) in figure.panels.iter().enumerate() {
        let shares_y = i > 0 && panel.y == figure.panels[i - 1].y;
        let labels = ticks::beside(&panel.y, bottom - top, t);
        let widest = labels.iter().map(|(_, label)| width(label, t, false)).fold(0.0, f64::max);
        left.push(if shares_y { gap } else { widest + 0.65 * t + if i > 0 { gap } else { 0.0 } });
        right.push(panel.heat.as_ref().map_or(end_margin(panel, t), |cells| heat::margin(cells, bottom - top, t)));
    }
    let taken: f64 = left.iter().chain(&right).sum();
    let each = ((sheet.width - taken) / figure.panels.len().max(1) as f64).max(2.0 * t);
    let mut x = 0.0;
    let mut plots = Vec::new();
    for (i, panel) in figure.panels.iter().enumerate() {
        x += left[i];
        let plot = Rect { x0: x, y0: top, x1: x + each, y1: bottom };
        x = plot.x1 + right[i];
        let y = panel.y.segments.first().map_or((Scale::Linear, 0.0, 1.0), |s| (s.scale, s.min, s.max));
        let y = Stretch { scale: y.0, min: y.1, max: y.2, from: bottom, to: top, room: [bottom, top] };
        let lines = ticks::beside(&panel.y, plot.height(), t).into_iter().map(|(v, _)| v);
        let grid = if panel.heat.is_some() { Vec::new() } else { lines.collect() };
        let zero = y.px(0.0);
        let inside = panel.axis_at_zero && zero > plot.y0 && zero < plot.y1;
        let axis = if inside { zero } else { plot.y1 };
        plots.push(PanelLayout { axis, plot, x: stretches(&panel.x, plot, t), y, grid });
    }
    plots
}

/// Room for names at the ends of series, or for half of the last tick label.
fn end_margin(panel: &Panel, t: f64) -> f64 {
    let names = panel.series.iter().filter(|s| s.naming == Naming::End);
    let names = names.flat_map(|s| [Some(&s.name), s.detail.as_ref()]).flatten();
    let widest = names.map(|name| width(name, t, true)).fold(0.0, f64::max);
    if widest > 0.0 { widest + 0.8 * t } else { 0.5 * t }
}

fn stretches(axis: &Axis, plot: Rect, t: f64) -> Vec<Stretch> {
    // A place is as wide as its name; the scales share the rest.
    let place = |s: &super::super::panel::Segment| {
        let label = s.ticks.first().map_or(0.0, |tick| width(&tick.label, t, true));
        (s.share * plot.width()).max(label + t)
    };
    let places = axis.segments.iter().filter(|s| s.scale == Scale::Place);
    let taken: f64 = places.map(place).sum();
    let shares = axis.segments.iter().filter(|s| s.scale != Scale::Place);
    let shares: f64 = shares.map(|s| s.share).sum();
    let mut x = plot.x0;
    let mut stretches = Vec::new();
    for segment in &axis.segments {
        let wide = match segment.scale {
            _ if axis.segments.len() == 1 => plot.width(),
            Scale::Place => place(segment),
            _ => (plot.width() - taken).max(0.0) * segment.share / shares,
        };
        let inset = segment.inset.map(|inset| (inset * t).min(wide / 4.0));
        stretches.push(Stretch {
            scale: segment.scale,
            min: segment.min,
            max: segment.max,
            from: x + inset[0],
            to: x + wide - inset[1],
            room: [x, x + wide],
        });
        x += wide;
    }
    stretches
}
