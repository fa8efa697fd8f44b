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
    /// [tasks] of [tasks]
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
        let tasks = self.losses.len();
        let names = || (0..tasks).map(|task| (name(task), false));
        // Rows go down the page, an axis goes up.
        let rows: Vec<(String, bool)> = names().rev().collect();
        let mut panel = Panel::new(categories("loss on", names()), categories("after", rows.into_iter()));
        if tasks == 0 {
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
        let places = (0..tasks).rev().flat_map(|row| (0..tasks).map(move |column| (row, column)));
        let cells: Vec<HeatCell> = places
            .map(|(row, column)| HeatCell {
                at: [column as f64, row as f64],
                median: self.at(row, column),
                band: None,
                seeds: self.seeds,
                diverged: self.diverged,
                chosen: row == column,
            })
            .collect();
        let medians: Vec<f64> = cells.iter().filter_map(|cell| cell.median).collect();
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

    fn summary(&self) -> String {
        let numbers = [
            ("Average forgetting ", self.average_forgetting),
            ("backward transfer ", self.backward_transfer),
            ("plasticity ", self.plasticity),
        ];
        let told = numbers.map(|(name, number)| Some(name.to_owned() + &number.told(name.starts_with('p'))?));
        let [Some(forgetting), Some(transfer), Some(plasticity)] = told else {
            return "No sequence of tasks has ended yet.".to_owned();
        };
        [forgetting, transfer, plasticity].join("; ") + "."
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
        let key = |task: usize| if task == 0 { "old_task".to_owned() } else { "task_".to_owned() + &count(task) };
        let mut columns = vec![Column::new("after", "after")];
        columns.extend((0..tasks).map(|task| Column::new(key(task), name(task))));
        let row = |row: usize| {
            let losses = (0..tasks).map(|column| Cell::from(self.at(row, column)));
            [Cell::from(name(row).as_str())].into_iter().chain(losses).collect()
        };
        Table { columns, rows: (0..tasks).map(row).collect() }
    }
}

impl Measured {
    /// The median and its interval; with signs, unless it is a plain loss.
    fn told(&self, plain: bool) -> Option<String> {
        let show = if plain { short } else { signed };
        let mut told = show(self.median?);
        if let Some([low, high]) = self.interval {
            told += &format!(" (95 % interval {} to {})", show(low), show(high));
        }
        Some(told)
    }
}

/// How a task is called.
fn name(task: usize) -> String {
    if task == 0 { "old task".to_owned() } else { "task ".to_owned() + &count(task) }
}
