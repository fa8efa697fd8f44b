//! Prescribed replay, against training.

use lethe::experiments::curriculum::Losses;
use lethe::experiments::{Ending, Event, Goal, Job, JobRun, JobTraces, Results, Way};
use lethe::record::Summary;
use lethe::stats::Quartiles;

use crate::{run, spec};

/// A narrow tanh network, whose kernel has few coordinates: a search takes a tenth of a second.
const SMALL: &str = "#v=1&x=curriculum&w=128&act=tanh&n=64&sg=10";

fn ran(more: &str) -> Results {
    run(&format!("{SMALL}{more}"))
}

fn traces(results: &Results) -> Vec<&JobTraces> {
    results.jobs().map(|(_, traces)| traces).collect()
}

fn branch(way: Way) -> usize {
    Way::ALL.iter().position(|own| *own == way).unwrap()
}

fn predicted(traces: &JobTraces, way: Way) -> Losses {
    traces.spending[branch(way)].plan.as_ref().unwrap().predicted.unwrap()
}

fn prescribed_for(goal: Goal) -> Way {
    Way::ALL.into_iter().find(|way| way.goal() == Some(goal)).unwrap()
}

#[test]
fn what_the_kernel_prescribes_wins_what_it_was_prescribed_for() {
    let results = ran("&s=0..5");
    for job in traces(&results) {
        for goal in Goal::ALL {
            let way = prescribed_for(goal);
            let (own, usual) = (predicted(job, way).of(goal), predicted(job, Way::Uniform).of(goal));
            assert!(own <= usual, "{goal:?}, as predicted: {own} against {usual}");
            let [own, usual] = [way, Way::Uniform].map(|way| job.old_task_by(branch(way), goal).unwrap());
            assert!(own < usual, "{goal:?}: {own} against {usual}");
        }
    }
}

#[test]
fn every_schedule_keeps_its_budget_and_the_prescribed_ones_their_bound() {
    let results = ran("&p=0.03&s=0..3");
    for job in traces(&results) {
        let bound = 1.1 * predicted(job, Way::Uniform).id_end;
        for (way, spending) in Way::ALL.into_iter().zip(&job.spending) {
            let schedule = &spending.plan.as_ref().unwrap().schedule;
            assert_eq!(schedule.segments().len(), 10, "{way:?}");
            let mean = schedule.mean(500);
            assert!(mean <= 0.03 * (1.0 + 1e-9), "{way:?} spends {mean}");
            if way.goal().is_some() {
                assert!(predicted(job, way).id_end <= bound * (1.0 + 1e-3), "{way:?}");
            } else {
                assert!(mean >= 0.03 * (1.0 - 1e-9), "{way:?} spends only {mean}");
            }
        }
    }
}

/// Of every way and goal, how far the prediction is from what training came to, on the worst seed.
fn largest_error(results: &Results) -> f64 {
    let apart = |job: &JobTraces, way: Way, goal: Goal| {
        let did = job.old_task_by(branch(way), goal).unwrap();
        (predicted(job, way).of(goal) - did).abs() / did
    };
    let all = traces(results)
        .into_iter()
        .flat_map(|job| Way::ALL.into_iter().flat_map(move |way| Goal::ALL.map(|goal| (job, way, goal))));
    all.map(|(job, way, goal)| apart(job, way, goal)).fold(0.0, f64::max)
}

#[test]
fn training_along_any_schedule_does_what_was_predicted() {
    let error = largest_error(&ran("&s=0..5"));
    assert!(error < 0.05, "{error} off");
}

#[test]
fn sampled_batches_do_what_was_predicted_of_their_mean() {
    // A batch of 64 with 1 % replay holds an old example in every other step: seeds scatter.
    let results = ran("&opt=sgd&bs=64&p=0.05&s=0..5");
    let goals = Summary::of(&results).goals;
    for goal in goals {
        for way in goal.ways {
            let (said, did) = (way.predicted.unwrap(), way.trained.quartiles.unwrap().median);
            assert!((said - did).abs() < 0.35 * did, "{:?} by {:?}: {said} against {did}", way.way, goal.goal);
        }
    }
}

#[test]
fn the_summary_says_what_the_seeds_say() {
    let results = ran("&s=0..6");
    let summary = Summary::of(&results);
    assert_eq!(summary.cells.iter().map(|cell| cell.way.unwrap()).collect::<Vec<_>>(), Way::ALL);
    assert_eq!(summary.goals.iter().map(|goal| goal.goal).collect::<Vec<_>>(), Goal::ALL);
    for goal in &summary.goals {
        for (k, way) in goal.ways.iter().enumerate() {
            let by = |job: &&JobTraces, branch: usize| job.old_task_by(branch, goal.goal).unwrap();
            let own: Vec<f64> = traces(&results).iter().map(|job| by(job, k)).collect();
            let apart: Vec<f64> = traces(&results).iter().map(|job| by(job, k) - by(job, 0)).collect();
            assert_eq!(way.trained.quartiles, Quartiles::of(&own));
            assert_eq!(way.less_uniform, Quartiles::of(&apart).map(|q| q.median));
            let interval = way.interval.expect("seven seeds give an interval");
            assert!(interval.low <= way.less_uniform.unwrap() && way.less_uniform.unwrap() <= interval.high);
        }
    }
}

#[test]
fn the_worst_is_at_least_the_mean_and_the_checkpoints() {
    let results = ran("&s=0..2");
    for job in traces(&results) {
        for (trace, spending) in job.fine_tuning.iter().zip(&job.spending) {
            let seen = spending.over_time.unwrap();
            let [first, last] = [&trace.points[0], trace.points.last().unwrap()];
            let ends = f64::max(first.measures.old_loss.into(), last.measures.old_loss.into());
            assert!(seen.worst >= seen.average && seen.worst >= ends, "{seen:?}, {ends}");
        }
    }
}

#[test]
fn where_theory_has_no_answer_the_usual_schedules_are_trained_and_the_prescribed_ones_named() {
    // Beyond the edge of stability of the linearised network, which training itself survives.
    let spec = spec("#v=1&x=curriculum&w=64&lr=0.4&n=16&pre=200&ft=40&sg=4&s=0");
    let mut job = JobRun::new(&spec, Job { seed: 0, width: 64 });
    let mut events = Vec::new();
    while !job.is_done() {
        events.extend(job.advance(1e9));
    }
    let endings: Vec<Ending> = events
        .iter()
        .filter_map(|event| match event {
            Event::Ended { branch: Some(_), ending } => Some(*ending),
            _ => None,
        })
        .collect();
    assert_eq!(endings.len(), 7);
    assert_eq!(endings[4..], [Ending::Unplanned; 3]);
    assert!(endings[..4].iter().all(|ending| *ending != Ending::Unplanned), "{endings:?}");
    let unpredicted =
        events.iter().filter(|event| matches!(event, Event::Planned { plan, .. } if plan.predicted.is_none()));
    assert_eq!(unpredicted.count(), 4);
}
