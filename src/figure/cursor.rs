//! What the pointer and the arrow keys read from a figure, without any page.

use super::heat::{self, Heat};
use super::layout::Rect;
use super::number;
use super::panel::{Axis, Panel, Place, Role};
use super::{Figure, Layout};
use crate::stats::sorted_by_key;
use serde::Serialize;

/// One series at the cursor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    pub name: String,
    pub role: Role,
    /// The median, as shown and in full.
    pub text: String,
    pub value: f64,
    /// The middle half, e.g. "0.067 to 0.11".
    pub band: Option<String>,
    /// CSS pixels.
    pub x: f64,
    pub y: f64,
}

/// A place where something was measured, and everything measured there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cursor {
    pub panel: usize,
    pub at: Place,
    /// The x value in words, e.g. "64" or "none".
    pub x_text: String,
    /// CSS pixels: the vertical line of the cursor.
    pub x: f64,
    pub top: f64,
    pub bottom: f64,
    /// In a heat map, the cell's number and its rectangle.
    pub cell: Option<(usize, Rect)>,
    pub readings: Vec<Reading>,
}

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Previous,
    Next,
    /// To the row above or below; where there are no rows, to the next or previous place.
    Up,
    Down,
    Home,
    End,
}

impl Cursor {
    /// CSS pixels: the middle of its height.
    pub fn middle(&self) -> f64 {
        (self.top + self.bottom) / 2.0
    }
}

impl Figure {
    /// The cursor for a pointer at `x` and `y` CSS pixels: the panel under it (or the nearest), and
    /// there the nearest place where something was measured. Only a heat map looks at `y`.
    pub fn cursor_at(&self, layout: &Layout, x: f64, y: f64) -> Option<Cursor> {
        if let Some((panel, heat)) = self.heat() {
            return heat::cursor_at(panel, heat, layout.panels.first()?, x, y);
        }
        let outside = |panel: usize| {
            let plot = layout.panels[panel].plot;
            (plot.x0 - x).max(x - plot.x1).max(0.0)
        };
        let stops = self.stops();
        let distance =
            |(panel, place): &(usize, Place)| (outside(*panel), (layout.panels[*panel].x_px(*place) - x).abs());
        let nearest = stops.into_iter().min_by(|a, b| {
            let (a, b) = (distance(a), distance(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        nearest.map(|(panel, place)| self.cursor(layout, panel, place))
    }

    /// The cursor after a key press; from nowhere, `Next` and `Home` go to the first place.
    pub fn cursor_step(&self, layout: &Layout, from: Option<&Cursor>, step: Step) -> Option<Cursor> {
        if let Some((panel, heat)) = self.heat() {
            let here = from.and_then(|cursor| cursor.cell).map(|(index, _)| index);
            return heat::cursor_step(panel, heat, layout.panels.first()?, here, step);
        }
        let stops = self.stops();
        let last = stops.len().checked_sub(1)?;
        let here = from.and_then(|c| stops.iter().position(|s| *s == (c.panel, c.at)));
        let to = match (step, here) {
            (Step::Home, _) | (Step::Next | Step::Up, None) => 0,
            (Step::End, _) | (Step::Previous | Step::Down, None) => last,
            (Step::Next | Step::Up, Some(i)) => (i + 1).min(last),
            (Step::Previous | Step::Down, Some(i)) => i.saturating_sub(1),
        };
        let (panel, place) = stops[to];
        Some(self.cursor(layout, panel, place))
    }

    fn heat(&self) -> Option<(&Panel, &Heat)> {
        let panel = self.panels.first()?;
        Some((panel, panel.heat.as_ref()?))
    }

    /// Every place where some series has a value, from left to right.
    fn stops(&self) -> Vec<(usize, Place)> {
        let mut stops = Vec::new();
        for (i, panel) in self.panels.iter().enumerate() {
            let points = panel.series.iter().flat_map(|s| &s.points);
            let places = sorted_by_key(points.filter(|p| p.median.is_some()).map(|p| p.at).collect(), |at| at.x);
            stops.extend(sorted_by_key(places, |at| at.segment as f64).into_iter().map(|at| (i, at)));
        }
        stops.dedup();
        stops
    }

    fn cursor(&self, layout: &Layout, panel: usize, at: Place) -> Cursor {
        let place = &layout.panels[panel];
        let mut readings = Vec::new();
        for series in &self.panels[panel].series {
            let Some(point) = series.points.iter().find(|p| p.at == at) else { continue };
            let Some(value) = point.median else { continue };
            readings.push(Reading {
                name: series.name.clone(),
                role: series.role,
                text: number::short(value),
                value,
                band: point.band.map(|[a, b]| format!("{} to {}", number::short(a), number::short(b))),
                x: place.x_px(at),
                y: place.y_px(value).clamp(place.plot.y0, place.plot.y1),
            });
        }
        Cursor {
            panel,
            at,
            x_text: spoken(&self.panels[panel].x, at),
            x: place.x_px(at),
            top: place.plot.y0,
            bottom: place.plot.y1,
            cell: None,
            readings,
        }
    }
}

/// The place in words: its tick's label, or its value.
fn spoken(axis: &Axis, at: Place) -> String {
    let ticks = axis.segments.get(at.segment).map_or(&[][..], |s| &s.ticks);
    let tick = ticks.iter().find(|t| t.value == at.x);
    tick.map_or_else(|| number::significant(at.x, 3), |t| t.label.clone())
}
