//! Words inside the plot, each as near its place as lines, dots and other words allow.

use super::super::number;
use super::super::panel::{Naming, Panel, Role};
use super::super::text::{LINE, width};
use super::{Anchor, Layout, PanelLayout, Rect, TextBox, lines};

/// A few lines of text that move together.
struct Block {
    lines: Vec<TextBox>,
    width: f64,
    height: f64,
    /// Middles where the block would like to be, best first.
    wishes: Vec<(f64, f64)>,
    /// Price of being one text size away from them: names of lines must stay at their lines.
    pull: f64,
}

impl Block {
    fn new(lines: Vec<TextBox>, wishes: Vec<(f64, f64)>) -> Self {
        let wide = lines.iter().map(|l| width(&l.text, l.size, l.bold)).fold(0.0, f64::max);
        let height = lines.iter().map(|l| l.size * LINE).sum();
        Block { lines, width: wide, height, wishes, pull: 1.0 }
    }

    fn pulled(self, pull: f64) -> Self {
        Block { pull, ..self }
    }

    fn rect(&self, (x, y): (f64, f64)) -> Rect {
        let (w, h) = (self.width / 2.0, self.height / 2.0);
        Rect { x0: x - w, y0: y - h, x1: x + w, y1: y + h }
    }
}

/// How much of each small square of the plot is taken, summed so that any rectangle is read in
/// one step.
struct Taken {
    origin: (f64, f64),
    cell: f64,
    columns: usize,
    rows: usize,
    sums: Vec<f64>,
}

impl Taken {
    fn new(area: Rect, cell: f64) -> Self {
        let columns = (area.width() / cell).ceil().max(1.0) as usize;
        let rows = (area.height() / cell).ceil().max(1.0) as usize;
        let sums = vec![0.0; (columns + 1) * (rows + 1)];
        Taken { origin: (area.x0, area.y0), cell, columns, rows, sums }
    }

    fn index(&self, x: f64, y: f64) -> (usize, usize) {
        let column = ((x - self.origin.0) / self.cell).floor().clamp(0.0, self.columns as f64);
        let row = ((y - self.origin.1) / self.cell).floor().clamp(0.0, self.rows as f64);
        (column as usize, row as usize)
    }

    /// A square counts as much as the heaviest thing on it.
    fn mark(&mut self, x: f64, y: f64, weight: f64) {
        let (column, row) = self.index(x, y);
        if column < self.columns && row < self.rows {
            let at = (row + 1) * (self.columns + 1) + column + 1;
            self.sums[at] = self.sums[at].max(weight);
        }
    }

    fn line(&mut self, points: &[(f64, f64)], weight: f64) {
        for pair in points.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let steps = ((bx - ax).abs().max((by - ay).abs()) / self.cell * 2.0).ceil();
            let steps = steps.clamp(1.0, 4000.0);
            for i in 0..=steps as u32 {
                let part = f64::from(i) / steps;
                self.mark(ax + part * (bx - ax), ay + part * (by - ay), weight);
            }
        }
    }

    fn summed(mut self) -> Self {
        let wide = self.columns + 1;
        for row in 1..=self.rows {
            for column in 1..=self.columns {
                let at = row * wide + column;
                self.sums[at] += self.sums[at - 1] + self.sums[at - wide] - self.sums[at - wide - 1];
            }
        }
        self
    }

    fn within(&self, rect: Rect) -> f64 {
        let (left, top) = self.index(rect.x0, rect.y0);
        let (right, bottom) = self.index(rect.x1 + self.cell, rect.y1 + self.cell);
        let sum = |column: usize, row: usize| self.sums[row * (self.columns + 1) + column];
        sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top)
    }
}

pub fn name(layout: &mut Layout, i: usize, panel: &Panel) {
    let at = layout.panels[i].clone();
    let t = layout.sheet.text;
    let taken = occupied(panel, &at, t);
    for block in blocks(layout, i, panel, &at) {
        let area = Rect { y0: at.plot.y0 - 0.7 * t, ..at.plot };
        if let Some(place) = best(layout, &taken, &block, area) {
            put(layout, &taken, block, place);
        }
    }
}

