//! Cells and colour bar of a heat map.

use super::super::heat::{Heat, bar, colour};
use super::super::layout::{PanelLayout, Rect};
use super::*;

/// Cells narrower than this are drawn close, in units of the text size.
const SMALL: f64 = 0.7;
/// Strips of the colour bar.
const STRIPS: u32 = 48;

pub fn draw(pen: &mut Pen, heat: &Heat, at: &PanelLayout, text: f64) -> Drawn {
    // Paper between cells that are large enough to be looked at one by one. Smaller ones lap over their
    // neighbours, so that no paper shines through.
    let gap = if at.cell(0, 0).width() < SMALL * text { -0.35 } else { 0.5 } * pen.unit();
    for (index, cell) in heat.cells.iter().enumerate() {
        let (column, row) = heat.place(index);
        let rect = at.cell(column, row).grown(-gap);
        match cell.median {
            Some(median) => pen.rect(rect, heat.colour(median), pen.data(1.0))?,
            None => {
                pen.rect(rect, pen.theme.grid, 1.0)?;
                let stroke = [(rect.x0, rect.y1), (rect.x1, rect.y0)];
                pen.stroke(&stroke, 0.5, pen.theme.edge, 1.0, Dash::Solid)?;
            }
        }
    }
    for (index, _) in heat.cells.iter().enumerate().filter(|(_, cell)| cell.chosen) {
        let (column, row) = heat.place(index);
        let Rect { x0, y0, x1, y1 } = at.cell(column, row);
        let outline = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)];
        pen.stroke(&outline, 2.0, pen.theme.paper, 1.0, Dash::Solid)?;
        pen.stroke(&outline, 1.0, pen.theme.ink, 1.0, Dash::Solid)?;
    }
    let bar = bar(at.plot, text);
    let high = bar.height() / f64::from(STRIPS);
    for strip in 0..STRIPS {
        let y1 = bar.y1 - f64::from(strip) * high;
        // Each strip reaches under the next, so that no paper shines through.
        let rect = Rect { y0: (y1 - 1.5 * high).max(bar.y0), y1, ..bar };
        pen.rect(rect, colour((f64::from(strip) + 0.5) / f64::from(STRIPS)), pen.data(1.0))?;
    }
    Ok(())
}
