//! Where everything in a figure goes, in CSS pixels: plots, scales, ticks and every word.
//!
//! A [`Layout`] is made from a figure and a [`Sheet`] alone: no font, no canvas, no page. The
//! drawing routine follows it, the cursor reads it, and tests hold its words apart.

mod boxes;
mod ends;
mod floating;
mod frame;
mod heat;
mod lines;
mod stretch;
mod ticks;

pub use boxes::{Anchor, Rect, TextBox};
pub use lines::{BandRun, Run, clipped};
pub use stretch::Stretch;

use super::Figure;
use super::panel::{Panel, Place, Role};

/// The size of a figure. Text and lines have their own measure: they never grow with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// CSS pixels; at least 240 x 160 is used.
    pub width: f64,
    pub height: f64,
    /// Size of the text, CSS pixels.
    pub text: f64,
    /// Width of a median's line, CSS pixels.
    pub line: f64,
    /// Whether the title is drawn above the plots (files) or said elsewhere (the page).
    pub heading: bool,
    /// Empty paper on all four sides, CSS pixels.
    pub padding: f64,
}

impl Sheet {
    /// For the page: text of 12 px, lines of 2.25 px, no heading.
    pub fn new(width: f64, height: f64) -> Self {
        Sheet { width, height, text: 12.0, line: 2.25, heading: false, padding: 0.0 }
    }

    /// For files: as [`Sheet::new`], with the title and a margin.
    pub fn file(width: f64, height: f64) -> Self {
        Sheet { heading: true, padding: 14.0, ..Sheet::new(width, height) }
    }
}

/// A plot's frame and its scales.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelLayout {
    pub plot: Rect,
    /// One per segment of the x axis.
    pub x: Vec<Stretch>,
    pub y: Stretch,
    /// Heights of the grid lines, as values.
    pub grid: Vec<f64>,
    /// Pixel of the axis line.
    pub axis: f64,
}

impl PanelLayout {
    /// The pixel of a value; a segment that the axis does not have is its last one.
    pub fn x_px(&self, at: Place) -> f64 {
        let stretch = self.x.get(at.segment).or(self.x.last());
        stretch.map_or(self.plot.x0, |s| s.px(at.x))
    }

    pub fn y_px(&self, value: f64) -> f64 {
        self.y.px(value)
    }

    /// The place under a pixel: the segment it lies in, or the nearest, and the value there.
    pub fn place_at(&self, x: f64) -> Option<Place> {
        let inside = |s: &Stretch| (s.from - x).max(x - s.to).max(0.0);
        let nearest = (0..self.x.len()).min_by(|a, b| inside(&self.x[*a]).total_cmp(&inside(&self.x[*b])))?;
        Some(Place { segment: nearest, x: self.x[nearest].value(x) })
    }
}

/// A hairline from the end of a series to its name, where the name had to move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leader {
    pub from: (f64, f64),
    pub to: (f64, f64),
    pub role: Role,
}

/// Where everything goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub sheet: Sheet,
    pub panels: Vec<PanelLayout>,
    /// Every word of the figure.
    pub texts: Vec<TextBox>,
    pub leaders: Vec<Leader>,
}

impl Layout {
    /// Lays `figure` out on `sheet`.
    pub fn new(figure: &Figure, sheet: &Sheet) -> Self {
        let sheet = Sheet {
            width: sheet.width.max(240.0),
            height: sheet.height.max(160.0),
            text: sheet.text.max(1.0),
            ..*sheet
        };
        // Laid out without the padding, then moved into it.
        let padding = sheet.padding.clamp(0.0, sheet.width / 10.0);
        let inner = Sheet { width: sheet.width - 2.0 * padding, height: sheet.height - 2.0 * padding, ..sheet };
        let mut layout = frame::lay(figure, inner);
        for (i, panel) in figure.panels.iter().enumerate() {
            ends::name(&mut layout, i, panel);
        }
        for (i, panel) in figure.panels.iter().enumerate() {
            floating::name(&mut layout, i, panel);
        }
        layout.move_by(padding);
        Layout { sheet, ..layout }
    }

    /// Moves everything right and down.
    fn move_by(&mut self, d: f64) {
        for panel in &mut self.panels {
            panel.plot = panel.plot.moved(d);
            panel.axis += d;
            for stretch in panel.x.iter_mut().chain([&mut panel.y]) {
                for px in [&mut stretch.from, &mut stretch.to].into_iter().chain(&mut stretch.room) {
                    *px += d;
                }
            }
        }
        for text in &mut self.texts {
            (text.x, text.y) = (text.x + d, text.y + d);
        }
        for leader in &mut self.leaders {
            for (x, y) in [&mut leader.from, &mut leader.to] {
                (*x, *y) = (*x + d, *y + d);
            }
        }
    }

    /// Whether no word is nearer to `rect` than `beside` sideways and `above` up or down.
    fn is_free(&self, rect: Rect, beside: f64, above: f64) -> bool {
        let room = Rect { x0: rect.x0 - beside, x1: rect.x1 + beside, y0: rect.y0 - above, y1: rect.y1 + above };
        !self.texts.iter().any(|text| text.rect().touches(room))
    }

    /// Whether a series that is named at its end gets there; one that stops far from the right
    /// edge carries its name inside the plot instead.
    fn ends_at_edge(&self, i: usize, panel: &Panel, series: usize) -> bool {
        let plot = self.panels[i].plot;
        lines::end(&self.panels[i], &panel.series[series].points).is_some_and(|(x, _)| x > plot.x1 - 0.2 * plot.width())
    }
}
