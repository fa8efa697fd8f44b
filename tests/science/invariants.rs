//! What must hold whatever is learned.

use crate::{medians, run, spec};
use lethe::experiments::{Ending, Job, JobRun};
use lethe::record::fingerprint::Taken;
use lethe::record::{Fingerprint, Record, Summary, Timing};

/// A linear network on clouds without spread learns both labels to the last bits in pre-training.
const LEARNED: &str = "#v=1&x=dynamics&act=linear&sd=0&lr=0.01&pre=4000&s=0..3";

#[test]
fn nothing_moves_when_only_what_was_learned_is_replayed() {
    for (_, traces) in run(&format!("{LEARNED}&p=1")).jobs() {
        let last = traces.fine_tuning[0].last().unwrap().measures;
        assert!(last.distance < 1e-4, "moved by {}", last.distance);
    }
}

#[test]
fn forgetting_is_zero_when_both_labels_stay_and_were_learned() {
    let moved = medians(&run(LEARNED))[0];
    let stayed = medians(&run(&format!("{LEARNED}&y1=0")))[0];
    assert!(moved > 1e-4, "the moved label forgets {moved}");
    assert!(stayed.abs() < 1e-9, "the label that stays forgets {stayed}");
}

#[test]
fn what_pre_training_left_unlearned_is_forgotten_even_when_both_labels_stay() {
    // 2,000 steps leave a residue; going on with X1 alone trades X2 for it.
    let moved = medians(&run("#v=1&x=dynamics"))[0];
    let stayed = medians(&run("#v=1&x=dynamics&y1=0"))[0];
    assert!(0.1 * moved < stayed && stayed < 0.5 * moved, "{stayed} against {moved}");
}

#[test]
fn slicing_a_run_changes_nothing() {
    let spec = spec("#v=1&x=replay&opt=sgd&bs=16&pre=60&ft=50&p=0,0.1&s=3&stop=0.004");
    let job = Job { seed: 3, width: 64 };
    let events = |slice: f64| {
        let mut run = JobRun::new(&spec, job);
        let mut all = Vec::new();
        while !run.is_done() {
            all.extend(run.advance(slice));
        }
        all
    };
    let whole = events(1e12);
    assert!(whole.len() > 20);
    assert_eq!(whole, events(1.0));
    assert_eq!(whole, events(5000.0));
}

#[test]
fn a_seeds_result_does_not_depend_on_what_else_is_swept() {
    let alone = run("#v=1&x=dynamics&w=8&pre=50&ft=50&s=5");
    let among = run("#v=1&x=replay&w=4,8&pre=50&ft=50&p=0.1,0&s=2..6");
    let job = Job { seed: 5, width: 8 };
    let (alone, among) = (alone.job(job).unwrap(), among.job(job).unwrap());
    assert_eq!(alone.pretraining, among.pretraining);
    assert_eq!(alone.fine_tuning[0], among.fine_tuning[1]);
}

#[test]
fn divergence_has_a_step_and_is_left_out_of_every_average() {
    let results = run("#v=1&x=width&w=4,1024&lr=0.2&pre=100&ft=50&s=0..3");
    let summary = Summary::of(&results);
    let wide = &summary.cells[1];
    assert_eq!((wide.forgetting.n, wide.forgetting.diverged, wide.forgetting.quartiles), (0, 4, None));
    assert!(wide.divergences.iter().all(|&(_, in_pretraining, step)| in_pretraining && step > 0));
    for (job, traces) in results.jobs() {
        let ending = traces.pretraining.ending;
        assert_eq!(matches!(ending, Some(Ending::Diverged(_))), job.width == 1024, "{job:?}: {ending:?}");
        let finite = |trace: &lethe::experiments::Trace| {
            trace.points.iter().all(|point| point.measures.values().iter().all(|v| v.is_finite()))
        };
        assert!(finite(&traces.pretraining) && traces.fine_tuning.iter().all(finite));
    }
}

#[test]
fn the_stop_rule_ends_fine_tuning_at_the_loss_asked_for() {
    let results = run("#v=1&x=dynamics&stop=0.002&s=0..3");
    for (job, traces) in results.jobs() {
        let trace = &traces.fine_tuning[0];
        let Some(Ending::Stopped(step)) = trace.ending else { panic!("{job:?} did not stop: {:?}", trace.ending) };
        let last = trace.last().unwrap();
        assert_eq!(last.step, step);
        // The rule watches the training examples; the test loss beside it is near.
        assert!(last.measures.id_loss < 0.004, "{}", last.measures.id_loss);
        assert_eq!(trace.at(500), Some(last), "a stopped network keeps its last values");
    }
}

