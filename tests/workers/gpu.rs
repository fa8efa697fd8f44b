//! The pool with a GPU that is there, slow, wrong, or goes away. It is played by the CPU's queue,
//! so that what a run gathers can be compared to the bit.

use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Engine, Experiment, Job, Results, Spec};
use lethe::platform::now_millis;
use lethe::web::devices::{Adapter, Choice, Devices, Stage as GpuStage, Test, Why};
use lethe::web::pool::{Phase, Resumed};
use lethe::web::protocol::{Berth, Code, Fault, Packed, ToWorker};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{Played, Stage, by_itself, small};

fn stage(gpu: Option<Played>, choice: Choice, lot: u64) -> Stage {
    let mut stage = Stage::new(3, lot);
    stage.gpu = gpu;
    stage.pool.choose(choice);
    stage
}

/// A run of an hour, which no test ever finishes.
fn long() -> CheckedSpec {
    let mut spec = Spec::defaults(Experiment::default());
    spec.widths = vec![1024];
    spec.samples = 1024;
    spec.pretraining_steps = 50_000;
    spec.fine_tuning_steps = 1000;
    spec.seeds = (0..30).collect();
    spec.check(&Limits::PAGE).unwrap()
}

fn lost() -> Fault {
    Fault::new(Code::DeviceLost, "Taken away by the test.")
}

fn code(devices: &Devices) -> Option<Code> {
    devices.fault.as_ref().map(|fault| fault.code)
}

fn loads(stage: &Stage) -> usize {
    stage.told.iter().filter(|message| **message == ToWorker::Load).count()
}

/// Jobs that a worker was to go on with from a state, as often as one was.
fn states(stage: &Stage) -> Vec<Job> {
    let berths = stage.told.iter().filter_map(|message| match message {
        ToWorker::Start { jobs, .. } => Some(jobs.unpack::<Vec<Berth>>().unwrap()),
        _ => None,
    });
    berths.flatten().filter(|berth| berth.state.is_some()).map(|berth| berth.job).collect()
}

/// Every point and ending is there once, whoever computed it.
fn assert_same(results: Option<&Results>, expected: &Results) {
    let traces = |results: &Results| -> Vec<_> {
        results.jobs().map(|(&job, traces)| (job, traces.pretraining.clone(), traces.fine_tuning.clone())).collect()
    };
    assert!(traces(results.unwrap()) == traces(expected));
}

#[wasm_bindgen_test]
fn without_a_gpu_the_cpu_does_everything_and_nothing_is_fetched() {
    for choice in Choice::ALL {
        let mut stage = stage(None, choice, 1);
        stage.pool.tick();
        stage.settle();
        stage.pool.start(Results::new(small(3)), false);
        stage.settle();
        assert_eq!(stage.pool.results(), Some(&by_itself(&small(3))));
        let devices = stage.pool.devices();
        assert_eq!((devices.stage, code(&devices)), (GpuStage::Absent, Some(Code::NoAdapter)));
        assert_eq!(devices.engine, Engine::FusedCpu);
        assert_eq!(devices.why, if choice == Choice::Cpu { Why::Wished } else { Why::NoGpu });
        assert_eq!(loads(&stage), 0);
    }
}

#[wasm_bindgen_test]
fn a_gpu_that_is_chosen_does_the_whole_run() {
    for lot in 0..4 {
        let mut stage = stage(Some(Played::default()), Choice::Gpu, lot);
        stage.pool.start(Results::new(small(4)), false);
        stage.settle();
        assert_eq!(stage.phase(), Phase::Finished);
        let results = stage.pool.results().unwrap();
        assert_eq!(results.engines(), [Engine::FusedGpu]);
        assert_same(Some(results), &by_itself(&small(4)));
        assert_eq!(stage.pool.devices().stage, GpuStage::Ready);
    }
}

