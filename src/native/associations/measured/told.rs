//! A run in words and tables.

use std::path::Path;

use super::replay;
use crate::associations::{Ceiling, Reconstruction};
use crate::experiments::associations::Agreement;
use crate::native::laws::told::short;
use crate::record::associations::Record;

/// Tells a finished run.
pub fn tell(record: &Record, folder: Option<&Path>) {
    let (tasks, examples) = (&record.tasks, &record.examples);
    say!("{} tasks x {} examples, {} seeds; {}\n", tasks.len(), examples.len(), record.spec.seeds.len(), record.units);
    say!("{:<28}{:<24}answers lost", "task", "mean rise");
    for row in tasks {
        let listed = |values: Vec<String>| values.join(", ");
        let rise = |rise: &Option<f64>| rise.map_or_else(|| "diverged".to_owned(), short);
        let lost = |lost: &Option<usize>| lost.map_or_else(String::new, |count| count.to_string());
        let (rises, losts) = (row.mean_rise.iter().map(rise), row.forgotten.iter().map(lost));
        say!("{:<28}{:<24}{}", row.task.name, listed(rises.collect()), listed(losts.collect()));
    }
    let findings = &record.findings;
    say!("\nmean over seeds");
    explained(findings.reconstruction.as_ref(), findings.ceiling.as_ref());
    if let Some(binary) = &findings.binary {
        let percent = 100.0 * binary.forgotten;
        say!("\nof {} answers that the base gets right {percent:.1} % are lost; the first seed", binary.columns);
        explained(binary.reconstruction.as_ref(), binary.ceiling.as_ref());
    }
    say!("\n{:<28}{:<12}{:<12}within tasks", "correlation with the rise", "Pearson", "Spearman");
    for (name, agreement) in [("predicted before any step", &findings.prediction), ("likeness", &findings.similarity)] {
        if let Some(Agreement { pearson, spearman, within_rows }) = agreement {
            let show = |value: Option<f64>| value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.3}"));
            let [pearson, spearman] = [pearson, spearman].map(|found| show(found.map(|found| found.coefficient)));
            say!("{name:<28}{pearson:<12}{spearman:<12}{}", show(*within_rows));
        }
    }
    if !findings.meanings.is_empty() {
        say!("\nwhat the leading factors go with, as shares of their variance");
        for meaning in &findings.meanings {
            say!("factor {} of {:<10}{:<12}{:.3}", meaning.factor, meaning.of, meaning.property, meaning.r2);
        }
    }
    if let Some(kinds) = &findings.kinds {
        let (shared, p) = (100.0 * kinds.shared_within, kinds.p_value);
        say!("\nkinds of examples share {shared:.1} % of what tasks and examples alone leave (p {p:.3})");
    }
    if let Some(found) = &findings.replay {
        replay::tell(found, record.spec.seeds.len());
    }
    say!("\nrun {}  {:.1} s", record.run_id, record.timing.seconds);
    say!("{}", record.link);
    match folder {
        Some(folder) => say!("matrices, properties and record are in {}", folder.display()),
        None => say!("--out DIR keeps the matrices, and goes on where it was stopped"),
    }
}

fn explained(reconstruction: Option<&Reconstruction>, ceiling: Option<&Ceiling>) {
    let Some(Reconstruction { rows, columns, additive, ranks }) = reconstruction else {
        say!("all entries are equal: there is no variance to explain");
        return;
    };
    say!("R2: tasks alone {rows:.4}, examples alone {columns:.4}, both {additive:.4}");
    let ranks: Vec<String> = ranks.iter().map(|rank| format!("rank {} {:.4}", rank.rank, rank.r2)).collect();
    say!("    {}", ranks.join(", "));
    match ceiling {
        Some(ceiling) => say!(
            "    ceiling {:.4} on one seed, {:.4} on the mean of {}; noise {}",
            ceiling.reliability,
            ceiling.of_mean,
            ceiling.seeds,
            short(ceiling.noise)
        ),
        None => say!("    no ceiling: it takes two seeds"),
    }
}
