//! A run of the experiment `laws` in words and a table.

use std::path::Path;

use crate::experiments::scaling::{Ability, Results};
use crate::figure::number::{percent, significant};
use crate::record::scaling::{Record, Spread};
use crate::report::scaling::Report;

/// Tells a finished run, warnings last and on standard error.
pub fn tell(results: &Results, report: &Report, record: &Record, folder: Option<&Path>) {
    say!("{}\n{}\n", report.headline, report.more);
    let show = |spread: &Spread| match &spread.quartiles {
        Some(q) => format!("{} ({} to {})", significant(q.median, 3), significant(q.q25, 3), significant(q.q75, 3)),
        None => "all diverged".to_owned(),
    };
    say!(
        "{:<28}{:>10}  {:<24}{:<24}{:<8}{:<9}{:<8}harmful refused",
        "",
        "parameters",
        "L_ft",
        "L_f",
        "KL",
        "facts",
        "composed"
    );
    for (cell, own) in record.summary.cells.iter().zip(results.cells()) {
        let ability = |ability: Ability| cell.abilities.get(ability.name()).map_or_else(String::new, |s| percent(*s));
        let kl = cell.kl.quartiles.as_ref().map_or_else(String::new, |q| significant(q.median, 2));
        say!(
            "{:<28}{:>10}  {:<24}{:<24}{kl:<8}{:<9}{:<8}{}",
            own.label(&results.spec),
            cell.parameters,
            show(&cell.fine_tuning_loss),
            show(&cell.forgetting),
            ability(Ability::Kept),
            ability(Ability::Composed),
            ability(Ability::RefusedHarmful),
        );
    }
    say!("");
    report.statements.iter().for_each(|statement| say!("{}", statement.text));
    say!("\nrun {}  {}  {:.1} s", record.run_id, record.fingerprint, record.timing.seconds);
    say!("{}", record.link);
    match folder {
        Some(folder) => say!("record, series and figures are in {}", folder.display()),
        None => say!("--out DIR keeps the record and the figures"),
    }
    report.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
}
