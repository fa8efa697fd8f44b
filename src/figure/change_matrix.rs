//! By how much shares have changed, for everything that was done and everything that was asked.

use super::forgetting_map::categories;
use super::heat::{Heat, HeatCell};
use super::number::signed;
use super::panel::{Panel, Scale};
use super::{Cell, Column, Figure, Table};

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeMatrix {
    pub id: String,
    pub title: String,
    /// What was done.
    pub rows: Vec<String>,
    /// What was asked.
    pub columns: Vec<String>,
    /// Changes in points of a per cent with their intervals; `None` where nothing was measured.
    ///
    /// # Shapes
    /// `[rows][columns]`
    pub cells: Vec<Vec<Option<(f64, [f64; 2])>>>,
    /// Which changes are sure: outlined.
    pub sure: Vec<Vec<bool>>,
}

impl ChangeMatrix {
    /// The figure.
    pub fn figure(&self) -> Figure {
        let names = |names: &[String]| names.iter().map(|name| (name.clone(), false)).collect::<Vec<_>>();
        // Rows go down the page, an axis goes up.
        let mut rows = names(&self.rows);
        rows.reverse();
        let mut panel = Panel::new(categories("asked", names(&self.columns)), categories("tuned on", rows));
        panel.heat = Some(self.heat());
        Figure {
            id: self.id.clone(),
            title: self.title.clone(),
            summary: self.summary(),
            reference: false,
            panels: vec![panel],
            table: self.table(),
            notes: vec!["Change of a share in points of a per cent. Outlined: surely changed.".to_owned()],
        }
    }

    fn each(&self) -> impl Iterator<Item = (usize, usize, (f64, [f64; 2]))> {
        let rows = self.cells.iter().enumerate();
        rows.flat_map(|(row, cells)| {
            cells.iter().enumerate().filter_map(move |(column, cell)| Some((row, column, (*cell)?)))
        })
    }

    fn heat(&self) -> Heat {
        let largest = self.each().map(|(.., (change, _))| change.abs()).fold(0.0, f64::max);
        let rows = self.cells.iter().zip(&self.sure).enumerate().rev();
        let cells = rows.flat_map(|(row, (cells, sure))| {
            cells.iter().zip(sure).enumerate().map(move |(column, (cell, &chosen))| HeatCell {
                at: [column as f64, row as f64],
                median: cell.map(|(change, _)| change),
                band: cell.map(|(_, interval)| interval),
                seeds: 0,
                diverged: 0,
                chosen,
            })
        });
        Heat {
            columns: self.columns.len(),
            cells: cells.collect(),
            planned: 0,
            label: "points of a %".to_owned(),
            name: "change".to_owned(),
            scale: Scale::Linear,
            range: [-largest, largest],
        }
    }

    fn summary(&self) -> String {
        let largest = self.each().max_by(|(.., (a, _)), (.., (b, _))| a.abs().total_cmp(&b.abs()));
        match largest {
            Some((row, column, (change, _))) => format!(
                "The largest change is that of {} after tuning on {}: {} points of a per cent.",
                self.columns[column],
                self.rows[row],
                signed(change)
            ),
            None => "Nothing was measured.".to_owned(),
        }
    }

    fn table(&self) -> Table {
        let columns = [
            ("data", "tuned on"),
            ("asked", "asked"),
            ("change", "change, points of a %"),
            ("low", "from"),
            ("high", "to"),
        ];
        let columns = columns.into_iter().map(|(key, title)| Column::new(key, title)).collect();
        let row = |(row, column, (change, [low, high])): (usize, usize, (f64, [f64; 2]))| {
            let names = [&self.rows[row], &self.columns[column]].map(|name| Cell::from(name.as_str()));
            names.into_iter().chain([change, low, high].map(Cell::from)).collect()
        };
        Table { columns, rows: self.each().map(row).collect() }
    }
}