#[wasm_bindgen_test]
fn a_gpu_pauses_and_steps() {
    let mut stage = stage(Some(Played::default()), Choice::Gpu, 2);
    stage.pool.start(Results::new(small(2)), true);
    stage.settle();
    assert_eq!(stage.pool.results().unwrap().jobs().count(), 0, "a paused run has begun by itself");
    stage.pool.step();
    stage.settle();
    assert_eq!(stage.pool.results().unwrap().jobs().count(), 3, "a fleet");
    assert_eq!(stage.phase(), Phase::Paused);
    stage.pool.resume();
    stage.settle();
    assert_same(stage.pool.results(), &by_itself(&small(2)));
}

#[wasm_bindgen_test]
fn a_gpu_is_not_fetched_unasked_for_a_short_run_or_if_a_program_plays_it() {
    let software = || Played { adapter: Adapter { software: true, ..Adapter::default() }, ..Played::default() };
    for (gpu, spec, why) in [(Played::default(), small(2), Why::Short), (software(), long(), Why::Software)] {
        let mut stage = stage(Some(gpu), Choice::Automatic, 1);
        stage.pool.tick();
        stage.settle();
        assert_eq!(stage.pool.devices().stage, GpuStage::Found);
        stage.pool.start(Results::new(spec), true);
        stage.settle();
        let devices = stage.pool.devices();
        assert_eq!((devices.engine, devices.why), (Engine::FusedCpu, why));
        assert_eq!(loads(&stage), 0);
    }
    let mut stage = stage(Some(software()), Choice::Gpu, 1);
    stage.pool.start(Results::new(small(2)), false);
    stage.settle();
    assert_eq!(stage.pool.results().unwrap().engines(), [Engine::FusedGpu], "software is offered");
}

#[wasm_bindgen_test]
fn a_long_run_moves_to_the_faster_engine() {
    for (speed, engine) in [(1e15, Engine::FusedGpu), (1.0, Engine::FusedCpu)] {
        let gpu = Played { speed, ..Played::default() };
        let mut stage = stage(Some(gpu), Choice::Automatic, 1);
        stage.pool.start(Results::new(long()), false);
        let start = now_millis();
        while stage.pool.devices().why != Why::Faster {
            stage.turn();
            assert!(now_millis() - start < 30_000.0, "no engine was chosen in 30 s: {:?}", stage.pool.devices());
        }
        stage.turn();
        let devices = stage.pool.devices();
        assert_eq!(devices.engine, engine);
        assert_eq!(devices.gpu_speed, Some(speed));
        assert!(devices.cpu_speed.unwrap() > 1.0);
        let given_up = stage.told.contains(&ToWorker::Forget);
        assert_eq!(given_up, engine == Engine::FusedGpu, "the CPU's jobs are the GPU's now");
        if let Some(&gpu) = stage.with(Engine::FusedGpu).first().filter(|_| given_up) {
            stage.kill(gpu, lost());
            let devices = stage.pool.devices();
            assert_eq!((devices.engine, devices.why), (Engine::FusedCpu, Why::Comparing), "the CPU waits for nobody");
            while stage.pool.devices().why != Why::Faster {
                assert!(stage.turn(), "the GPU never comes back: {:?}", stage.pool.devices());
            }
            assert_eq!(stage.pool.devices().engine, Engine::FusedGpu);
        }
    }
}

#[wasm_bindgen_test]
fn a_gpu_that_computes_something_else_is_not_used() {
    for difference in [2e-3, f64::NAN, f64::INFINITY] {
        let gpu = Played { test: Test { difference, tolerance: 1e-3 }, ..Played::default() };
        let mut stage = stage(Some(gpu), Choice::Gpu, 1);
        stage.pool.start(Results::new(small(3)), false);
        stage.settle();
        assert_eq!(stage.pool.results(), Some(&by_itself(&small(3))));
        let devices = stage.pool.devices();
        assert_eq!((devices.stage, code(&devices)), (GpuStage::Absent, Some(Code::Disagrees)));
        assert_eq!(loads(&stage), 1, "a fresh worker would find the same");
        assert!(stage.pool.take_news()[0].contains("The CPU goes on"));
    }
}