fn occupied(panel: &Panel, at: &PanelLayout, t: f64) -> Taken {
    let mut taken = Taken::new(at.plot, 0.25 * t);
    for hill in &panel.hills {
        let x = at.x_px(super::super::panel::Place { segment: 0, x: hill.mean });
        taken.line(&[(x - 3.0 * t, at.plot.y1 - 0.5 * t), (x + 3.0 * t, at.plot.y1 - 0.5 * t)], 0.2);
    }
    for cloud in &panel.clouds {
        for x in &cloud.xs {
            let x = at.x_px(super::super::panel::Place { segment: 0, x: *x });
            for dy in [-0.25, 0.0, 0.25] {
                taken.mark(x, at.y_px(cloud.y) + dy * t, 0.8);
            }
        }
    }
    for series in &panel.series {
        for run in at.band_runs(&series.points) {
            let middle: Vec<_> = run.iter().map(|(x, low, high)| (*x, (low + high) / 2.0)).collect();
            let edges = run.iter().map(|(x, low, _)| (*x, *low)).collect::<Vec<_>>();
            let others = run.iter().map(|(x, _, high)| (*x, *high)).collect::<Vec<_>>();
            for line in [middle, edges, others] {
                taken.line(&line, 0.25);
            }
        }
        for run in at.runs(&series.points) {
            taken.line(&run, 1.0);
        }
        for point in series.points.iter().filter(|p| p.marked && series.marker.is_some()) {
            if let Some(median) = point.median {
                let (x, y) = (at.x_px(point.at), at.y_px(median));
                taken.line(&[(x - 0.35 * t, y), (x + 0.35 * t, y)], 1.0);
                taken.line(&[(x, y - 0.35 * t), (x, y + 0.35 * t)], 1.0);
            }
        }
    }
    for trace in panel.traces.iter().filter(|trace| !trace.faint) {
        let line: Vec<_> = trace.points.iter().map(|(p, v)| (at.x_px(*p), at.y_px(*v))).collect();
        taken.line(&line, 0.6);
    }
    for gap in &panel.gaps {
        let x = at.x_px(gap.at);
        taken.line(&[(x, at.y_px(gap.from)), (x, at.y_px(gap.to))], 1.0);
    }
    for place in panel.setting.iter().chain(&panel.playhead).chain(panel.flags.iter().map(|f| &f.at)) {
        let x = at.x_px(*place);
        taken.line(&[(x, at.plot.y0), (x, at.plot.y1)], 0.5);
    }
    taken.line(&[(at.plot.x0, at.axis), (at.plot.x1, at.axis)], 0.5);
    for stretch in at.x.iter().skip(1) {
        taken.line(&[(stretch.room[0], at.plot.y0), (stretch.room[0], at.plot.y1)], 0.5);
    }
    taken.summed()
}

/// Everything that wants a place, the least movable first.
fn blocks(layout: &Layout, i: usize, panel: &Panel, at: &PanelLayout) -> Vec<Block> {
    let t = layout.sheet.text;
    let line = LINE * t;
    let word = |text: &str, role: Role| TextBox::soft(text, 0.0, 0.0, Anchor::Middle, t).strong(role);
    let soft = |text: &str| TextBox::soft(text, 0.0, 0.0, Anchor::Middle, t);
    let mut blocks = Vec::new();
    if let Some(empty) = &panel.empty {
        let middle = ((at.plot.x0 + at.plot.x1) / 2.0, (at.plot.y0 + at.plot.y1) / 2.0);
        blocks.push(Block::new(vec![soft(empty)], vec![middle]));
    }
    for (s, series) in panel.series.iter().enumerate() {
        let inside = match series.naming {
            Naming::Panel => false,
            Naming::End => !layout.ends_at_edge(i, panel, s),
            Naming::Above | Naming::Below => true,
        };
        let Some((x, y)) = lines::end(at, &series.points).filter(|_| inside) else { continue };
        let reach = width(&series.name, t, true) / 2.0;
        let side = if series.naming == Naming::Below { 0.85 } else { -0.85 };
        let x = (x - reach).max(at.plot.x0 + reach);
        let wishes = vec![(x, y + side * line), (x, y - side * line)];
        let name = TextBox { bold: series.role != Role::Before, ..word(&series.name, series.role) };
        blocks.push(Block::new(vec![name], wishes).pulled(2.0));
    }
    for gap in &panel.gaps {
        let (x, y) = (at.x_px(gap.at), (at.y_px(gap.from) + at.y_px(gap.to)) / 2.0);
        let reach = 0.5 * t + width(&gap.label, t, true) / 2.0;
        let low = at.y_px(gap.from).max(at.y_px(gap.to)) + 0.75 * line;
        let wishes = vec![(x + reach, y), (x - reach, y), (x, low)];
        blocks.push(Block::new(vec![word(&gap.label, gap.role)], wishes).pulled(1.5));
    }
    for series in &panel.series {
        for (place, value) in at.off_scale(&series.points) {
            let up = value > at.y.max;
            let text = format!("{} {}", if up { "↑" } else { "↓" }, number::short(value));
            let reach = 0.4 * t + width(&text, t, false) / 2.0;
            let y = if up { at.plot.y0 + 0.5 * line } else { at.plot.y1 - 0.5 * line };
            let x = at.x_px(place);
            blocks.push(Block::new(vec![soft(&text)], vec![(x + reach, y), (x - reach, y), (x, y)]));
        }
    }
    for remark in &panel.remarks {
        let (x, y) = (at.x_px(remark.at), at.y_px(remark.y));
        let mut lines = vec![word(&remark.head, remark.role)];
        lines.extend(remark.detail.as_deref().map(soft));
        let away = 0.5 * t + lines.len() as f64 * line / 2.0 + 0.25 * t;
        let side = if remark.above { -away } else { away };
        let reach = width(&remark.head, t, true) / 2.0 + 0.5 * t;
        let wishes = vec![(x, y + side), (x + reach, y + side), (x - reach, y + side), (x, y - side)];
        blocks.push(Block::new(lines, wishes));
    }
    // Several traces of one seed share its name.
    if let Some((trace, (place, value))) = panel.traces.first().and_then(|t| Some((t, t.points.last()?))) {
        let reach = width(&trace.name, t, false) / 2.0;
        let (x, y) = ((at.x_px(*place) - reach).max(at.plot.x0 + reach), at.y_px(*value));
        blocks.push(Block::new(vec![soft(&trace.name)], vec![(x, y + 0.85 * line), (x, y - 0.85 * line)]));
    }
    for flag in &panel.flags {
        let x = at.x_px(flag.at);
        let reach = 0.5 * t + width(&flag.label, t, false) / 2.0;
        let y = at.plot.y1 - 0.8 * line;
        blocks.push(Block::new(vec![soft(&flag.label)], vec![(x + reach, y), (x - reach, y)]));
    }
    blocks
}

