//! How far a prediction is off, against width: the kernel's beside two that know less.

use super::number::{percent, seeds, short};
use super::panel::*;
use super::range::{self, Spread};
use super::{Cell, Column, Figure, Table};

/// Relative errors at one width.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WidthGap {
    pub width: u32,
    /// Of the kernel's prediction.
    pub kernel: Spread,
    /// Of the best constant.
    pub constant: Spread,
    /// Of the first step, extrapolated.
    pub first_step: Spread,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GapByWidth {
    /// By rising width.
    pub widths: Vec<WidthGap>,
    /// Exponent of the kernel's error in the width, with its 95 % interval where there is one.
    pub exponent: Option<(f64, Option<[f64; 2]>)>,
    pub current: Option<u32>,
    /// Number of seeds behind each spread.
    pub seeds: usize,
    pub reference: bool,
}

/// Errors below this are drawn at it.
const FLOOR: f64 = 1e-9;

type Kind = (fn(&WidthGap) -> Spread, &'static str, &'static str, Role, Dash, Marker, Naming);
const KINDS: [Kind; 3] = [
    (|gap| gap.kernel, "the kernel", "kernel", Role::OldTask, Dash::Solid, Marker::Circle, Naming::End),
    (|gap| gap.constant, "a constant", "constant", Role::Before, Dash::Dotted, Marker::Triangle, Naming::End),
    (|gap| gap.first_step, "first step", "first_step", Role::Before, Dash::Dashed, Marker::Square, Naming::End),
];

impl GapByWidth {
    /// The figure `prediction-gap`.
    pub fn figure(&self) -> Figure {
        let all = KINDS.iter().flat_map(|(of, ..)| self.widths.iter().filter_map(|gap| of(gap).checked().median));
        // No change at all has the error 1: always in the plot.
        let y = range::decades(all.filter(|v| *v > 0.0).chain([1.0]), FLOOR);
        let mut panel =
            Panel::new(self.x_axis(), Axis::plain("error of the predicted change, relative", Scale::Log, y));
        panel.setting = self.current.map(|w| Place { segment: 0, x: f64::from(w) });
        for (of, name, _, role, dash, marker, naming) in KINDS {
            let points: Vec<Point> = self.widths.iter().map(|gap| point(gap.width, of(gap).checked(), y)).collect();
            if points.iter().any(|p| p.median.is_some()) {
                let detail = self.widths.iter().rev().find_map(|gap| of(gap).checked().median).map(percent);
                panel.series.push(Series {
                    name: name.to_owned(),
                    detail,
                    naming,
                    role,
                    dash,
                    marker: Some(marker),
                    points,
                });
            }
        }
        if panel.series.is_empty() {
            panel.empty = Some("no prediction yet".to_owned());
        }
        Figure {
            id: "prediction-gap".to_owned(),
            title: "Error of the prediction".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes: vec![format!(
                "Error of the predicted change of f on the old task's test points, in L2; predicting no change has 100 %. \
                 “A constant” is the best one there is, chosen afterwards. Medians of {}.",
                seeds(self.seeds)
            )],
        }
    }

    fn x_axis(&self) -> Axis {
        let widths = || self.widths.iter().map(|gap| f64::from(gap.width));
        let (low, high) = (widths().fold(f64::INFINITY, f64::min), widths().fold(1.0, f64::max));
        let mut axis = Axis::plain("width h", Scale::Log, [low.min(high), high]);
        let tick = |gap: &WidthGap| Tick {
            value: f64::from(gap.width),
            label: gap.width.to_string(),
            strong: Some(gap.width) == self.current,
        };
        axis.segments[0].ticks = self.widths.iter().map(tick).collect();
        axis.segments[0].inset = [0.8, 0.8];
        axis
    }

    fn summary(&self) -> String {
        let known = self.widths.iter().filter_map(|gap| Some((gap.width, gap.kernel.checked().median?)));
        let known: Vec<(u32, f64)> = known.collect();
        let (Some((narrow, first)), Some((wide, last))) = (known.first(), known.last()) else {
            return "Nothing has been predicted yet.".to_owned();
        };
        let mut said = if narrow == wide {
            format!("The kernel's prediction is {} off at width {wide}.", percent(*last))
        } else {
            format!(
                "The kernel's prediction is {} off at width {narrow}, {} at width {wide}.",
                percent(*first),
                percent(*last)
            )
        };
        if let Some((exponent, interval)) = self.exponent {
            said.push_str(&format!(" The error goes as width to the power {}", short(exponent)));
            if let Some([low, high]) = interval {
                said.push_str(&format!(", 95 % interval {} to {}", short(low), short(high)));
            }
            said.push('.');
        }
        said
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::new("width", "width h")];
        for (_, name, key, ..) in KINDS {
            for part in ["median", "q25", "q75"] {
                columns.push(Column::new(format!("{key}_error_{part}"), format!("{name}, {part}")));
            }
        }
        let rows = self.widths.iter().map(|gap| {
            let mut row = vec![Cell::from(gap.width as usize)];
            for (of, ..) in KINDS {
                let spread = of(gap).checked();
                row.extend([spread.median, spread.q25, spread.q75].map(Cell::from));
            }
            row
        });
        Table { columns, rows: rows.collect() }
    }
}

/// A point of a logarithmic axis; what is beyond its floor stands on it.
fn point(width: u32, spread: Spread, [low, high]: [f64; 2]) -> Point {
    let inside = |v: f64| v.clamp(low, high);
    Point {
        at: Place { segment: 0, x: f64::from(width) },
        median: spread.median.map(inside),
        band: spread.band().map(|band| band.map(inside)),
        marked: true,
        hollow: false,
    }
}
