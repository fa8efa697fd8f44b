//! By how much shares have changed, for everything that was done and everything that was asked.

use super::forgetting_map::categories;
use super::heat::{Heat, HeatCell};
use super::number::signed;
use super::panel::{Panel, Scale};
use super::{Cell, Column, Figure, Table};

/// One change, in percentage points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub change: f64,
    pub interval: [f64; 2],
    /// Outlined.
    pub is_sure: bool,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeMatrix {
    pub id: String,
    pub title: String,
    /// What was done.
    pub rows: Vec<String>,
    /// What was asked.
    pub columns: Vec<String>,
    /// `None` where nothing was measured.
    ///
    /// # Shapes
    /// `[rows][columns]`
    pub cells: Vec<Vec<Option<Change>>>,
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
            notes: vec!["Change of a share in percentage points. Outlined: surely changed.".to_owned()],
        }
    }

    /// What was measured, with its row and its column.
    fn each(&self) -> impl Iterator<Item = (usize, usize, Change)> {
        let of = |(row, cells): (usize, &'_ Vec<Option<Change>>)| {
            let cells = cells.clone().into_iter().enumerate();
            cells.filter_map(move |(column, cell)| Some((row, column, cell?)))
        };
        self.cells.iter().enumerate().flat_map(of)
    }

    fn heat(&self) -> Heat {
        let largest = self.each().map(|(.., cell)| cell.change.abs()).fold(0.0, f64::max);
        let mut cells = Vec::new();
        for (row, own) in self.cells.iter().enumerate().rev() {
            cells.extend(own.iter().enumerate().map(|(column, cell)| HeatCell {
                at: [column as f64, row as f64],
                median: cell.map(|cell| cell.change),
                band: cell.map(|cell| cell.interval),
                seeds: 0,
                diverged: 0,
                chosen: cell.is_some_and(|cell| cell.is_sure),
            }));
        }
        Heat {
            columns: self.columns.len(),
            cells,
            planned: 0,
            label: "% points".to_owned(),
            name: "change".to_owned(),
            scale: Scale::Linear,
            range: [-largest, largest],
        }
    }

    fn summary(&self) -> String {
        let largest = self.each().max_by(|(.., a), (.., b)| a.change.abs().total_cmp(&b.change.abs()));
        match largest {
            Some((row, column, cell)) => format!(
                "The largest change is that of {} after tuning on {}: {} percentage points.",
                self.columns[column],
                self.rows[row],
                signed(cell.change)
            ),
            None => "Nothing was measured.".to_owned(),
        }
    }

    fn table(&self) -> Table {
        let columns = [
            ("data", "tuned on"),
            ("asked", "asked"),
            ("change", "change, percentage points"),
            ("low", "from"),
            ("high", "to"),
        ];
        let columns = columns.into_iter().map(|(key, title)| Column::new(key, title)).collect();
        let row = |(row, column, cell): (usize, usize, Change)| {
            let [low, high] = cell.interval;
            let names = [&self.rows[row], &self.columns[column]].map(|name| Cell::from(name.as_str()));
            names.into_iter().chain([cell.change, low, high].map(Cell::from)).collect()
        };
        Table { columns, rows: self.each().map(row).collect() }
    }
}
