//! What a run gathers depends on its spec alone.

use lethe::experiments::job::jobs;
use lethe::experiments::{Job, Results, Spec};
use lethe::web::pool::Phase;
use lethe::web::protocol::{Berth, Code, Fault, Packed, Report, ToPage, ToWorker};
use lethe::web::worker::Queue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Stage, by_itself, small};

fn died() -> Fault {
    Fault::new(Code::Died, "ended by the test")
}

fn start(token: u32, spec: Spec, job: Job) -> ToWorker {
    ToWorker::Start { spec: Box::new(spec), jobs: Packed::new(&[Berth { token, job, state: None }][..]).unwrap() }
}

fn code(phase: &Phase) -> Option<Code> {
    if let Phase::Stopped(fault) = phase { Some(fault.code) } else { None }
}

#[wasm_bindgen_test]
fn results_do_not_depend_on_workers_or_their_order() {
    let spec = small(5);
    let expected = by_itself(&spec);
    for (most, lot) in [(1, 1), (2, 2), (3, 3), (7, 4), (40, 5)] {
        let mut stage = Stage::new(most, lot);
        stage.pool.start(Results::new(spec.clone()), false);
        stage.settle();
        assert_eq!(stage.phase(), Phase::Finished);
        assert_eq!(stage.pool.results(), Some(&expected), "{most} workers");
        assert!(stage.pool.status().workers <= most.min(jobs(&spec).len()));
    }
}

#[wasm_bindgen_test]
fn results_do_not_depend_on_pauses_and_steps() {
    let spec = small(4);
    let expected = by_itself(&spec);
    for lot in 0..8 {
        let mut stage = Stage::new(3, lot);
        stage.pool.start(Results::new(spec.clone()), lot % 2 == 0);
        while stage.phase() != Phase::Finished {
            match stage.lot(6) {
                0 => stage.pool.pause(),
                1 => stage.pool.step(),
                _ => stage.pool.resume(),
            }
            for _ in 0..stage.lot(40) {
                stage.turn();
            }
        }
        assert_eq!(stage.pool.results(), Some(&expected), "lot {lot}");
    }
}

#[wasm_bindgen_test]
fn a_step_takes_every_worker_to_its_next_checkpoint() {
    let mut stage = Stage::new(3, 1);
    stage.pool.start(Results::new(small(4)), true);
    stage.settle();
    let points = |stage: &Stage| -> Vec<usize> {
        stage.pool.results().unwrap().jobs().map(|(_, traces)| traces.pretraining.points.len()).collect()
    };
    assert_eq!(points(&stage), [0; 0], "a paused run has begun by itself");
    for steps in 1..6 {
        stage.pool.step();
        stage.settle();
        assert_eq!(points(&stage), [steps; 3]);
        assert_eq!(stage.phase(), Phase::Paused);
    }
}

#[wasm_bindgen_test]
fn a_pause_ends_what_is_asked() {
    let mut stage = Stage::new(2, 9);
    stage.pool.start(Results::new(small(4)), false);
    while stage.pool.status().seeds_done == 0 {
        stage.turn();
    }
    stage.pool.pause();
    stage.settle();
    assert_eq!(stage.phase(), Phase::Paused);
    let asked = stage.told.len();
    stage.pool.tick();
    stage.settle();
    assert_eq!(stage.told.len(), asked);
    stage.pool.resume();
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&by_itself(&small(4))));
}

#[wasm_bindgen_test]
fn a_worker_that_dies_takes_nothing_finished_with_it() {
    let spec = small(5);
    let expected = by_itself(&spec);
    for lot in 0..8 {
        let mut stage = Stage::new(3, lot);
        stage.pool.start(Results::new(spec.clone()), false);
        let moment = 20 + stage.lot(300);
        for _ in 0..moment {
            stage.turn();
        }
        let complete = stage.pool.status().seeds_done;
        let victim = stage.workers()[0];
        stage.kill(victim, died());
        assert_eq!(code(&stage.phase()), Some(Code::Died));
        stage.settle();
        assert!(stage.pool.status().seeds_done >= complete);
        assert_ne!(stage.phase(), Phase::Finished, "a stopped run waits for its reader");
        stage.pool.retry();
        stage.settle();
        assert_eq!(stage.phase(), Phase::Finished);
        assert_eq!(stage.pool.results(), Some(&expected), "lot {lot}");
    }
}

#[wasm_bindgen_test]
fn a_new_run_hears_nothing_of_the_old_one() {
    let (old, new) = (small(5), small(3));
    let expected = by_itself(&new);
    for lot in 0..8 {
        let mut stage = Stage::new(2, lot);
        stage.pool.start(Results::new(old.clone()), false);
        for _ in 0..50 + stage.lot(100) {
            stage.turn();
        }
        stage.pool.start(Results::new(new.clone()), false);
        stage.settle();
        assert_eq!(stage.pool.results(), Some(&expected), "lot {lot}");
    }
}

#[wasm_bindgen_test]
fn a_cancelled_run_keeps_complete_jobs_only() {
    let mut stage = Stage::new(2, 3);
    stage.pool.start(Results::new(small(5)), false);
    while stage.pool.status().seeds_done < 2 {
        stage.turn();
    }
    stage.pool.cancel();
    assert_eq!(stage.phase(), Phase::Idle);
    let kept = stage.pool.results().unwrap().clone();
    assert!(kept.complete_seeds() >= 2);
    assert!(kept.jobs().all(|(_, traces)| traces.is_complete()));
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&kept), "a cancelled run went on");
}

