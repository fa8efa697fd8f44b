//! Where unfinished jobs stand: for a worker that takes one over, for rewinding, and for another visit.

use serde::{Deserialize, Serialize};

use super::{Order, Phase, Pool};
use crate::experiments::job::Job;
use crate::experiments::spec::CheckedSpec;
use crate::experiments::{JobTraces, Mark, Results};
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

/// Bytes of the checksum behind a record.
const CHECKSUM: usize = 8;

impl Kept {
    /// A job read back; `None` where it is none of this spec, or not what was written.
    pub fn read(bytes: &[u8], spec: &CheckedSpec) -> Option<Self> {
        let (packed, written) = bytes.split_last_chunk::<CHECKSUM>()?;
        if *written != checksum(packed) {
            return None;
        }
        let (kept, rest): (Self, _) = postcard::take_from_bytes(packed).ok()?;
        let of_spec = spec.seeds.contains(&kept.job.seed) && spec.widths.contains(&kept.job.width);
        let work_fits = kept.state.as_ref().is_none_or(|(_, work)| work.is_finite() && *work >= 0.0);
        let whole = kept.traces.is_complete() != kept.state.is_some();
        (rest.is_empty() && of_spec && work_fits && whole && kept.traces.fits(spec)).then_some(kept)
    }

    /// The bytes of a job; the same as those of a [`Kept`], without a copy of its traces.
    fn write(job: Job, traces: &JobTraces, state: Option<(&Packed, f64)>) -> Option<Vec<u8>> {
        let mut bytes = postcard::to_stdvec(&(job, traces, state)).ok()?;
        let checksum = checksum(&bytes);
        bytes.extend(checksum);
        Some(bytes)
    }
}

/// FNV-1a over words of eight bytes: any one of them changed changes it. It finds spoiled bytes and is no
/// protection against made ones.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().copied().map(u64::from_le_bytes).chain(rest.iter().copied().map(u64::from));
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    let sum = words.fold(0xcbf2_9ce4_8422_2325, mix);
    (sum ^ bytes.len() as u64).to_le_bytes()
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
            let cut = state.map(|saved| traces.clone().up_to(&saved.mark));
            let at = state.map(|saved| (&saved.state, saved.work_done));
            let place = |all: &[u32], one| all.iter().position(|each| *each == one).unwrap_or_default();
            let (seed, width) = (place(&results.spec.seeds, job.seed), place(&results.spec.widths, job.width));
            let number = seed * results.spec.widths.len() + width;
            if let Some(bytes) = Kept::write(job, cut.as_ref().unwrap_or(traces), at) {
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
        self.saved.remove(&refused.job);
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
