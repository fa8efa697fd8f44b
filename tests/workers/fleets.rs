//! What the GPU's worker does with its fleets: it tells in portions, trains meanwhile, keeps and goes back.

use lethe::experiments::job::jobs;
use lethe::experiments::{CheckedSpec, Engine, Job, JobCheckpoint, Results};
use lethe::web::fleets::Fleets;
use lethe::web::protocol::{Berth, Code, Packed, Report, ToPage, ToWorker};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fleet::PlayedFleet;
use crate::stage::{at_once, by_itself, small};

/// A worker and the page's part of it: what it has reported.
struct Worker {
    fleets: Fleets<PlayedFleet>,
    results: Results,
    states: Vec<(Job, Packed)>,
    left: Vec<(u32, Job)>,
}

fn job(token: u32, all: &[(u32, Job)]) -> Job {
    all.iter().find(|(own, _)| *own == token).unwrap().1
}

impl Worker {
    /// All jobs of a run, in fleets of so many, told in portions of so many bytes.
    fn on(spec: &CheckedSpec, appetite: usize, portion: usize) -> Self {
        let left: Vec<(u32, Job)> = (1..).zip(jobs(spec)).collect();
        let berth = |&(token, job): &(u32, Job)| Berth { token, job, state: None };
        let berths: Vec<Berth> = left.iter().map(berth).collect();
        let mut fleets = Fleets::new(appetite, portion);
        let start = ToWorker::Start { spec: Box::new((**spec).clone()), jobs: Packed::new(&berths).unwrap() };
        assert_eq!(at_once(fleets.answer(start)), None);
        Self { fleets, results: Results::new(spec.clone()), states: Vec::new(), left }
    }

    fn say(&mut self, message: ToWorker) -> Vec<Report> {
        match at_once(self.fleets.answer(message)) {
            Some(ToPage::Progress(packed)) => packed.unpack().unwrap(),
            other => panic!("{other:?} is no progress"),
        }
    }

    /// One slice; what it said.
    fn advance(&mut self, keep: bool) -> Vec<Report> {
        let reports = self.say(ToWorker::Advance { millis: 0.0, to_checkpoint: false, keep });
        for report in &reports {
            let job = job(report.token, &self.left);
            report.events.iter().for_each(|event| self.results.add(job, Engine::FusedCpu, event.clone()));
            self.states.extend(report.state.iter().map(|state| (job, state.clone())));
        }
        self.left.retain(|(token, _)| !reports.iter().any(|report| report.done && report.token == *token));
        reports
    }

    /// As the page does it: every unfinished job of which it knows something.
    fn rewind(&mut self) {
        for (token, job) in self.left.clone() {
            if self.results.can_rewind(job) {
                let to_start = self.results.rewind(job);
                self.say(ToWorker::Rewind { token, to_start });
            }
        }
    }

    fn to_end(&mut self) {
        for _ in 0..100_000 {
            if self.left.is_empty() {
                return;
            }
            self.advance(false);
        }
        panic!("the jobs never end");
    }
}

#[wasm_bindgen_test]
fn what_is_told_does_not_depend_on_portions_and_fleets() {
    let spec = small(3);
    let expected = by_itself(&spec);
    for (appetite, portion) in [(1, 1), (2, 500), (4, 3000), (100, 1), (100, 1_000_000)] {
        let mut worker = Worker::on(&spec, appetite, portion);
        worker.to_end();
        assert_eq!(worker.results, expected, "fleets of {appetite}, portions of {portion}");
    }
}

#[wasm_bindgen_test]
fn rewinding_takes_back_what_was_not_told_yet() {
    let spec = small(4);
    let expected = by_itself(&spec);
    for before in (0..200).step_by(3) {
        // So small a portion that nearly everything is untold when the page rewinds.
        let mut worker = Worker::on(&spec, 8, 400);
        (0..before).for_each(|_| drop(worker.advance(before % 2 == 0)));
        worker.rewind();
        worker.advance(false);
        worker.rewind();
        worker.to_end();
        assert_eq!(worker.results, expected, "rewound after {before} slices");
    }
}