#[wasm_bindgen_test]
fn a_lost_gpu_goes_on_from_the_last_state_and_lost_again_the_cpu_does() {
    let spec = small(5);
    let expected = by_itself(&spec);
    let mut went_on = 0;
    for lot in 0..8 {
        let mut stage = stage(Some(Played::default()), Choice::Gpu, lot);
        stage.pool.start(Results::new(spec.clone()), false);
        let mut losses = 0;
        while losses < 2 {
            let moment = 30 + stage.lot(60);
            for _ in 0..moment {
                stage.turn();
                stage.pool.tick();
            }
            if let [gpu] = stage.with(Engine::FusedGpu)[..] {
                stage.kill(gpu, lost());
                losses += 1;
                let news = stage.pool.take_news();
                let next = if losses == 1 { "started once more" } else { "The CPU goes on" };
                assert!(news.len() == 1 && news[0].contains(next), "{news:?}");
            }
        }
        assert_eq!(stage.phase(), Phase::Running);
        stage.settle();
        assert_same(stage.pool.results(), &expected);
        assert_eq!(stage.pool.results().unwrap().engines(), [Engine::FusedCpu, Engine::FusedGpu]);
        let devices = stage.pool.devices();
        assert_eq!((devices.stage, code(&devices)), (GpuStage::Absent, Some(Code::DeviceLost)));
        went_on += states(&stage).len();
    }
    assert!(went_on >= 8, "only {went_on} jobs went on from a state");
}

#[wasm_bindgen_test]
fn a_gpu_lost_at_rest_troubles_nobody() {
    let mut stage = stage(Some(Played::default()), Choice::Automatic, 1);
    stage.pool.tick();
    stage.settle();
    let gpu = stage.with(Engine::FusedGpu)[0];
    stage.kill(gpu, lost());
    stage.settle();
    assert_eq!(stage.phase(), Phase::Idle);
    assert_eq!(stage.pool.take_news(), [""; 0]);
}

#[wasm_bindgen_test]
fn a_gpu_worker_of_another_build_is_given_nothing() {
    let mut stage = stage(Some(Played::default()), Choice::Cpu, 1);
    stage.settle(); // the CPU's is of this build
    stage.build = "0.0.0-another".to_owned();
    stage.pool.choose(Choice::Gpu);
    stage.pool.start(Results::new(small(2)), false);
    stage.settle();
    let Phase::Stopped(fault) = stage.phase() else { panic!("{:?}", stage.phase()) };
    assert_eq!(fault.code, Code::Mismatch);
    assert!(stage.told.iter().all(|message| *message == ToWorker::Load), "{:?}", stage.told);
    assert!(stage.with(Engine::FusedGpu).is_empty());
    assert_eq!(stage.pool.take_news(), [""; 0], "the run says why it stopped");
}

#[wasm_bindgen_test]
fn a_run_moves_to_the_engine_that_the_reader_chooses_and_every_job_goes_on() {
    let spec = small(6);
    let expected = by_itself(&spec);
    let mut went_on = 0;
    for lot in 0..6 {
        let mut stage = stage(Some(Played::default()), Choice::Cpu, lot);
        stage.pool.start(Results::new(spec.clone()), false);
        for (moves, choice) in [Choice::Gpu, Choice::Cpu, Choice::Automatic, Choice::Gpu].iter().cycle().enumerate() {
            assert!(moves < 1000, "the run never ends: {:?}", stage.pool.status());
            // States are asked for in the middle.
            for ticks in [4, 0] {
                for _ in 0..10 + stage.lot(60) {
                    stage.turn();
                }
                (0..ticks).for_each(|_| stage.pool.tick());
            }
            if stage.phase() == Phase::Finished {
                break;
            }
            stage.pool.choose(*choice);
        }
        assert_same(stage.pool.results(), &expected);
        assert_eq!(stage.failures, [], "no state was refused, wherever the other engine left it");
        went_on += states(&stage).len();
    }
    assert!(went_on > 100, "only {went_on} jobs went on from a state");
}

