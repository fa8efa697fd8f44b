//! Named curves on plain axes, panel beside panel: what needs no more than that.

use super::panel::*;
use super::range::{self, Spread};
use super::{Cell, Column, Figure, Table};

/// What the points of curves are, and the bands around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Points {
    /// Medians over seeds, and quartiles.
    #[default]
    Medians,
    /// Measured values, and their intervals at 95 %.
    Estimates,
}

impl Points {
    /// Keys and titles of the table's columns.
    fn columns(self) -> [(&'static str, &'static str); 3] {
        match self {
            Self::Medians => [("median", "median"), ("q25", "lower quartile"), ("q75", "upper quartile")],
            Self::Estimates => [("value", "value"), ("low", "from (95 %)"), ("high", "to (95 %)")],
        }
    }
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    pub name: String,
    pub role: Role,
    pub dash: Dash,
    pub marker: Option<Marker>,
    /// Whether its name stands beside its last point.
    pub is_named: bool,
    /// By rising x.
    pub points: Vec<(f64, Spread)>,
}

/// Curves that share their axes.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePanel {
    pub title: Option<String>,
    /// Quantity and unit.
    pub x: String,
    pub x_scale: Scale,
    pub y: String,
    /// The ends of the y axis, where data do not decide them.
    pub y_range: Option<[f64; 2]>,
    pub curves: Vec<Curve>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    pub id: String,
    pub title: String,
    pub summary: String,
    pub notes: Vec<String>,
    pub points: Points,
    pub panels: Vec<CurvePanel>,
}

/// Part of an axis that is left free beyond the outermost data.
const MARGIN: f64 = 0.06;

impl Curves {
    /// The figure.
    pub fn figure(&self) -> Figure {
        Figure {
            id: self.id.clone(),
            title: self.title.clone(),
            summary: self.summary.clone(),
            reference: false,
            panels: self.panels.iter().map(CurvePanel::panel).collect(),
            table: self.table(),
            notes: self.notes.clone(),
        }
    }

    /// A row for each point of each curve.
    fn table(&self) -> Table {
        let columns = [("panel", "panel"), ("curve", "curve"), ("x", "x")].into_iter().chain(self.points.columns());
        let columns = columns.map(|(key, title)| Column::new(key, title)).collect();
        let mut rows = Vec::new();
        for panel in &self.panels {
            for curve in &panel.curves {
                for (x, spread) in &curve.points {
                    let title = panel.title.as_deref().unwrap_or(&panel.y);
                    let numbers = [Some(*x), spread.median, spread.q25, spread.q75].map(Cell::from);
                    rows.push(
                        [Cell::from(title), Cell::from(curve.name.as_str())].into_iter().chain(numbers).collect(),
                    );
                }
            }
        }
        Table { columns, rows }
    }
}

impl CurvePanel {
    fn panel(&self) -> Panel {
        let points = || self.curves.iter().flat_map(|curve| curve.points.iter());
        let xs = || points().map(|(x, _)| *x).filter(|x| x.is_finite() && (self.x_scale != Scale::Log || *x > 0.0));
        let ys = || points().flat_map(|(_, spread)| [spread.median, spread.q25, spread.q75]).flatten();
        let x = match self.x_scale {
            Scale::Log => ends(xs()).unwrap_or([1.0, 10.0]),
            _ => padded(xs()),
        };
        let y = self.y_range.unwrap_or_else(|| padded(ys()));
        let mut axis = Axis::plain(&self.x, self.x_scale, x);
        axis.segments[0].inset = [0.6, 0.6];
        let mut panel = Panel::new(axis, Axis::plain(&self.y, Scale::Linear, y));
        panel.title.clone_from(&self.title);
        panel.series = self.curves.iter().map(|curve| curve.series(self.x_scale)).collect();
        panel.series.retain(|series| series.points.iter().any(|point| point.median.is_some()));
        if panel.series.is_empty() {
            panel.empty = Some("nothing measured yet".to_owned());
        }
        panel
    }
}

impl Curve {
    fn series(&self, scale: Scale) -> Series {
        let point = |(x, spread): &(f64, Spread)| {
            let spread = spread.checked();
            Point {
                at: Place { segment: 0, x: *x },
                median: spread.median,
                band: spread.band(),
                marked: self.marker.is_some(),
                hollow: false,
            }
        };
        let has_a_place = |(x, _): &&(f64, Spread)| x.is_finite() && (scale != Scale::Log || *x > 0.0);
        Series {
            name: self.name.clone(),
            detail: None,
            naming: if self.is_named { Naming::End } else { Naming::Panel },
            role: self.role,
            dash: self.dash,
            marker: self.marker,
            points: self.points.iter().filter(has_a_place).map(point).collect(),
        }
    }
}

/// The least and the largest of some values; `None` of fewer than two different ones.
fn ends(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let mut ends = [f64::INFINITY, f64::NEG_INFINITY];
    values.filter_map(range::finite).for_each(|value| ends = [ends[0].min(value), ends[1].max(value)]);
    (ends[0] < ends[1]).then_some(ends)
}

/// The ends with a margin.
pub(super) fn padded(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    match ends(values.clone()) {
        Some([low, high]) => {
            let margin = MARGIN * (high - low);
            // Nothing that is never negative has an axis below zero.
            [if low >= 0.0 { (low - margin).max(0.0) } else { low - margin }, high + margin]
        }
        None => {
            let value = values.filter_map(range::finite).next().unwrap_or(0.0);
            [value - 0.5, value + 0.5]
        }
    }
}
