//! What `lethe run` tells and leaves of ways to spend a budget of replay.

use std::path::Path;

use super::cli::Failure;
use super::files;
use crate::experiments::fields::FIELDS;
use crate::experiments::{Experiment, Job, Results, Spec, Way};
use crate::figure::number::{short, signed};
use crate::record::Summary;

/// One table for each thing that schedules are judged by, the best first.
pub fn tell(summary: &Summary) {
    for goal in &summary.goals {
        say!("\nold-task loss {}", goal.goal.when());
        say!("{:<24}{:<32}{:<12}{:<12}less uniform", "", "trained", "predicted", "ID loss");
        let mut ways: Vec<_> = goal.ways.iter().collect();
        ways.sort_by(|a, b| {
            let value =
                |way: &&crate::record::summary::WaySummary| way.trained.quartiles.map_or(f64::INFINITY, |q| q.median);
            value(a).total_cmp(&value(b))
        });
        for way in ways {
            let trained = way.trained.quartiles.map_or_else(
                || "none".to_owned(),
                |q| format!("{} ({} to {})", short(q.median), short(q.q25), short(q.q75)),
            );
            let cell = summary.cells.iter().find(|cell| cell.way == Some(way.way));
            let id_loss = cell.and_then(|cell| cell.id_loss.quartiles).map(|q| q.median);
            let number = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), short);
            let interval = match way.interval {
                Some(interval) => format!(" ({} to {})", signed(interval.low), signed(interval.high)),
                None => ", no interval".to_owned(),
            };
            let apart = way.less_uniform.map_or_else(String::new, |apart| format!("{}{interval}", signed(apart)));
            say!(
                "{:<24}{trained:<32}{:<12}{:<12}{}",
                way.way.name(),
                number(way.predicted),
                number(id_loss),
                if way.way == Way::Uniform { "" } else { &apart }
            );
        }
    }
}

/// One file of settings for each goal, with the schedule prescribed for the first seed that has one: other commands
/// and the page read them.
///
/// # Errors
/// A file that cannot be written.
pub fn leave(folder: &Path, results: &Results) -> Result<(), Failure> {
    let spec = &results.spec;
    for (branch, way) in spec.branches().iter().enumerate().filter_map(|(k, branch)| Some((k, branch.way()?))) {
        let Some(goal) = way.goal() else { continue };
        let planned = |&seed: &u32| {
            let traces = results.job(Job { seed, width: spec.widths[0] })?;
            Some((seed, traces.spending.get(branch)?.plan.as_ref()?.schedule.segments().to_vec()))
        };
        let Some((seed, schedule)) = spec.seeds.iter().find_map(planned) else { continue };
        let plain = Spec::defaults(Experiment::default());
        let scheduled = Spec {
            experiment: plain.experiment,
            replay: plain.replay.clone(),
            schedule,
            seeds: vec![seed],
            segments: plain.segments,
            id_slack: plain.id_slack,
            ..Spec::clone(spec)
        };
        let mut text = format!(
            "# Replay prescribed by the kernel of seed {seed} for the old task's loss {}.\nexperiment = \"{}\"\n",
            goal.when(),
            plain.experiment.name()
        );
        for field in FIELDS {
            let value = (field.show)(&scheduled);
            if value != (field.show)(&plain) {
                text.push_str(&format!("{} = \"{value}\"\n", field.name));
            }
        }
        files::write(&folder.join(format!("schedule-{}.toml", goal.word())), text.as_bytes())?;
    }
    Ok(())
}
