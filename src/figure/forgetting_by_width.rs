//! Forgetting against width, three ways of comparing: equal steps, equal loss, equal time.

use super::number::{count, seeds, short};
use super::panel::*;
use super::range::{self, Spread};
use super::{Cell, Column, Figure, Table};
use crate::stats::{Verdict, sorted_by_key};

/// Forgetting per width when one thing is held equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// `None` until enough widths are measured.
    pub verdict: Option<Verdict>,
    /// One spread per width.
    pub forgetting: Vec<Spread>,
    /// How many seeds got to the point of comparison, per width; empty if all did.
    pub reached: Vec<usize>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgettingByWidth {
    /// Hidden widths, increasing.
    pub widths: Vec<usize>,
    pub equal_steps: Comparison,
    pub equal_loss: Comparison,
    pub equal_time: Comparison,
    /// The ID loss at which "equal loss" compares.
    pub loss_level: Option<f64>,
    /// Mean of both classes' losses at the end of pre-training, one spread per width.
    pub pre_training_loss: Vec<Spread>,
    /// The width of the run that the other figures show.
    pub current: Option<usize>,
    /// Number of seeds per width.
    pub seeds: usize,
    pub reference: bool,
}

impl Comparison {
    fn at(&self, i: usize) -> Spread {
        self.forgetting.get(i).copied().unwrap_or_default().checked()
    }

    fn reached(&self, i: usize, seeds: usize) -> usize {
        self.reached.get(i).copied().unwrap_or(seeds)
    }
}

impl ForgettingByWidth {
    /// The figure `forgetting-by-width`.
    pub fn figure(&self) -> Figure {
        let all = self.comparisons();
        let spreads = all.iter().flat_map(|(c, ..)| (0..self.widths.len()).map(|i| c.at(i)));
        let y = range::from_zero(spreads);
        Figure {
            id: "forgetting-by-width".to_owned(),
            title: "Forgetting by width".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: all.iter().map(|(c, title, _, dash, marker)| self.panel(c, title, *dash, *marker, y)).collect(),
            table: self.table(),
            notes: self.notes(),
        }
    }

    fn comparisons(&self) -> [(&Comparison, &'static str, &'static str, Dash, Marker); 3] {
        [
            (&self.equal_steps, "Equal steps", "equal_steps", Dash::Solid, Marker::Circle),
            (&self.equal_loss, "Equal loss", "equal_loss", Dash::Dashed, Marker::Square),
            (&self.equal_time, "Equal time", "equal_time", Dash::Dotted, Marker::Triangle),
        ]
    }

    fn panel(&self, comparison: &Comparison, title: &str, dash: Dash, marker: Marker, y: [f64; 2]) -> Panel {
        let y = Axis::plain("forgetting, squared error", Scale::Linear, y);
        let mut panel = Panel::new(self.x_axis(), y);
        let points: Vec<Point> = self
            .widths
            .iter()
            .enumerate()
            .map(|(i, &width)| {
                let spread = comparison.at(i);
                Point {
                    at: Place { segment: 0, x: width as f64 },
                    median: spread.median,
                    band: spread.band(),
                    marked: true,
                    hollow: comparison.reached(i, self.seeds) * 2 <= self.seeds,
                }
            })
            .collect();
        if points.iter().all(|p| p.median.is_none()) {
            panel.empty = Some("no data".to_owned());
        }
        panel.axis_at_zero = true;
        panel.title = Some(title.to_owned());
        panel.verdict = comparison.verdict.map(|v| v.word().to_owned());
        panel.setting = self.current.map(|w| Place { segment: 0, x: w as f64 });
        panel.series = vec![Series {
            name: title.to_ascii_lowercase(),
            detail: None,
            naming: Naming::Panel,
            role: Role::OldTask,
            dash,
            marker: Some(marker),
            points,
        }];
        panel
    }

    fn x_axis(&self) -> Axis {
        let low = self.widths.iter().chain(&self.current).copied().min().unwrap_or(1).max(1);
        let high = self.widths.iter().chain(&self.current).copied().max().unwrap_or(1).max(low);
        let mut axis = Axis::plain("width h", Scale::Log, [low as f64, high as f64]);
        let mut widths = self.widths.clone();
        widths.extend(self.current.filter(|w| !self.widths.contains(w)));
        let ticks = sorted_by_key(widths, |width| *width as f64);
        let ticks = ticks.into_iter().map(|width| Tick {
            value: width as f64,
            label: width.to_string(),
            strong: Some(width) == self.current,
        });
        axis.segments[0].ticks = ticks.collect();
        axis.segments[0].inset = [0.8, 0.8];
        axis
    }

    fn summary(&self) -> String {
        let said = self.comparisons().into_iter().filter_map(|(c, title, ..)| {
            Some(match c.verdict? {
                Verdict::Undecided => format!("is undecided at {}", title.to_ascii_lowercase()),
                v => format!("{} at {}", v.word(), title.to_ascii_lowercase()),
            })
        });
        let said: Vec<String> = said.collect();
        if said.is_empty() {
            return "Forgetting has not been measured at enough widths to compare.".to_owned();
        }
        format!("With width, forgetting {}.", said.join(", "))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(level) = self.loss_level {
            let there: Vec<String> =
                (0..self.widths.len()).map(|i| self.equal_loss.reached(i, self.seeds).to_string()).collect();
            notes.push(format!(
                "“Equal loss” is {}, reached by {} of {} (hollow: half or fewer).",
                short(level),
                listed(&there),
                seeds(self.seeds)
            ));
        }
        let losses: Vec<String> = self
            .widths
            .iter()
            .zip(&self.pre_training_loss)
            .filter_map(|(w, loss)| Some(format!("{} (h = {w})", short(loss.checked().median?))))
            .collect();
        if !losses.is_empty() {
            notes.push(format!("Pre-training ended at a loss of {}.", listed(&losses)));
        }
        notes
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::new("width", "width h")];
        for (_, title, key, ..) in self.comparisons() {
            let title = title.to_ascii_lowercase();
            for part in ["median", "q25", "q75"] {
                columns.push(Column::new(format!("{key}_{part}"), format!("{title}, {part}")));
            }
            columns.push(Column::new(format!("{key}_seeds"), format!("{title}, seeds there")));
        }
        for part in ["median", "q25", "q75"] {
            let title = format!("pre-training loss, {part}");
            columns.push(Column::new(format!("pre_training_loss_{part}"), title));
        }
        let rows = self.widths.iter().enumerate().map(|(i, &width)| {
            let mut row = vec![Cell::from(width)];
            for (c, ..) in self.comparisons() {
                let spread = c.at(i);
                row.extend([spread.median, spread.q25, spread.q75].map(Cell::from));
                row.push(c.reached(i, self.seeds).into());
            }
            let loss = self.pre_training_loss.get(i).copied().unwrap_or_default().checked();
            row.extend([loss.median, loss.q25, loss.q75].map(Cell::from));
            row
        });
        Table { columns, rows: rows.collect() }
    }
}

/// "8, 4, 15 and 16".
fn listed(words: &[String]) -> String {
    match words {
        [] => count(0),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
