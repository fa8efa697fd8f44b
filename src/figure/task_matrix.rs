//! A sequence of tasks, task by task: the loss on each after each, as numbers and as colours.

use super::forgetting_map::{categories, logarithmic};
use super::heat::{Heat, HeatCell};
use super::number::{count, seeds, short, signed};
use super::panel::Panel;
use super::{Cell, Column, Figure, Table};

/// A number over seeds: its median and the interval of that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    pub median: Option<f64>,
    pub interval: Option<[f64; 2]>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskMatrix {
    /// Median losses; row i after task i, column j on task j, task 0 the old one.
    ///
    /// # Shapes
    /// `[tasks][tasks]`
    pub losses: Vec<Vec<f64>>,
    pub average_forgetting: Measured,
    pub backward_transfer: Measured,
    pub plasticity: Measured,
    /// Number of seeds behind the medians, and seeds that blew up.
    pub seeds: usize,
    pub diverged: usize,
    pub reference: bool,
}

impl TaskMatrix {
    /// The figure `task-matrix`.
    pub fn figure(&self) -> Figure {
        let mut names: Vec<(String, bool)> = (0..self.losses.len()).map(|task| (name(task), false)).collect();
        let columns = categories("loss on", names.clone());
        // Rows go down the page, an axis goes up.
        names.reverse();
        let mut panel = Panel::new(columns, categories("after", names));
        if self.losses.is_empty() {
            panel.empty = Some("no sequence has ended yet".to_owned());
        } else {
            panel.heat = Some(self.heat());
        }
        Figure {
            id: "task-matrix".to_owned(),
            title: "Task by task".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes: self.notes(),
        }
    }

    fn at(&self, row: usize, column: usize) -> Option<f64> {
        self.losses[row].get(column).copied().filter(|loss| loss.is_finite())
    }

    fn heat(&self) -> Heat {
        let tasks = self.losses.len();
        let (mut cells, mut medians) = (Vec::new(), Vec::new());
        for row in (0..tasks).rev() {
            for column in 0..tasks {
                let median = self.at(row, column);
                medians.extend(median);
                cells.push(HeatCell {
                    at: [column as f64, row as f64],
                    median,
                    band: None,
                    seeds: self.seeds,
                    diverged: self.diverged,
                    chosen: row == column,
                });
            }
        }
        let (scale, range) = logarithmic(&medians);
        Heat {
            columns: tasks,
            cells,
            planned: 0,
            label: "loss, squared error".to_owned(),
            name: "median loss".to_owned(),
            scale,
            range,
        }
    }

    /// The three numbers in one sentence.
    pub fn summary(&self) -> String {
        let mut told = String::new();
        for (words, number, show) in [
            ("Average forgetting ", self.average_forgetting, signed as fn(f64) -> String),
            ("; backward transfer ", self.backward_transfer, signed),
            ("; plasticity ", self.plasticity, short),
        ] {
            let Some(median) = number.median else { return "No sequence of tasks has ended yet.".to_owned() };
            told += words;
            told += &show(median);
            if let Some([low, high]) = number.interval {
                told += &format!(" (95 % interval {} to {})", show(low), show(high));
            }
        }
        told + "."
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            format!("Medians of {}; rows follow each other in time.", seeds(self.seeds)),
            "Outlined: the task just learned; left of it what became of earlier ones, right of it tasks still to come."
                .to_owned(),
        ];
        if self.diverged > 0 {
            notes.push(format!("{} blew up and are left out.", seeds(self.diverged)));
        }
        notes
    }

    fn table(&self) -> Table {
        let tasks = self.losses.len();
        let mut table = Table { columns: vec![Column::new("after", "after")], rows: Vec::new() };
        for task in 0..tasks {
            let title = name(task);
            table.columns.push(Column::new(title.replace(' ', "_"), &*title));
            let mut row = vec![Cell::Text(title)];
            row.extend((0..tasks).map(|column| Cell::from(self.at(task, column))));
            table.rows.push(row);
        }
        table
    }
}

/// How a task is called.
fn name(task: usize) -> String {
    if task == 0 { "old task".to_owned() } else { "task ".to_owned() + &count(task) }
}
