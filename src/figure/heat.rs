//! A grid of coloured cells: its colours, its colour bar, and how pointer and keys move in it.

use serde::{Deserialize, Serialize};

use super::cursor::{Cursor, Reading, Step};
use super::layout::{PanelLayout, Rect, Stretch};
use super::number::{count, seeds, short, significant};
use super::panel::{Panel, Place, Role, Scale};
use super::theme::{Rgb, Theme};

/// One cell over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatCell {
    /// The values of its column and its row.
    pub at: [f64; 2],
    /// `None` where no seed has a value yet, or all blew up.
    pub median: Option<f64>,
    /// 25th and 75th percentile.
    pub band: Option<[f64; 2]>,
    /// Seeds with a value, and seeds that blew up.
    pub seeds: usize,
    pub diverged: usize,
    /// Outlined: the cell that other figures show, or the task that was just learned.
    pub chosen: bool,
}

/// Cells on the whole numbers of a panel's axes, coloured by their median.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    pub columns: usize,
    /// Row by row, the lowest row first.
    pub cells: Vec<HeatCell>,
    /// Seeds that each cell will have; 0 where cells are not made of seeds.
    pub planned: usize,
    /// What the colours stand for, with its unit: named above the colour bar.
    pub label: String,
    /// The same for one cell, e.g. "median forgetting".
    pub name: String,
    /// The scale of the colours and the values of its ends; what lies beyond has the colour of the end.
    pub scale: Scale,
    pub range: [f64; 2],
}

/// Cividis at ninths of its way: even steps to the eye, with or without colour vision.
/// Source: Nunez, Anderton & Renslow 2018.
const CIVIDIS: [Rgb; 10] = [
    Rgb(0x00, 0x22, 0x4e),
    Rgb(0x12, 0x35, 0x70),
    Rgb(0x3b, 0x49, 0x6c),
    Rgb(0x57, 0x5d, 0x6d),
    Rgb(0x70, 0x71, 0x73),
    Rgb(0x8a, 0x86, 0x78),
    Rgb(0xa5, 0x9c, 0x74),
    Rgb(0xc3, 0xb3, 0x69),
    Rgb(0xe1, 0xcc, 0x55),
    Rgb(0xfe, 0xe8, 0x38),
];

/// The colour at a part of the way, 0 to 1.
pub fn colour(part: f64) -> Rgb {
    let at = part.clamp(0.0, 1.0) * (CIVIDIS.len() - 1) as f64;
    let below = (at as usize).min(CIVIDIS.len() - 2);
    let (Rgb(a, b, c), Rgb(d, e, f)) = (CIVIDIS[below], CIVIDIS[below + 1]);
    let mixed = |x: u8, y: u8| (f64::from(x) + (at - below as f64) * (f64::from(y) - f64::from(x))).round() as u8;
    Rgb(mixed(a, d), mixed(b, e), mixed(c, f))
}

/// The ink, of both themes', that stands out more from a colour.
pub fn ink_on(fill: Rgb) -> Rgb {
    let (dark, light) = (Theme::LIGHT.ink, Theme::DARK.ink);
    if fill.contrast(dark) > fill.contrast(light) { dark } else { light }
}

/// Where the colour bar stands, beside a plot, at a size of text.
pub fn bar(plot: Rect, text: f64) -> Rect {
    Rect { x0: plot.x1 + 0.9 * text, x1: plot.x1 + 1.8 * text, ..plot }
}

impl Heat {
    /// How far a value is on the way from one end of the colours to the other, 0 to 1.
    pub fn part(&self, value: f64) -> f64 {
        let [min, max] = self.range;
        if max <= min {
            return 0.0;
        }
        let way = Stretch { scale: self.scale, min, max, from: 0.0, to: 1.0, room: [0.0, 1.0] };
        way.px(value).clamp(0.0, 1.0)
    }

    /// The colour of a value.
    pub fn colour(&self, value: f64) -> Rgb {
        colour(self.part(value))
    }

    /// The word in a cell: its median, or how many of its seeds are there, or that there is none or none survived.
    pub fn word(&self, cell: &HeatCell) -> String {
        match cell.median {
            _ if cell.seeds + cell.diverged < self.planned => format!("{}/{}", cell.seeds, self.planned),
            Some(median) => short(median),
            None if cell.diverged == 0 => "none".to_owned(),
            None => "blew up".to_owned(),
        }
    }

