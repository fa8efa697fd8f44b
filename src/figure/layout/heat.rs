//! Words of a heat map: in its cells, and at its colour bar.

use super::super::heat::{Heat, bar, ink_on};
use super::super::panel::Axis;
use super::super::text::{LINE, width};
use super::{Anchor, PanelLayout, Rect, Sheet, TextBox, ticks};

/// Values and labels beside the colour bar.
fn labels(heat: &Heat, height: f64, t: f64) -> Vec<(f64, String)> {
    ticks::beside(&Axis::plain(&heat.label, heat.scale, heat.range), height, t)
}

/// Room that the colour bar and its labels take beside a plot.
pub fn margin(heat: &Heat, height: f64, t: f64) -> f64 {
    let widest = labels(heat, height, t).iter().map(|(_, label)| width(label, t, false)).fold(0.0, f64::max);
    2.2 * t + widest
}

/// The words; the bar's name ends at `right`, on the row of the y label.
pub fn name(heat: &Heat, at: &PanelLayout, sheet: &Sheet, row: f64, right: f64, texts: &mut Vec<TextBox>) {
    let t = sheet.text;
    let bar = bar(at.plot, t);
    for (value, label) in labels(heat, at.plot.height(), t) {
        texts.push(TextBox::soft(label, bar.x1 + 0.4 * t, bar.y1 - heat.part(value) * bar.height(), Anchor::Start, t));
    }
    let title = TextBox::soft(&heat.label, right, row, Anchor::End, t);
    let room = title.rect();
    let room = Rect { x0: room.x0 - 0.6 * t, x1: room.x1 + 0.3 * t, ..room };
    if !texts.iter().any(|other| other.rect().touches(room)) {
        texts.push(title);
    }
    let words: Vec<TextBox> = heat
        .cells
        .iter()
        .enumerate()
        .map(|(index, cell)| {
            let (column, row) = heat.place(index);
            let rect = at.cell(column, row);
            let middle = ((rect.x0 + rect.x1) / 2.0, (rect.y0 + rect.y1) / 2.0);
            let word = TextBox::soft(heat.word(cell), middle.0, middle.1, Anchor::Middle, t);
            TextBox { on: cell.median.map(|median| ink_on(heat.colour(median))), halo: cell.median.is_none(), ..word }
        })
        .collect();
    let room = at.cell(0, 0);
    let fits = |word: &TextBox| word.rect().width() <= room.width() - 0.3 * t && LINE * t <= room.height();
    if words.iter().all(fits) {
        texts.extend(words);
    }
}