#[test]
fn a_record_says_everything_again_after_being_written_and_read() {
    let results = run("#v=1&x=width&w=4,8&pre=40&ft=30&s=0..2");
    let record = Record::of(&results, "test", Timing { seconds: 1.5, workers: 1 });
    let json = serde_json::to_string(&record).unwrap();
    let (read, spec) = Record::read(&json, &lethe::experiments::limits::Limits::NATIVE).unwrap();
    assert_eq!(read, record);
    assert_eq!(spec, results.spec);
    assert_eq!(read.agreement(&record), lethe::record::Agreement::Exact);
    let written = Fingerprint::of(&results);
    assert_eq!(Fingerprint::parse(&written.to_string()), Some(written));
}

fn small_record() -> Record {
    Record::of(&run("#v=1&x=dynamics&w=4&pre=20&ft=20&s=0..2"), "test", Timing { seconds: 0.0, workers: 1 })
}

#[test]
fn a_changed_series_is_found_with_its_seed_and_step_whatever_the_summary_says() {
    let record = small_record();
    let mut forged = record.clone();
    forged.series[1].fine_tuning[0].ood_loss[3] += 1.0;
    let sentence = forged.agreement(&record).sentence();
    assert!(sentence.starts_with("differs, from seed 1, width 4, p = 0, fine-tuning step 3"), "{sentence}");
    let mut scaled = record.clone();
    scaled.series.iter_mut().for_each(|series| series.pretraining.id_loss.iter_mut().for_each(|loss| *loss *= 100.0));
    let sentence = scaled.agreement(&record).sentence();
    assert!(sentence.contains("seed 0") && sentence.contains("3 of 3 series"), "{sentence}");
}

#[test]
fn a_difference_in_the_last_digits_is_within_tolerance_and_not_exact() {
    let record = small_record();
    let mut close = record.clone();
    close.series[0].pretraining.id_loss[2] *= 1.0005;
    assert!(matches!(close.agreement(&record), lethe::record::Agreement::Within(d) if d > 0.0 && d < 1e-3));
}

#[test]
fn a_forged_summary_over_true_series_is_found() {
    let record = small_record();
    let mut forged = record.clone();
    forged.summary.cells[0].forgetting.quartiles.as_mut().unwrap().median = -5.0;
    assert!(forged.agreement(&record).sentence().starts_with("differs, from the summary"));
    let mut emptied = record.clone();
    emptied.functions.clear();
    assert!(emptied.agreement(&record).sentence().starts_with("differs, from the functions"));
}

#[test]
fn divergence_on_what_is_measured_is_found_at_the_last_step_too() {
    // X2 has no weight in fine-tuning, and the second step is the last: training itself sees nothing.
    let results = run("#v=1&x=dynamics&pre=0&ft=2&lr=100&w=512&par=meanfield&g0=1000&s=0..3");
    for (job, traces) in results.jobs() {
        assert!(matches!(traces.fine_tuning[0].ending, Some(Ending::Diverged(_))), "{job:?}");
    }
    let fingerprint = Fingerprint::of(&results);
    assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint.clone()));
    let record = Record::of(&results, "test", Timing { seconds: 0.0, workers: 1 });
    let json = serde_json::to_string(&record).unwrap();
    assert!(serde_json::from_str::<Record>(&json).is_ok(), "its own record can be read");
    // A run without medians agrees with nothing but its own hash.
    let other = Fingerprint { hash: "00000000".to_owned(), ..fingerprint };
    let verdict = lethe::record::verdict::against_fingerprint(&results, &Taken::of(&results), &other);
    assert!(matches!(verdict, lethe::record::Agreement::Differs { .. }));
}

#[test]
fn few_seeds_decide_nothing() {
    let summary = Summary::of(&run("#v=1&x=width&s=0,1&pre=200&ft=100"));
    let slope = &summary.comparisons[0].equal_steps.slope;
    assert_eq!((slope.interval, slope.verdict), (None, lethe::stats::Verdict::Undecided));
    assert!(slope.per_doubling.is_some());
}
