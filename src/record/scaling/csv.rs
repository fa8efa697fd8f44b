//! All checkpoints as tidy CSV, with the columns that `lethe laws fit` reads.

use core::fmt::Write as _;

use super::run_id;
use crate::experiments::scaling::{Ability, Ending, Results, Trace};

/// One row per run and checkpoint. A header names the columns; numbers are in shortest round-trip form; abilities are
/// shares, empty where they were not tested. Runs that diverged are left out, as they are left out of fits. Step 0, at which nothing is tuned yet, is among the rows.
pub fn tidy(results: &Results) -> String {
    let mut text =
        "run,family,base,rank,seed,replay,parameters,model_parameters,steps,tokens,fine_tuning_loss,forgetting,kl,\
                    nll_rise,top1_agreement,repetition"
            .to_owned();
    Ability::ALL.iter().for_each(|ability| text.push_str(&format!(",{}", ability.name())));
    text.push('\n');
    let spec = &results.spec;
    let name = run_id(spec);
    let well = |trace: &Trace| !matches!(trace.ending, Some(Ending::Diverged(_)));
    for (job, trace) in results.traces().filter(|(_, trace)| well(trace)) {
        let cell = results.cells()[job.cell as usize];
        let rank = cell.family.rank().map(|rank| rank.to_string()).unwrap_or_default();
        let (family, base, replay) = (cell.family.kind(), cell.size.name(), cell.replay);
        let (parameters, size) = (cell.parameters(spec), cell.model_parameters());
        for point in &trace.points {
            let tokens = cell.new_tokens(spec, point.step);
            let _ = write!(
                text,
                "{name} {} {base} p{replay} seed {},{family},{base},{rank},{},{replay},{parameters},{size},{},{tokens}",
                cell.family.name(),
                job.seed,
                job.seed,
                point.step,
            );
            point.losses.values().iter().for_each(|value| text.push_str(&format!(",{value}")));
            match &point.abilities {
                Some(abilities) => {
                    let _ = write!(text, ",{}", abilities.repetition);
                    for ability in Ability::ALL {
                        let _ = write!(text, ",{}", abilities.share(ability).fraction());
                    }
                }
                None => text.push_str(&",".repeat(Ability::ALL.len() + 1)),
            }
            text.push('\n');
        }
    }
    text
}