#[wasm_bindgen_test]
fn a_fleet_that_is_done_and_not_told_is_put_back_too() {
    let spec = small(4);
    let mut worker = Worker::on(&spec, 8, 400);
    // The first slices train to the end, as far as a portion allows: all but some is told in the last ones.
    while worker.left.len() == 8 {
        worker.advance(false);
    }
    worker.rewind();
    let reports = worker.advance(false);
    let step =
        |job: Job| worker.results.job(job).and_then(|traces| traces.fine_tuning[0].points.first()).map(|p| p.step);
    assert!(worker.left.iter().all(|&(_, job)| step(job).is_none_or(|step| step == 0)), "told from the beginning");
    assert!(reports.iter().all(|report| !report.done));
    worker.to_end();
    assert_eq!(worker.results, by_itself(&spec));
}

#[wasm_bindgen_test]
fn where_jobs_stand_is_told_in_the_end_however_much_there_is_to_tell() {
    let spec = small(4);
    let mut worker = Worker::on(&spec, 8, 400);
    // More is untold than a portion, so that the slice that is asked to keep does not train.
    (0..3).for_each(|_| drop(worker.advance(false)));
    worker.advance(true);
    assert!(worker.states.is_empty(), "not while there is so much to tell");
    while worker.states.len() < 8 && !worker.left.is_empty() {
        worker.advance(false);
    }
    assert_eq!(worker.states.len(), 8, "every job has said once where it stands");
    // Each is gone on with to the same end.
    for (job, state) in &worker.states {
        let state: JobCheckpoint = state.unpack().unwrap();
        assert!(state.fits(&spec) && state.job == *job);
    }
}

#[wasm_bindgen_test]
fn a_state_is_told_before_what_came_after_it() {
    let spec = small(4);
    for portion in [300, 2000, 20_000] {
        let mut worker = Worker::on(&spec, 8, portion);
        let mut states = 0;
        while !worker.left.is_empty() {
            for report in worker.advance(true) {
                let Some(state) = report.state else { continue };
                let state: JobCheckpoint = state.unpack().unwrap();
                let traces = worker.results.job(state.job).unwrap();
                let told = |branch: Option<u32>| match branch {
                    None => traces.pretraining.points.len(),
                    Some(branch) => traces.fine_tuning[branch as usize].points.len(),
                };
                assert!(!report.done, "a finished job stands nowhere");
                assert!(state.open.iter().all(|open| open.reported as usize == told(open.branch)), "{portion}");
                states += 1;
            }
        }
        assert!(states > 20, "only {states} states in portions of {portion}");
    }
}

#[wasm_bindgen_test]
fn no_job_s_work_grows_less_until_it_is_done() {
    let spec = small(4);
    let mut worker = Worker::on(&spec, 4, 400);
    let mut done = vec![0.0; 9];
    while !worker.left.is_empty() {
        for report in worker.advance(false) {
            let before = std::mem::replace(&mut done[report.token as usize], report.work_done);
            assert!(report.work_done >= before, "from {before} back to {}", report.work_done);
        }
    }
}

#[wasm_bindgen_test]
fn only_the_start_of_a_job_is_refused() {
    let spec = small(2);
    let all = jobs(&spec);
    let mut wrong = JobCheckpoint::beginning(all[1]);
    wrong.ended = vec![0];
    let states = [None, Some(Packed::new(&wrong).unwrap()), None];
    let berths: Vec<Berth> =
        (7..).zip(all).zip(states).map(|((token, job), state)| Berth { token, job, state }).collect();
    let mut fleets: Fleets<PlayedFleet> = Fleets::new(4, 1000);
    let start = ToWorker::Start { spec: Box::new((*spec).clone()), jobs: Packed::new(&berths).unwrap() };
    match at_once(fleets.answer(start)) {
        Some(ToPage::Failed { token: 8, fault }) => assert_eq!(fault.code, Code::BadState),
        other => panic!("{other:?}"),
    }
    let advance = ToWorker::Advance { millis: 0.0, to_checkpoint: false, keep: true };
    for _ in 0..3 {
        let Some(ToPage::Progress(packed)) = at_once(fleets.answer(advance.clone())) else { panic!("no progress") };
        assert_eq!(packed.unpack::<Vec<Report>>().unwrap(), []);
    }
}
