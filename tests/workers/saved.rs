//! A job goes on from where it last was known to stand: after a worker's end, a rewind, a reload.

use std::collections::BTreeMap;

use lethe::experiments::{CheckedSpec, Job, Results};
use lethe::web::pool::{Phase, Resumed};
use lethe::web::protocol::{Berth, Code, Fault, ToWorker};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Stage, by_itself, planned, small};

/// What was kept between visits, by the numbers under which it was kept.
type Store = BTreeMap<u32, Vec<u8>>;

fn keep(stage: &mut Stage, store: &mut Store) {
    store.extend(std::iter::from_fn(|| stage.pool.take_unkept()));
}

/// As many seconds as pass between two states that are kept.
fn let_time_pass(stage: &mut Stage) {
    (0..4).for_each(|_| stage.pool.tick());
}

fn turn(stage: &mut Stage, turns: u32) {
    for _ in 0..turns {
        stage.turn();
    }
}

/// A run in mid-job, some turns after states were asked for.
fn begun(spec: &CheckedSpec, lot: u64) -> Stage {
    let mut stage = Stage::new(2, lot);
    stage.pool.start(Results::new(spec.clone()), false);
    for _ in 0..3 {
        let turns = 10 + stage.lot(60);
        turn(&mut stage, turns);
        let_time_pass(&mut stage);
    }
    let turns = stage.lot(30);
    turn(&mut stage, turns);
    stage
}

fn read(spec: &CheckedSpec, store: &Store) -> Resumed {
    let mut run = Resumed::new(spec.clone());
    assert!(store.values().all(|bytes| run.take(bytes)), "what was kept is read");
    run
}

fn berths(told: &[ToWorker]) -> Vec<Berth> {
    let jobs =
        told.iter().filter_map(|message| if let ToWorker::Start { jobs, .. } = message { Some(jobs) } else { None });
    jobs.flat_map(|jobs| jobs.unpack::<Vec<Berth>>().unwrap()).collect()
}

#[wasm_bindgen_test]
fn a_job_goes_on_where_its_dead_worker_last_said_it_stood() {
    for spec in [small(3), planned(3)] {
        let expected = by_itself(&spec);
        let mut gone_on = 0;
        for lot in 0..12 {
            let mut stage = begun(&spec, lot);
            stage.told.clear();
            for worker in stage.workers() {
                stage.kill(worker, Fault::new(Code::Died, "ended by the test"));
            }
            let left = stage.pool.status();
            stage.pool.retry();
            stage.settle();
            assert_eq!(stage.phase(), Phase::Finished);
            assert_eq!(stage.pool.results(), Some(&expected), "lot {lot}");
            let states = berths(&stage.told).iter().filter(|berth| berth.state.is_some()).count();
            assert!(states == 0 || left.work_done > 0.0);
            gone_on += states;
        }
        assert!(gone_on > 6, "only {gone_on} jobs went on from a state");
    }
}

#[wasm_bindgen_test]
fn a_job_whose_state_kills_workers_begins_anew() {
    let spec = small(1);
    let mut stage = begun(&spec, 3);
    for time in 0..3 {
        for worker in stage.workers() {
            stage.kill(worker, Fault::new(Code::Panicked, "ended by the test"));
        }
        stage.told.clear();
        stage.pool.retry();
        while stage.told.is_empty() {
            stage.turn();
        }
        let has_state = berths(&stage.told).iter().any(|berth| berth.state.is_some());
        assert_eq!(has_state, time == 0, "after failure {time}");
    }
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&by_itself(&spec)));
}

#[wasm_bindgen_test]
fn results_do_not_depend_on_rewinding() {
    for spec in [small(3), planned(3)] {
        let expected = by_itself(&spec);
        let mut rewound = 0;
        for lot in 0..10 {
            let mut stage = Stage::new(3, lot);
            stage.pool.start(Results::new(spec.clone()), lot % 2 == 0);
            for _ in 0..60 {
                match stage.lot(5) {
                    0 => stage.pool.pause(),
                    1 => stage.pool.step(),
                    2 | 3 => stage.pool.rewind(),
                    _ => stage.pool.resume(),
                }
                let turns = stage.lot(30);
                turn(&mut stage, turns);
            }
            rewound += stage.told.iter().filter(|message| matches!(message, ToWorker::Rewind { .. })).count();
            stage.pool.resume();
            stage.settle();
            assert_eq!(stage.phase(), Phase::Finished);
            assert_eq!(stage.pool.results(), Some(&expected), "lot {lot}");
        }
        assert!(rewound > 20, "only {rewound} rewinds");
    }
}

