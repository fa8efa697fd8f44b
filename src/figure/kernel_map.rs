//! The tangent kernel as a heat map: how much a step on one example moves the output on another.

use super::heat::{Heat, HeatCell};
use super::number::short;
use super::panel::*;
use super::{Cell, Column, Figure, Table};

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelMap {
    /// Inputs of the new task's examples, rising, then of the old task's.
    pub x: [Vec<f64>; 2],
    /// K between all of these, row by row: as many as there are pairs.
    pub kernel: Vec<f64>,
    pub reference: bool,
}

/// Points of each task that are drawn at most.
const DRAWN: usize = 40;

/// Blocks of the kernel: their name, and the tasks of their rows and columns.
const BLOCKS: [(&str, [usize; 2]); 3] =
    [("ID with ID", [0, 0]), ("ID with old task", [0, 1]), ("old task with old task", [1, 1])];

impl KernelMap {
    /// The figure `kernel-map`.
    pub fn figure(&self) -> Figure {
        let drawn = [0, 1].map(|task| thinned(self.x[task].len()));
        let mut panel = Panel::new(self.axis("x", &drawn), self.axis("x’", &drawn));
        let heat = self.heat(&drawn);
        if heat.cells.is_empty() {
            panel.empty = Some("no kernel".to_owned());
        } else {
            panel.heat = Some(heat);
        }
        let [new, old] = [0, 1].map(|task| self.x[task].len());
        let mut notes = vec![
            "Each cell: k(x, x’), how far a step on one example moves the output on the other. Points of each task by \
             rising x."
                .to_owned(),
        ];
        if new.max(old) > DRAWN {
            let shown = drawn[0].len() + drawn[1].len();
            notes.push(format!("{shown} of {} points are drawn.", new + old));
        }
        Figure {
            id: "kernel-map".to_owned(),
            title: "Tangent kernel".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes,
        }
    }

    fn at(&self, row: usize, column: usize) -> Option<f64> {
        let size = self.x[0].len() + self.x[1].len();
        self.kernel.get(row * size + column).copied().filter(|entry| entry.is_finite())
    }

    /// Places in the kernel of the drawn points of both tasks, and their x.
    fn points(&self, drawn: &[Vec<usize>; 2]) -> Vec<(usize, f64)> {
        let before = [0, self.x[0].len()];
        let of = |task: usize| drawn[task].iter().map(move |&point| (before[task] + point, self.x[task][point]));
        of(0).chain(of(1)).collect()
    }

    fn heat(&self, drawn: &[Vec<usize>; 2]) -> Heat {
        let points = self.points(drawn);
        let cell = |&(row, y): &(usize, f64), &(column, x): &(usize, f64)| HeatCell {
            at: [x, y],
            median: self.at(row, column),
            band: None,
            seeds: 1,
            diverged: 0,
            chosen: false,
        };
        let cells: Vec<HeatCell> =
            points.iter().flat_map(|row| points.iter().map(move |column| cell(row, column))).collect();
        let known = || cells.iter().filter_map(|cell| cell.median);
        let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
        Heat {
            columns: points.len(),
            planned: 0,
            label: "k(x, x’)".to_owned(),
            name: "k(x, x’)".to_owned(),
            scale: Scale::Linear,
            range: if low <= high { [low, high] } else { [0.0, 0.0] },
            cells,
        }
    }

    /// Both blocks with their names.
    fn axis(&self, label: &str, drawn: &[Vec<usize>; 2]) -> Axis {
        let [new, old] = [drawn[0].len() as f64, drawn[1].len() as f64];
        let mut axis = Axis::plain(label, Scale::Linear, [-0.5, (new + old).max(1.0) - 0.5]);
        // A quarter beside the whole numbers: these name blocks, and no cell.
        let tick = |middle: f64, label: &str| Tick { value: middle - 0.25, label: label.to_owned(), strong: false };
        let blocks = [(new, tick(new / 2.0, "ID")), (old, tick(new + old / 2.0, "old task"))];
        axis.segments[0].ticks = blocks.into_iter().filter(|(points, _)| *points > 0.0).map(|(_, tick)| tick).collect();
        axis
    }

    /// Mean, least and largest entry of a block.
    fn block(&self, [rows, columns]: [usize; 2]) -> Option<[f64; 3]> {
        let range = |task: usize| {
            let before = if task == 0 { 0 } else { self.x[0].len() };
            before..before + self.x[task].len()
        };
        let entries: Vec<f64> =
            range(rows).flat_map(|row| range(columns).filter_map(move |column| self.at(row, column))).collect();
        let mean = entries.iter().sum::<f64>() / entries.len() as f64;
        let (low, high) = entries.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &k| (l.min(k), h.max(k)));
        (!entries.is_empty()).then_some([mean, low, high])
    }

    fn summary(&self) -> String {
        let means = BLOCKS.map(|(_, block)| Some(short(self.block(block)?[0])));
        let [Some(new), Some(across), Some(old)] = means else {
            return "The kernel has not been taken yet.".to_owned();
        };
        format!("The kernel’s mean is {new} within ID, {old} within the old task and {across} between the two.")
    }

    fn table(&self) -> Table {
        let columns = [("block", "block"), ("mean", "mean"), ("least", "least"), ("largest", "largest")];
        let row = |(name, block): (&str, [usize; 2])| {
            let [mean, low, high] = self.block(block).map_or([None; 3], |numbers| numbers.map(Some));
            let mut row = vec![Cell::from(name)];
            row.extend([mean, low, high].map(Cell::from));
            row
        };
        Table { columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(), rows: BLOCKS.map(row).to_vec() }
    }
}

/// At most [`DRAWN`] of the places 0 to `count`, evenly, the first and the last among them.
fn thinned(count: usize) -> Vec<usize> {
    match count {
        0..=DRAWN => (0..count).collect(),
        _ => (0..DRAWN).map(|k| k * (count - 1) / (DRAWN - 1)).collect(),
    }
}