    /// Column and row of a cell.
    pub fn place(&self, index: usize) -> (usize, usize) {
        (index % self.columns, index / self.columns)
    }
}

impl PanelLayout {
    /// The rectangle of a cell on whole numbers.
    pub fn cell(&self, column: usize, row: usize) -> Rect {
        let x = |at: f64| self.x_px(Place { segment: 0, x: at });
        let (column, row) = (column as f64, row as f64);
        Rect { x0: x(column - 0.5), x1: x(column + 0.5), y0: self.y_px(row + 0.5), y1: self.y_px(row - 0.5) }
    }
}

/// The cursor on the cell under a pixel, or the nearest.
pub(super) fn cursor_at(panel: &Panel, heat: &Heat, at: &PanelLayout, x: f64, y: f64) -> Option<Cursor> {
    let rows = heat.cells.len() / heat.columns.max(1);
    let nearest = |value: f64, count: usize| (value.round().max(0.0) as usize).min(count.saturating_sub(1));
    let column = nearest(at.place_at(x)?.x, heat.columns);
    cursor(panel, heat, at, nearest(at.y.value(y), rows) * heat.columns + column)
}

/// The cursor after a key press: along a row, or to the row above or below.
pub(super) fn cursor_step(
    panel: &Panel,
    heat: &Heat,
    at: &PanelLayout,
    from: Option<usize>,
    step: Step,
) -> Option<Cursor> {
    let (wide, last) = (heat.columns, heat.cells.len().checked_sub(1)?);
    let here = from.filter(|here| *here <= last);
    let start = here.unwrap_or_default() / wide * wide;
    let to = match (step, here) {
        (Step::Home, _) | (Step::Next | Step::Up | Step::Down, None) => start,
        (Step::End, _) | (Step::Previous, None) => start + wide - 1,
        (Step::Next, Some(here)) => (here + 1).min(start + wide - 1),
        (Step::Previous, Some(here)) => here.saturating_sub(1).max(start),
        (Step::Up, Some(here)) => {
            if here + wide <= last {
                here + wide
            } else {
                here
            }
        }
        (Step::Down, Some(here)) => here.checked_sub(wide).unwrap_or(here),
    };
    cursor(panel, heat, at, to)
}

fn cursor(panel: &Panel, heat: &Heat, at: &PanelLayout, index: usize) -> Option<Cursor> {
    let cell = heat.cells.get(index)?;
    let (column, row) = heat.place(index);
    let rect = at.cell(column, row);
    // A cell goes by the tick at its place; where the ticks name blocks, by its value.
    let label = |axis: &super::panel::Axis, k: usize, value: f64| {
        let tick = axis.segments[0].ticks.iter().find(|tick| tick.value == k as f64);
        tick.map_or_else(|| significant(value, 3), |tick| tick.label.clone())
    };
    let (x, y) = ((rect.x0 + rect.x1) / 2.0, (rect.y0 + rect.y1) / 2.0);
    let reading = |name: &str, text: String, value: f64, band| Reading {
        name: name.to_owned(),
        role: Role::Now,
        text,
        value,
        band,
        x,
        y,
    };
    let mut readings = Vec::new();
    if let Some(median) = cell.median {
        let band = cell.band.map(|[low, high]| format!("{} to {}", short(low), short(high)));
        readings.push(reading(&heat.name, short(median), median, band));
    }
    if heat.planned > 0 {
        let mut there = format!("{} of {}", count(cell.seeds), seeds(heat.planned));
        if cell.diverged > 0 {
            there.push_str(&format!(", {} blew up", count(cell.diverged)));
        }
        let known = if cell.seeds == 0 && cell.diverged == 0 { "not computed yet:" } else { "from" };
        readings.push(reading(known, there, cell.seeds as f64, None));
    } else if cell.median.is_none() {
        readings.push(reading(&heat.name, "none".to_owned(), 0.0, None));
    }
    Some(Cursor {
        panel: 0,
        at: Place { segment: 0, x: column as f64 },
        x_text: format!(
            "{} {}, {} {}",
            panel.x.label,
            label(&panel.x, column, cell.at[0]),
            panel.y.label,
            label(&panel.y, row, cell.at[1])
        ),
        x,
        top: rect.y0,
        bottom: rect.y1,
        cell: Some((index, rect)),
        readings,
    })
}