#[wasm_bindgen_test]
fn more_seeds_give_what_they_would_have_given_at_once() {
    let mut stage = Stage::new(2, 6);
    stage.pool.start(Results::new(small(2)), false);
    stage.settle();
    let first = stage.pool.results().unwrap().clone();
    stage.told.clear();
    stage.pool.start(first.with_seeds_of(small(5)), false);
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&by_itself(&small(5))));
    let berths = |message: &ToWorker| match message {
        ToWorker::Start { jobs, .. } => jobs.unpack::<Vec<Berth>>().unwrap().len(),
        _ => 0,
    };
    let begun: usize = stage.told.iter().map(berths).sum();
    assert_eq!(begun, 6, "three more seeds at two widths");
}

#[wasm_bindgen_test]
fn a_worker_of_another_build_is_given_nothing() {
    let mut stage = Stage::new(2, 1);
    stage.build = "0.0.0-another".to_owned();
    stage.pool.start(Results::new(small(2)), false);
    stage.settle();
    assert_eq!(code(&stage.phase()), Some(Code::Mismatch));
    assert!(stage.told.is_empty());
    stage.build = lethe::record::BUILD.to_owned();
    stage.pool.retry();
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&by_itself(&small(2))));
}

#[wasm_bindgen_test]
fn a_silent_worker_is_given_up_after_ten_seconds() {
    let mut stage = Stage::new(1, 1);
    stage.pool.start(Results::new(small(2)), false);
    for _ in 0..30 {
        stage.turn();
    }
    let worker = stage.workers()[0];
    stage.carry_out();
    stage.mute(worker);
    for second in 0..9 {
        stage.pool.tick();
        assert_eq!(stage.phase(), Phase::Running, "given up after {second} seconds");
    }
    stage.pool.tick();
    assert_eq!(code(&stage.phase()), Some(Code::NoAnswer));
    stage.carry_out();
    assert!(stage.workers().is_empty());
    stage.pool.retry();
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&by_itself(&small(2))));
}

#[wasm_bindgen_test]
fn a_worker_that_does_not_start_is_missed_only_if_it_is_the_only_one() {
    let mut alone = Stage::new(1, 1);
    let first = alone.pool.take_orders();
    assert_eq!(first.len(), 1);
    for _ in 0..10 {
        alone.pool.tick();
    }
    assert_eq!(code(&alone.phase()), Some(Code::InitFailed));

    let mut crowd = Stage::new(3, 1);
    crowd.settle(); // the first worker is ready
    crowd.pool.start(Results::new(small(4)), false);
    crowd.carry_out();
    for worker in crowd.workers().into_iter().skip(1) {
        crowd.kill(worker, Fault::new(Code::InitFailed, "no room"));
    }
    crowd.settle();
    assert_eq!(crowd.phase(), Phase::Finished);
    assert_eq!(crowd.pool.status().workers, 1);
    assert_eq!(crowd.pool.results(), Some(&by_itself(&small(4))));
}

#[wasm_bindgen_test]
fn a_worker_that_is_busy_with_a_cancelled_run_is_ended() {
    let mut stage = Stage::new(1, 1);
    stage.pool.start(Results::new(small(2)), false);
    for _ in 0..30 {
        stage.turn();
    }
    stage.pool.cancel();
    stage.carry_out();
    let worker = stage.workers()[0];
    stage.mute(worker);
    stage.pool.tick();
    stage.pool.tick();
    stage.carry_out();
    assert!(stage.workers().is_empty());
    assert_eq!(stage.phase(), Phase::Idle, "nobody waits for it, so nothing is reported");
}

#[wasm_bindgen_test]
fn a_worker_told_to_forget_works_on_nothing() {
    let mut queue = Queue::default();
    let start = start(1, (*small(1)).clone(), Job { seed: 0, width: 4 });
    let reports = |queue: &mut Queue| {
        let Some(ToPage::Progress(packed)) =
            queue.answer(ToWorker::Advance { millis: 0.0, to_checkpoint: false, keep: false })
        else {
            panic!("no progress")
        };
        packed.unpack::<Vec<Report>>().unwrap().len()
    };
    assert_eq!(queue.answer(start), None);
    assert_eq!(reports(&mut queue), 1);
    assert_eq!(queue.answer(ToWorker::Forget), None);
    assert_eq!(reports(&mut queue), 0);
}

#[wasm_bindgen_test]
fn a_worker_refuses_what_the_page_should_not_have_sent() {
    let refusal = |spec, job| match Queue::default().answer(start(9, spec, job)) {
        Some(ToPage::Failed { token: 9, fault }) => fault,
        other => panic!("{other:?}"),
    };
    let job = Job { seed: 0, width: 4 };
    let mut wrong = (*small(1)).clone();
    wrong.learning_rate = f64::NAN;
    let fault = refusal(wrong, job);
    assert_eq!(fault.code, Code::BadSpec);
    assert!(fault.text.contains("learning_rate"), "{}", fault.text);
    assert_eq!(refusal((*small(1)).clone(), Job { seed: 0, width: 5 }).code, Code::BadSpec);
}
