//! A run in words and a table.

use std::path::Path;

use super::replay;
use crate::native::laws::told::short;
use crate::record::associations::Record;
use crate::report::associations::Report;

/// Tells a finished run, warnings last and on standard error.
pub fn tell(record: &Record, report: &Report, folder: Option<&Path>) {
    say!("{}\n{}\n", report.headline, record.units);
    say!("{:<28}{:<24}answers lost", "task", "mean rise");
    for row in &record.tasks {
        let listed = |values: Vec<String>| values.join(", ");
        let rise = |rise: &Option<f64>| rise.map_or_else(|| "diverged".to_owned(), short);
        let lost = |lost: &Option<usize>| lost.map_or_else(String::new, |count| count.to_string());
        let (rises, losts) = (row.mean_rise.iter().map(rise), row.forgotten.iter().map(lost));
        say!("{:<28}{:<24}{}", row.task.name, listed(rises.collect()), listed(losts.collect()));
    }
    if let Some(found) = &record.findings.replay {
        replay::tell(found, record.spec.seeds.len());
    }
    say!("");
    report.statements.iter().for_each(|statement| say!("{}", statement.text));
    say!("\nrun {}  {}  {:.1} s", record.run_id, record.fingerprint, record.timing.seconds);
    say!("{}", record.link);
    match folder {
        Some(folder) => say!("matrices, properties, record and figures are in {}", folder.display()),
        None => say!("--out DIR keeps the matrices and the figures, and goes on where it was stopped"),
    }
    report.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
}
