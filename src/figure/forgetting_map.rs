//! Forgetting over width and replay fraction: one coloured cell for each combination.

use super::heat::{Heat, HeatCell};
use super::number::{percent, seeds, short};
use super::panel::*;
use super::range::Spread;
use super::{Cell, Column, Figure, Table};

/// One combination of width and replay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapCell {
    pub forgetting: Spread,
    /// Seeds with a value.
    pub seeds: usize,
    pub diverged: usize,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgettingMap {
    /// Hidden widths, increasing.
    pub widths: Vec<u32>,
    /// Replay fractions, increasing.
    pub fractions: Vec<f64>,
    /// Fraction by fraction, the widths of each; as many as there are combinations.
    pub cells: Vec<MapCell>,
    /// Width and fraction that the other figures show.
    pub current: Option<(u32, f64)>,
    /// Seeds that each cell will have.
    pub seeds: usize,
    pub reference: bool,
}

/// The largest median over the smallest that has a colour of its own.
const WIDEST: f64 = 1e4;

impl ForgettingMap {
    /// The figure `forgetting-map`.
    pub fn figure(&self) -> Figure {
        let mut panel = Panel::new(self.x_axis(), self.y_axis());
        let heat = self.heat();
        if heat.cells.is_empty() {
            panel.empty = Some("no data".to_owned());
        } else {
            panel.heat = Some(heat);
        }
        Figure {
            id: "forgetting-map".to_owned(),
            title: "Forgetting map".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes: self.notes(),
        }
    }

    fn at(&self, column: usize, row: usize) -> MapCell {
        let cell = self.cells.get(row * self.widths.len() + column).copied().unwrap_or_default();
        MapCell { forgetting: cell.forgetting.checked(), ..cell }
    }

    /// Every cell with its width and fraction, row by row.
    fn each(&self) -> impl Iterator<Item = (u32, f64, MapCell)> + '_ {
        let row = move |(row, &p): (usize, &f64)| {
            self.widths.iter().enumerate().map(move |(column, &width)| (width, p, self.at(column, row)))
        };
        self.fractions.iter().enumerate().flat_map(row)
    }

    fn heat(&self) -> Heat {
        let (scale, range) = self.colours();
        let cells = self.each().map(|(width, p, cell)| HeatCell {
            at: [f64::from(width), p],
            median: cell.forgetting.median,
            band: cell.forgetting.band(),
            seeds: cell.seeds,
            diverged: cell.diverged,
            chosen: self.current == Some((width, p)),
        });
        Heat {
            columns: self.widths.len(),
            cells: cells.collect(),
            planned: self.seeds,
            label: "forgetting, squared error".to_owned(),
            name: "median forgetting".to_owned(),
            scale,
            range,
        }
    }

    fn medians(&self) -> Vec<f64> {
        self.each().filter_map(|(_, _, cell)| cell.forgetting.median).collect()
    }

    fn colours(&self) -> (Scale, [f64; 2]) {
        logarithmic(&self.medians())
    }

    fn x_axis(&self) -> Axis {
        let name = |&width: &u32| (width.to_string(), self.current.is_some_and(|(w, _)| w == width));
        categories("width h", self.widths.iter().map(name).collect())
    }

    fn y_axis(&self) -> Axis {
        let named = |p: f64| if p == 0.0 { "none".to_owned() } else { percent(p) };
        let name = |&p: &f64| (named(p), self.current.is_some_and(|(_, q)| q == p));
        categories("replay p", self.fractions.iter().map(name).collect())
    }

    fn summary(&self) -> String {
        let known = || self.each().filter_map(|(width, p, cell)| Some((width, p, cell.forgetting.median?)));
        let by_median = |a: &(u32, f64, f64), b: &(u32, f64, f64)| a.2.total_cmp(&b.2);
        let (Some(least), Some(most)) = (known().min_by(by_median), known().max_by(by_median)) else {
            return "Forgetting has not been measured at any width and replay fraction yet.".to_owned();
        };
        let place = |(width, p, _): (u32, f64, f64)| match p {
            0.0 => format!("width {width} without replay"),
            p => format!("width {width} with {}", percent(p)),
        };
        let all = self.widths.len() * self.fractions.len();
        let there = known().count();
        let missing = if there < all { format!("; {there} of {all} cells have values") } else { String::new() };
        format!(
            "Median forgetting is largest at {}, {}, and smallest at {}, {}{missing}.",
            place(most),
            short(most.2),
            place(least),
            short(least.2)
        )
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!(
            "Colour (logarithmic) and number: the median of {}; k/{} where only k are there, a stroke where none is.",
            seeds(self.seeds),
            self.seeds
        )];
        let (_, [low, _]) = self.colours();
        if self.medians().iter().any(|&median| median < low) {
            notes.push(format!("Below {} the colour stays the same.", short(low)));
        }
        notes
    }

    fn table(&self) -> Table {
        let columns = [
            ("width", "width h"),
            ("replay_fraction", "p"),
            ("forgetting_median", "median"),
            ("forgetting_q25", "q25"),
            ("forgetting_q75", "q75"),
            ("seeds", "seeds"),
            ("diverged", "blew up"),
        ];
        let row = |(width, p, cell): (u32, f64, MapCell)| {
            let Spread { median, q25, q75 } = cell.forgetting;
            let mut row = vec![Cell::from(width as usize), Cell::from(p)];
            row.extend([median, q25, q75].map(Cell::from));
            row.extend([cell.seeds, cell.diverged].map(Cell::from));
            row
        };
        Table {
            columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(),
            rows: self.each().map(row).collect(),
        }
    }
}

/// The scale of colours and the values of its ends: logarithmic, because replay changes forgetting by factors; over
/// a factor of [`WIDEST`] at most.
pub(super) fn logarithmic(medians: &[f64]) -> (Scale, [f64; 2]) {
    let high = medians.iter().copied().fold(0.0, f64::max);
    let low = medians.iter().copied().filter(|&median| median > 0.0).fold(high, f64::min);
    if high > 0.0 { (Scale::Log, [low.max(high / WIDEST), high]) } else { (Scale::Linear, [0.0, 0.0]) }
}

/// An axis of equal cells on the whole numbers, each with its name and whether it is the current one.
pub(super) fn categories(label: &str, names: Vec<(String, bool)>) -> Axis {
    let ticks: Vec<Tick> =
        names.into_iter().enumerate().map(|(k, (label, strong))| Tick { value: k as f64, label, strong }).collect();
    let mut axis = Axis::plain(label, Scale::Linear, [-0.5, ticks.len().max(1) as f64 - 0.5]);
    axis.segments[0].ticks = ticks;
    axis
}
