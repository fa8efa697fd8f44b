//! Everything measured as tidy CSV.

use super::{Record, kept_windows, measured};
use crate::figure::{Cell, Column, Table};

const COLUMNS: [&str; 14] = [
    "run",
    "step",
    "new_examples",
    "new_tokens",
    "replayed_examples",
    "replayed_tokens",
    "measure",
    "of",
    "value",
    "low",
    "high",
    "base",
    "base_low",
    "base_high",
];

/// One row for each checkpoint and measure: the tuned model's value with its interval at 95 %, then the base's. What was
/// not measured is empty; numbers are in full.
pub fn tidy(record: &Record) -> String {
    let columns = COLUMNS.map(|name| Column::new(name, name)).to_vec();
    let start = kept_windows(&record.points);
    let mut rows = Vec::new();
    for point in &record.points {
        for found in measured(point, start) {
            let read = [point.new.examples, point.new.tokens, point.replayed.examples, point.replayed.tokens];
            let estimates = [Some(found.tuned), found.base].into_iter().flat_map(|estimate| {
                let interval = estimate.and_then(|estimate| estimate.interval);
                [estimate.map(|estimate| estimate.value), interval.map(|i| i[0]), interval.map(|i| i[1])]
            });
            let mut row = vec![Cell::from(record.run_id.as_str()), Cell::from(f64::from(point.step))];
            row.extend(read.map(|count| Cell::from(count as f64)));
            row.extend([Cell::from(found.measure.name()), Cell::from(found.of.as_str())]);
            row.extend(estimates.map(Cell::from));
            rows.push(row);
        }
    }
    Table { columns, rows }.to_csv()
}
