//! Worlds beyond the poster's, as `docs/log.md` says.

use crate::{run, spec};
use lethe::data::World;
use lethe::experiments::limits::Limits;
use lethe::experiments::{Experiment, Spec};
use lethe::record::{Fingerprint, Link, Record, Summary, Timing};

#[test]
fn every_experiment_runs_in_every_world() {
    for world in World::all() {
        for experiment in Experiment::all() {
            let mut small = Spec::defaults(experiment);
            small.world = world;
            small.widths.truncate(2);
            small.widths.iter_mut().for_each(|width| *width = (*width).min(8));
            small.widths.dedup();
            (small.seeds, small.samples) = (vec![0, 1], 12);
            (small.pretraining_steps, small.fine_tuning_steps) = (20, 24);
            if experiment.prescribes() {
                (small.tasks, small.segments) = (if world.is_sequence { 2 } else { small.tasks }, 3);
            }
            if experiment.mitigates() {
                small.mitigations.retain(|of| of.strength < 10.0);
            }
            let checked = small
                .check(&Limits::NATIVE)
                .unwrap_or_else(|problems| panic!("{} in {}: {problems}", experiment.name(), world.name));
            let link = Link::write(&checked, None, None, &[]);
            let results = run(&link);
            assert!(results.is_complete(), "{link}");
            let record = Record::of(&results, "", Timing { seconds: 1.0, workers: 1 });
            let (read, same) = Record::read(&serde_json::to_string(&record).unwrap(), &Limits::NATIVE).unwrap();
            assert_eq!((&read.fingerprint, same), (&record.fingerprint, checked), "{link}");
            assert!(Summary::of(&results).cells.iter().all(|cell| cell.forgetting.n == 2), "{link}");
            assert_eq!(Fingerprint::of(&run(&link)), Fingerprint::of(&results), "{link}");
        }
    }
}

#[test]
fn one_gradual_task_or_all_of_a_partial_shift_is_the_posters_run() {
    let plain = Summary::of(&run("v=1&w=16&s=0..3&n=64"));
    for link in ["v=1&wo=gradual&nt=2&w=16&s=0..3&n=64", "v=1&wo=partial&part=1&w=16&s=0..3&n=64"] {
        assert_eq!(Summary::of(&run(link)).cells, plain.cells, "{link}");
    }
}

#[test]
fn rotated_tasks_are_forgotten_and_replay_keeps_them() {
    let summary = Summary::of(&run("v=1&x=replay&wo=rotated&p=0,0.1&s=0..7&lr=0.05"));
    let [without, with] = [0, 1].map(|k| &summary.sequences[k]);
    assert_eq!(without.matrix.len(), 4);
    let median = |of: &lethe::record::summary::SequenceSummary| of.average_forgetting.quartiles.unwrap().median;
    assert!(without.average_forgetting_interval.unwrap().low > 0.0);
    assert!(median(with) < 0.5 * median(without), "{} with replay, {} without", median(with), median(without));
    // Backward transfer is the other side of forgetting here: nothing gets better later.
    assert!(without.backward_transfer_interval.unwrap().high < 0.0);
}

#[test]
fn settings_that_a_world_has_no_use_for_are_refused() {
    for (link, named) in [
        ("v=1&sim=0.2", "similarity"),
        ("v=1&wo=teacher&sd=0.5", "spread"),
        ("v=1&wo=rotated&y1=0.5", "new_label"),
        ("v=1&wo=rotated&din=1", "inputs"),
        ("v=1&wo=gradual&stop=0.1", "stop_loss"),
        ("v=1&wo=permuted&x=curriculum", "tasks"),
        ("v=1&mit=ewc@1", "mitigations"),
        ("v=1&x=mitigations&mit=freeze@3", "freeze"),
        ("v=1&x=mitigations&mit=ewc@-1", "mit"),
    ] {
        let problems = Link::read_strictly(link, &Limits::NATIVE).unwrap_err();
        assert!(problems.0.iter().any(|problem| problem.field == named), "{link}: {problems}");
    }
    assert_eq!(spec("v=1&wo=permuted").input_count(), 16);
}
