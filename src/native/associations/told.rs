//! A comparison of methods in words and tables.

use super::complete::Found;
use crate::associations::{Ceiling, Reconstruction, Spread, list_of_rows};
use crate::native::laws::told::short;

/// Tells all that was found.
pub fn tell(found: &Found<'_>) {
    let matrix = found.matrix;
    say!(
        "{} tasks x {} examples, {} entries missing; rows {} learned from, rows {} predicted",
        matrix.rows(),
        matrix.columns(),
        matrix.missing(),
        list_of_rows(&found.split.training),
        list_of_rows(&found.split.test)
    );
    say!("{} columns drawn of each, {} seeds; mean and standard deviation over seeds\n", found.observed, found.seeds);
    let with_sd = |spread: &Spread| format!("{} ({})", short(spread.mean), short(spread.sd));
    let is_binary = found.methods.iter().any(|method| method.binary.is_some());
    let heads = if is_binary { "  F1                  precision           recall              AUC" } else { "" };
    say!("{}", format!("{:<24}{:<20}{heads}", "method", "RMSE").trim_end());
    for method in &found.methods {
        let mut line = format!("{:<24}{:<20}", method.name, with_sd(&method.rmse));
        if let Some(binary) = &method.binary {
            for spread in [Some(&binary.f1), Some(&binary.precision), Some(&binary.recall), binary.auc.as_ref()] {
                line.push_str(&format!("  {:<18}", spread.map_or_else(|| "undefined".to_owned(), with_sd)));
            }
        }
        say!("{}", line.trim_end());
    }
    reconstruction(found.reconstruction.as_ref());
    if !found.f1.is_empty() {
        let ranks = found.f1.iter().enumerate().map(|(place, f1)| format!("rank {} {f1:.4}", place + 1));
        say!("F1 of logistic factorisations: {}", ranks.collect::<Vec<String>>().join(", "));
    }
}

/// Tells how much of a matrix simple models hold; `None` where all entries are equal.
pub fn reconstruction(found: Option<&Reconstruction>) {
    let Some(found) = found else {
        say!("\nall entries are equal: there is no variance to explain");
        return;
    };
    say!("\nR2 of the whole matrix by few parameters (a fit, no prediction)");
    say!("tasks alone {:.4}, examples alone {:.4}, both {:.4}", found.rows, found.columns, found.additive);
    let ranks = found.ranks.iter().map(|rank| format!("rank {} {:.4}", rank.rank, rank.r2));
    say!("{}", ranks.collect::<Vec<String>>().join(", "));
}

/// Tells how much of several seeds' matrices is more than noise; `None` of one seed, or where no entry is shared.
pub fn ceiling(found: Option<&Ceiling>) {
    match found {
        Some(ceiling) => say!(
            "noise ceiling: no prediction should exceed R2 {:.4} on one seed, {:.4} on the mean of {}; noise {} an entry",
            ceiling.reliability,
            ceiling.of_mean,
            ceiling.seeds,
            short(ceiling.noise)
        ),
        None => say!("no noise ceiling: that takes the matrices of two or more seeds"),
    }
}