#[wasm_bindgen_test]
fn rewinding_goes_back_to_the_present_phase_and_then_to_the_start() {
    let mut stage = Stage::new(1, 2);
    stage.pool.start(Results::new(small(1)), true);
    stage.settle();
    assert!(!stage.pool.status().can_rewind, "nothing has happened");
    let points = |stage: &Stage| -> Vec<usize> {
        let traces = stage.pool.results().unwrap().jobs().next();
        let of = |traces: &lethe::experiments::JobTraces| {
            [traces.pretraining.points.len()]
                .into_iter()
                .chain(traces.fine_tuning.iter().map(|t| t.points.len()))
                .collect()
        };
        traces.map(|(_, traces)| of(traces)).unwrap_or_default()
    };
    // The checkpoints of 30 and of 20 steps, and three steps into the second branch.
    let whole = by_itself(&small(1));
    let traces = whole.job(Job { seed: 0, width: 7 }).unwrap();
    let (all, branch) = (traces.pretraining.points.len(), traces.fine_tuning[0].points.len());
    for _ in 0..all + branch + 3 {
        stage.pool.step();
        stage.settle();
    }
    assert_eq!(points(&stage), [all, branch, 3]);
    let work = stage.pool.status().work_done;
    stage.pool.rewind();
    stage.settle();
    assert_eq!(points(&stage), [all, branch, 0]);
    assert!(stage.pool.status().work_done < work && stage.pool.status().work_done > 0.0);
    stage.pool.step();
    stage.settle();
    assert_eq!(points(&stage), [all, branch, 1]);
    stage.pool.rewind();
    stage.settle();
    assert_eq!(points(&stage), [all, branch, 0]);
    stage.pool.rewind();
    stage.settle();
    assert_eq!(points(&stage), [0; 0]);
    assert_eq!((stage.pool.status().work_done, stage.pool.status().can_rewind), (0.0, false));
    assert_eq!(stage.phase(), Phase::Paused);
    stage.pool.resume();
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&whole));
}

#[wasm_bindgen_test]
fn a_run_goes_on_after_a_reload_and_gives_the_same() {
    let spec = small(3);
    let expected = by_itself(&spec);
    let mut unfinished = 0;
    for lot in 0..12 {
        let (mut stage, mut store) = (begun(&spec, lot), Store::new());
        keep(&mut stage, &mut store);
        // A second visit ends in the middle, too.
        for visit in 0..2 {
            let run = read(&spec, &store);
            unfinished += run.saved.len();
            let mut next = Stage::new(2, lot + 100 * visit);
            next.pool.go_on(run, lot % 2 == 0);
            next.pool.resume();
            let turns = next.lot(60);
            turn(&mut next, turns);
            let_time_pass(&mut next);
            turn(&mut next, 10);
            keep(&mut next, &mut store);
            stage = next;
        }
        stage.settle();
        assert_eq!(stage.pool.results(), Some(&expected), "lot {lot}");
        keep(&mut stage, &mut store);
        let run = read(&spec, &store);
        assert!(run.saved.is_empty());
        assert_eq!(run.results, expected, "every job was kept when it had finished");
    }
    assert!(unfinished > 12, "only {unfinished} unfinished jobs were kept");
}

#[wasm_bindgen_test]
fn what_is_kept_is_kept_once() {
    let mut stage = begun(&small(2), 5);
    let mut store = Store::new();
    stage.settle();
    keep(&mut stage, &mut store);
    assert_eq!(store.len(), 4);
    assert_eq!(stage.pool.take_unkept(), None);
}

#[wasm_bindgen_test]
fn bytes_that_were_not_kept_so_are_refused() {
    let spec = small(2);
    let expected = by_itself(&spec);
    let (mut stage, mut store) = (begun(&spec, 1), Store::new());
    keep(&mut stage, &mut store);
    assert!(!read(&spec, &store).saved.is_empty() && store.len() > 1);
    let mut chance = Stage::new(1, 77);
    for (number, bytes) in &store {
        for cut in [0, 1, 7, 8, 9, bytes.len() / 2, bytes.len() - 1] {
            assert!(!Resumed::new(spec.clone()).take(&bytes[..cut]), "{cut} bytes of record {number}");
        }
        let mut longer = spec.clone();
        let other = lethe::experiments::Spec { pretraining_steps: 40, ..(*longer).clone() };
        longer = other.check(&lethe::experiments::limits::Limits::PAGE).unwrap();
        assert!(!Resumed::new(longer).take(bytes), "a record of another run");
        let mut run = Resumed::new(spec.clone());
        let mut spoiled = store.clone();
        for _ in 0..20 {
            let spoiled = spoiled.get_mut(number).unwrap();
            let (place, bit) = (chance.lot(bytes.len() as u32) as usize, 1 << chance.lot(8));
            spoiled[place] ^= bit;
            assert!(!run.take(spoiled), "byte {place} of record {number}");
            spoiled[place] ^= bit;
        }
        // The rest goes on without it.
        spoiled.remove(number);
        assert!(spoiled.values().all(|bytes| run.take(bytes)));
        let mut stage = Stage::new(2, 1);
        stage.pool.go_on(run, false);
        stage.settle();
        assert_eq!(stage.pool.results(), Some(&expected));
    }
}

#[wasm_bindgen_test]
fn a_state_of_another_moment_is_noticed() {
    let spec = small(1);
    let (mut early, mut late) = (begun(&spec, 1), begun(&spec, 1));
    turn(&mut late, 40);
    let_time_pass(&mut late);
    turn(&mut late, 12);
    let (mut stores, mut runs) = ([Store::new(), Store::new()], Vec::new());
    for (stage, store) in [&mut early, &mut late].into_iter().zip(&mut stores) {
        keep(stage, store);
        runs.push(read(&spec, store));
    }
    let late = runs.pop().unwrap();
    let mut run = runs.pop().unwrap();
    let mut mixed = 0;
    for (job, saved) in run.saved.iter_mut() {
        if let Some(other) = late.saved.get(job).filter(|other| other.mark != saved.mark) {
            saved.state = other.state.clone();
            mixed += 1;
        }
    }
    assert!(mixed > 0, "the two moments are one");
    let mut stage = Stage::new(1, 9);
    stage.pool.go_on(run, false);
    stage.settle();
    assert_eq!(stage.pool.results(), Some(&by_itself(&spec)));
}
