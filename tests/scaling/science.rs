//! What must hold of forgetting, whatever the numbers are.

use lethe::experiments::scaling::{Ability, Checkpoint, Results, Trace};

use crate::{results, spec};

fn ends(results: &Results, cell: usize) -> Vec<Checkpoint> {
    results.of_cell(cell).map(|(_, trace): (u32, &Trace)| trace.last().expect("a complete run").clone()).collect()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

/// The default run's settings at one rank: learned by ten standard deviations of seeds, and KL above 0.05 nats.
#[test]
fn the_default_run_learns_and_forgets() {
    let results = results(&spec(|spec| spec.ranks = vec![8]));
    let ends = ends(&results, 0);
    let start = f64::from(results.of_cell(0).next().expect("a run").1.points[0].losses.fine_tuning);
    let losses = || ends.iter().map(|point| f64::from(point.losses.fine_tuning));
    let (end, count) = (mean(losses()), ends.len() as f64);
    let deviation = (losses().map(|loss| (loss - end) * (loss - end)).sum::<f64>() / (count - 1.0)).sqrt();
    assert!(start - end >= 10.0 * deviation, "{start} to {end}, deviation {deviation}");
    assert!(ends.iter().all(|point| point.losses.kl > 0.05), "{ends:?}");
}

#[test]
fn replay_keeps_what_it_replays() {
    let results = results(&spec(|spec| {
        (spec.ranks, spec.seeds, spec.steps) = (vec![8], vec![0, 1], 60);
        (spec.learning_rate, spec.replay) = (0.003, vec![0.0, 0.5]);
    }));
    let kl = |cell| mean(ends(&results, cell).iter().map(|point| f64::from(point.losses.kl)));
    let learned = |cell| mean(ends(&results, cell).iter().map(|point| f64::from(point.losses.fine_tuning)));
    assert!(kl(1) < 0.5 * kl(0), "KL {} with replay, {} without", kl(1), kl(0));
    assert!(learned(1) > learned(0), "what replay gets, the new task lacks");
}

#[test]
fn news_replace_what_was_known() {
    let results = results(&spec(|spec| {
        spec.fine_tuning = lethe::data::language::FineTuning::News;
        (spec.ranks, spec.seeds, spec.steps, spec.learning_rate) = (vec![8], vec![0], 300, 0.003);
    }));
    let trace = results.of_cell(0).next().expect("a run").1;
    let share = |point: &Checkpoint, ability| point.abilities.as_ref().expect("tested").share(ability).fraction();
    let (start, end) = (&trace.points[0], trace.last().expect("complete"));
    assert!(share(end, Ability::Changed) > share(start, Ability::Changed) + 0.3);
    assert!(share(end, Ability::Outdated) < share(start, Ability::Outdated) - 0.3);
    assert!(share(end, Ability::Newcomers) > share(start, Ability::Newcomers) + 0.3);
    assert!(share(end, Ability::Kept) < share(start, Ability::Kept), "and what they do not change is forgotten, too");
}