/// The cheapest middle for `block` in `area`: distance from its wish, and what it would cover.
/// `None` if other words leave no room at all.
fn best(layout: &Layout, taken: &Taken, block: &Block, area: Rect) -> Option<(f64, f64)> {
    const COVER: f64 = 1.6;
    let t = layout.sheet.text;
    let (w, h) = (block.width / 2.0, block.height / 2.0);
    let first = *block.wishes.first()?;
    let mut candidates: Vec<((f64, f64), f64)> =
        block.wishes.iter().enumerate().map(|(k, wish)| (*wish, 0.35 * block.pull.powi(2) * k as f64)).collect();
    let step = 0.5 * t;
    let columns = ((area.width() - 2.0 * w) / step).max(0.0) as u32;
    let rows = ((area.height() - 2.0 * h) / step).max(0.0) as u32;
    for row in 0..=rows {
        for column in 0..=columns {
            let x = area.x0 + w + f64::from(column) * step;
            let y = area.y0 + h + f64::from(row) * step;
            let away = block.wishes.iter().map(|(a, b)| (x - a).hypot(y - b));
            let away = away.fold((x - first.0).hypot(y - first.1), f64::min);
            candidates.push(((x, y), 0.7 + block.pull * away / t));
        }
    }
    let fits = |place: (f64, f64)| {
        let rect = block.rect(place);
        let slack = 0.01;
        let inside = rect.x0 >= area.x0 - slack
            && rect.x1 <= area.x1 + slack
            && rect.y0 >= area.y0 - slack
            && rect.y1 <= area.y1 + slack;
        inside && layout.is_free(rect, 0.5 * t, 0.12 * t)
    };
    let cost = |(place, away): &((f64, f64), f64)| away + COVER * taken.within(block.rect(*place));
    let mut best: Option<((f64, f64), f64)> = None;
    for candidate in &candidates {
        let cost = cost(candidate);
        if best.is_none_or(|(_, least)| cost < least) && fits(candidate.0) {
            best = Some((candidate.0, cost));
        }
    }
    best.map(|(place, _)| place)
}

fn put(layout: &mut Layout, taken: &Taken, block: Block, (x, y): (f64, f64)) {
    let rect = block.rect((x, y));
    let halo = taken.within(rect) > 0.0;
    let mut row = rect.y0;
    for text in block.lines {
        let high = text.size * LINE;
        layout.texts.push(TextBox { x, y: row + high / 2.0, halo, ..text });
        row += high;
    }
}