#[wasm_bindgen_test]
fn results_do_not_depend_on_rewinding_the_gpu() {
    let spec = small(5);
    let expected = by_itself(&spec);
    let mut rewound = 0;
    for lot in 0..12 {
        let mut stage = stage(Some(Played { appetite: 4, ..Played::default() }), Choice::Gpu, lot);
        stage.pool.start(Results::new(spec.clone()), lot % 2 == 0);
        for _ in 0..80 {
            match stage.lot(6) {
                0 => stage.pool.pause(),
                1 => stage.pool.step(),
                2 | 3 => stage.pool.rewind(),
                4 => (0..4).for_each(|_| stage.pool.tick()),
                _ => stage.pool.resume(),
            }
            for _ in 0..stage.lot(30) {
                stage.turn();
            }
        }
        rewound += stage.told.iter().filter(|message| matches!(message, ToWorker::Rewind { .. })).count();
        stage.pool.resume();
        stage.settle();
        assert_eq!(stage.phase(), Phase::Finished);
        assert_same(stage.pool.results(), &expected);
    }
    assert!(rewound > 100, "only {rewound} rewinds");
}

#[wasm_bindgen_test]
fn of_the_states_that_a_gpu_is_given_only_the_refused_one_is_lost() {
    let spec = small(3);
    let mut stage = stage(Some(Played::default()), Choice::Cpu, 3);
    stage.pool.start(Results::new(spec.clone()), false);
    while stage.pool.status().seeds_done == 0 {
        for _ in 0..20 {
            stage.turn();
        }
        (0..4).for_each(|_| stage.pool.tick());
    }
    for _ in 0..20 {
        stage.turn();
    }
    let mut store: Vec<Vec<u8>> = std::iter::from_fn(|| stage.pool.take_unkept()).map(|(_, bytes)| bytes).collect();
    let mut run = Resumed::new(spec.clone());
    store.drain(..).for_each(|bytes| assert!(run.take(&bytes)));
    let kept = run.saved.len();
    assert!(kept >= 2, "{kept} unfinished jobs were kept");
    let spoiled = *run.saved.iter().last().unwrap().0;
    run.saved.get_mut(&spoiled).unwrap().state = Packed::from(vec![1, 2, 3]);
    let mut next = self::stage(Some(Played::default()), Choice::Gpu, 4);
    next.pool.go_on(run, false);
    next.settle();
    assert_eq!(next.phase(), Phase::Finished, "it does not stand still after a refusal");
    assert_same(next.pool.results(), &by_itself(&spec));
    assert_eq!(next.failures, [Code::BadState]);
    let after: Vec<Job> = states(&next).into_iter().skip(kept).collect();
    assert_eq!((after.len(), after.contains(&spoiled)), (kept - 1, false), "the others go on from where they stood");
}

#[wasm_bindgen_test]
fn progress_never_runs_backwards_while_a_gpu_tells_what_it_has_done() {
    for lot in 0..6 {
        let mut stage = stage(Some(Played { appetite: 6, portion: 400, ..Played::default() }), Choice::Gpu, lot);
        stage.pool.start(Results::new(small(6)), false);
        let mut before = 0.0;
        while stage.phase() != Phase::Finished {
            stage.turn();
            let done = stage.pool.status().work_done;
            assert!(done >= before * (1.0 - 1e-12), "from {before} back to {done}");
            before = done;
        }
    }
}

#[wasm_bindgen_test]
fn the_speed_of_an_engine_is_measured_from_its_first_report() {
    let mut stage = stage(Some(Played::default()), Choice::Cpu, 1);
    stage.pool.start(Results::new(long()), false);
    while stage.pool.status().speed.is_none() {
        stage.turn();
    }
    // Nobody computes for a while, so that the mean of the whole run is far from the speed of the rest.
    let start = now_millis();
    while now_millis() - start < 2000.0 {}
    stage.pool.choose(Choice::Gpu);
    while !stage.pool.results().unwrap().engines().contains(&Engine::FusedGpu) {
        stage.turn();
    }
    let (began, done) = (now_millis(), stage.pool.status().work_done);
    while now_millis() - began < 300.0 || stage.pool.status().work_done <= done {
        stage.turn();
    }
    let status = stage.pool.status();
    let expected = (status.work_done - done) * 1e3 / (now_millis() - began);
    let ratio = status.speed.unwrap() / expected;
    assert!((0.8..1.25).contains(&ratio), "{ratio} times what was done since");
    assert!(status.seconds > 2.0, "the run's own clock goes on");
}
