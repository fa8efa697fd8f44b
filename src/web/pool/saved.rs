//! Where unfinished jobs stand: for a worker that takes one over, for rewinding, and for another visit.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Order, Phase, Pool};
use crate::experiments::job::Job;
use crate::experiments::spec::CheckedSpec;
use crate::experiments::{Engine, JobTraces, Mark, Results};
use crate::sorted_map::SortedMap;
use crate::web::protocol::{Code, Fault, Packed, ToWorker};

/// Where a job stood when a worker last told, and what it had reported by then.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// For the worker that goes on.
    pub state: Packed,
    pub mark: Mark,
    /// Sample x unit x steps.
    pub work_done: f64,
    /// Whether a worker that went on from here has failed.
    pub suspect: bool,
}

/// One job as it is kept between visits. Bytes of it are as untrusted as a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub job: Job,
    /// What it had reported.
    pub traces: JobTraces,
    /// Where it stood and the work it had done; `None` for a job that is complete.
    pub state: Option<(Packed, f64)>,
}

/// Bytes of the digest in front of a record.
const DIGEST: usize = 8;

impl Kept {
    /// The job as bytes.
    fn write(&self) -> Option<Vec<u8>> {
        let packed = Packed::new(self).ok()?;
        Some([digest(packed.as_ref()).as_slice(), packed.as_ref()].concat())
    }

    /// A job read back; `None` where it is none of this spec, or not what was written.
    pub fn read(bytes: &[u8], spec: &CheckedSpec) -> Option<Self> {
        let (written, packed) = bytes.split_at_checked(DIGEST)?;
        if written != digest(packed) {
            return None;
        }
        let kept: Self = Packed::from(packed.to_vec()).unpack().ok()?;
        let of_spec = spec.seeds.contains(&kept.job.seed) && spec.widths.contains(&kept.job.width);
        let work_fits = kept.state.as_ref().is_none_or(|(_, work)| work.is_finite() && *work >= 0.0);
        let whole = kept.traces.is_complete() != kept.state.is_some();
        (of_spec && work_fits && whole && kept.traces.fits(spec)).then_some(kept)
    }
}

fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    let hash = Sha256::digest(bytes);
    core::array::from_fn(|k| hash[k])
}

/// What was kept of a run, as it is read back.
pub struct Resumed {
    pub results: Results,
    pub saved: SortedMap<Job, Saved>,
}

impl Resumed {
    /// Nothing yet.
    pub fn new(spec: CheckedSpec) -> Self {
        Self { results: Results::new(spec), saved: SortedMap::new() }
    }

    /// Takes in one job; `false` where the bytes are none.
    pub fn take(&mut self, bytes: &[u8]) -> bool {
        let Some(Kept { job, traces, state }) = Kept::read(bytes, &self.results.spec) else { return false };
        self.results.adopt(job, traces);
        if let Some((state, work_done)) = state {
            let mark = self.results.mark(job);
            self.saved.insert(job, Saved { state, mark, work_done, suspect: false });
        }
        true
    }
}

impl Pool {
    /// The next job whose record is out of date, as bytes, with a number that names it within its run.
    pub fn take_unkept(&mut self) -> Option<(u32, Vec<u8>)> {
        let results = self.results.as_ref()?;
        loop {
            let (job, ()) = self.unkept.pop_first()?;
            let Some(traces) = results.job(job) else { continue };
            let state = self.saved.get(&job);
            if state.is_none() && !traces.is_complete() {
                continue;
            }
            let traces = state.map_or_else(|| traces.clone(), |saved| traces.clone().up_to(&saved.mark));
            let kept = Kept { job, traces, state: state.map(|saved| (saved.state.clone(), saved.work_done)) };
            let place = |all: &[u32], one| all.iter().position(|each| *each == one).unwrap_or_default();
            let (seed, width) = (place(&results.spec.seeds, job.seed), place(&results.spec.widths, job.width));
            let number = seed * results.spec.widths.len() + width;
            if let Some(bytes) = kept.write() {
                return Some((number as u32, bytes));
            }
        }
    }

    /// Takes in where a job stands; everything it has reported is in the results.
    pub(super) fn save(&mut self, job: Job, state: Packed, work_done: f64) {
        let Some(results) = &self.results else { return };
        self.saved.insert(job, Saved { state, mark: results.mark(job), work_done, suspect: false });
        self.unkept.insert(job, ());
    }

    /// Jobs wait again, before the others, and go on from where they last were known to stand.
    pub(super) fn put_back(&mut self, jobs: Vec<Job>) {
        let Some(results) = &mut self.results else { return };
        for job in jobs.into_iter().rev() {
            self.waiting.push_front(job);
            results.put_back(job, &self.saved.get(&job).map(|saved| saved.mark.clone()).unwrap_or_default());
            self.changed.data = true;
        }
    }

    /// A worker has failed with these jobs: where one fails twice at the same place, that place is at fault.
    pub(super) fn suspect(&mut self, jobs: &[Job], fault: &Fault) {
        if !matches!(fault.code, Code::Panicked | Code::NoAnswer) {
            return;
        }
        for job in jobs {
            if let Some(saved) = self.saved.get_mut(job)
                && std::mem::replace(&mut saved.suspect, true)
            {
                self.saved.remove(job);
            }
        }
    }

    /// A worker cannot go on from where a job is said to stand: the job begins anew.
    pub(super) fn refuse_state(&mut self, id: u32, token: u32) {
        let Some(member) = self.members.get_mut(&id) else { return };
        let Some(refused) = member.queue.iter().find(|assigned| assigned.token == token) else { return };
        match member.engine {
            Engine::FusedCpu => drop(self.saved.remove(&refused.job)),
            // The states of a fleet are refused together.
            Engine::FusedGpu => member.queue.iter().for_each(|assigned| drop(self.saved.remove(&assigned.job))),
        }
        let (jobs, message) = member.forget();
        self.orders.extend(message.map(|message| Order::Send(id, message)));
        self.put_back(jobs);
    }

    /// Puts the networks in hand back to the beginning of their present phase, or to their very start if
    /// they are there; only while paused.
    pub fn rewind(&mut self) {
        if self.can_rewind() {
            self.members.values_mut().for_each(|member| member.rewind = !member.queue.is_empty());
            self.pump();
        }
    }

    /// Whether there is anything to rewind.
    pub(super) fn can_rewind(&self) -> bool {
        let Some(results) = &self.results else { return false };
        let mut in_hand = self.members.values().flat_map(|member| &member.queue);
        self.phase == Phase::Paused && in_hand.any(|assigned| results.can_rewind(assigned.job))
    }

    /// Rewinds the workers that have come to rest.
    pub(super) fn rewind_the_resting(&mut self) {
        let Some(results) = &mut self.results else { return };
        for (&id, member) in self.members.iter_mut().filter(|(_, member)| member.rewind && member.asked == 0) {
            member.rewind = false;
            for assigned in &member.queue {
                if results.can_rewind(assigned.job) {
                    let to_start = results.rewind(assigned.job);
                    self.saved.remove(&assigned.job);
                    member.asked += 1;
                    let message = ToWorker::Rewind { token: assigned.token, to_start };
                    self.orders.push(Order::Send(id, message));
                    self.changed.data = true;
                }
            }
        }
    }
}
