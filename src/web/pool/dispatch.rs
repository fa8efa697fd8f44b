//! Jobs go to workers, reports come back.

use super::member::{Member, Step};
use super::{Order, Phase, Pool, faults};
use crate::experiments::job::work_of_job;
use crate::experiments::{Engine, Results};
use crate::web::devices::Choice;
use crate::web::protocol::{Code, Fault, Report};

/// Jobs that a GPU worker has in hand, so that it can make good fleets of them.
const FLEETS: usize = 2048;

impl Pool {
    pub(super) fn enter(&mut self, phase: Phase) {
        self.progress.run(phase == Phase::Running);
        if phase != Phase::Paused {
            self.members.values_mut().for_each(|member| (member.step, member.rewind) = (Step::None, false));
        }
        self.changed.state |= self.phase != phase;
        self.phase = phase;
        if self.phase == Phase::Finished {
            self.note_speed_of_run();
        }
    }

    pub(super) fn spawn(&mut self, engine: Engine) -> u32 {
        self.last_member += 1;
        self.members.insert(self.last_member, Member::new(engine));
        self.orders.push(Order::Spawn(self.last_member, engine));
        self.changed.state = true;
        self.last_member
    }

    /// How many workers compute on the CPU.
    pub(super) fn crowd(&self) -> usize {
        self.members.values().filter(|member| member.is_on_cpu()).count()
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.members.values().all(|member| member.queue.is_empty())
    }

    /// Keeps the workers busy, as far as the phase allows.
    pub(super) fn pump(&mut self) {
        if !matches!(self.phase, Phase::Running | Phase::Paused) {
            return;
        }
        if self.waiting.is_empty() && self.is_at_rest() {
            return self.enter(Phase::Finished);
        }
        self.rewind_the_resting();
        self.ready_the_gpu();
        let engine = self.engine();
        self.move_to(engine);
        if !engine.is_on_gpu() {
            let idle = |member: &&Member| member.engine == engine && member.queue.is_empty();
            let lacking = self.waiting.len().saturating_sub(self.members.values().filter(idle).count());
            for _ in 0..lacking.min(self.most.saturating_sub(self.crowd())) {
                self.spawn(engine);
            }
        }
        self.hand_out(engine);
    }

    /// Gives waiting jobs to the workers with this engine, and asks all for work.
    fn hand_out(&mut self, engine: Engine) {
        let crowd = self.crowd();
        let Some(results) = &self.results else { return };
        let running = self.phase == Phase::Running;
        let mut mute = Vec::new();
        for (&id, member) in self.members.iter_mut().filter(|(_, member)| member.ready && member.engine == engine) {
            let wanted = match engine {
                _ if engine.is_on_gpu() && member.queue.len() >= FLEETS / 2 => 0,
                _ if engine.is_on_gpu() => FLEETS,
                // One job ahead, so that no worker waits for the page between two small jobs; not near
                // the end, where a free worker would lack it.
                _ => 1 + usize::from(running && self.waiting.len() > 2 * crowd),
            };
            while member.queue.len() < wanted {
                let Some(job) = self.waiting.pop_front() else { break };
                self.last_token = self.last_token.wrapping_add(1);
                member.assign(self.last_token, job, self.saved.get(&job));
            }
            if let Err(fault) = member.ask(id, &results.spec, running, &mut self.orders) {
                mute.push((id, fault));
            }
        }
        for (id, fault) in mute {
            self.fail(id, fault);
        }
    }

    pub(super) fn take_in(&mut self, id: u32, reports: Vec<Report>) {
        let (Some(member), Some(results)) = (self.members.get_mut(&id), &mut self.results) else { return };
        member.asked = member.asked.saturating_sub(1);
        let engine = member.engine;
        let (mut worked, mut stepped, mut finished_any) = (false, false, false);
        let (mut states, mut broken) = (Vec::new(), Vec::new());
        for report in reports {
            // Tokens rise along the queue.
            let Ok(place) = member.queue.binary_search_by_key(&report.token, |assigned| assigned.token) else {
                continue;
            };
            let assigned = &mut member.queue[place];
            worked = true;
            self.changed.data |= report.work_done < assigned.work_done;
            assigned.work_done = report.work_done;
            stepped |= !report.events.is_empty() || report.done;
            for event in report.events {
                results.add(assigned.job, engine, event);
            }
            states.extend(report.state.map(|state| (assigned.job, state, report.work_done)));
            if report.done && assigned.is_unlike(results) {
                broken.extend(member.queue.remove(place).map(|assigned| assigned.job));
            } else if report.done {
                self.saved.remove(&assigned.job);
                self.unkept.insert(assigned.job, ());
                self.progress.finished += work_of_job(&results.spec, assigned.job.width);
                member.queue.remove(place);
                finished_any = true;
            }
        }
        if member.step == Step::Asked {
            member.step = if stepped { Step::None } else { Step::Wanted };
        }
        self.changed.data |= stepped;
        for (job, state, work_done) in states {
            self.save(job, state, work_done);
        }
        broken.iter().for_each(|job| drop(self.saved.remove(job)));
        self.put_back(broken);
        if finished_any {
            self.count_seeds();
        }
        if worked && self.progress.measured().0 != engine {
            let done = self.work_done();
            self.progress.measure_anew(engine, done);
        }
    }

    pub(super) fn count_seeds(&mut self) {
        let done = self.results.as_ref().map_or(0, Results::complete_seeds);
        self.changed.data |= done != self.seeds_done;
        self.seeds_done = done;
    }

    /// Takes every job out of the workers' hands; what it has reported is forgotten.
    pub(super) fn take_jobs_back(&mut self) {
        self.saved.clear();
        let mut taken = Vec::new();
        for (&id, member) in self.members.iter_mut() {
            let (jobs, message) = member.forget();
            self.orders.extend(message.map(|message| Order::Send(id, message)));
            taken.extend(jobs);
        }
        taken.extend(self.waiting.drain(..));
        self.put_back(taken);
    }

    /// Dismisses a worker. Its jobs wait again, and the run stops if it cannot do without it.
    pub(super) fn fail(&mut self, id: u32, fault: Fault) {
        let Some(mut member) = self.members.remove(&id) else { return };
        self.orders.push(Order::Dismiss(id));
        self.changed.state = true;
        let (jobs, _) = member.forget();
        let had_jobs = !jobs.is_empty();
        self.suspect(&jobs, &fault);
        self.put_back(jobs);
        if member.engine.is_on_gpu() {
            let is_on = matches!(self.phase, Phase::Running | Phase::Paused);
            let stops = is_on && self.engine() == member.engine && fault.code == Code::Mismatch;
            let matters = had_jobs || self.gpu.choice == Choice::Gpu;
            self.lose_gpu(member.engine, fault.clone(), matters && !stops);
            if stops {
                self.enter(Phase::Stopped(fault));
            }
            return;
        }
        let others_are_ready = self.members.values().any(|member| member.ready && member.is_on_cpu());
        if faults::stops_the_run(&self.phase, &fault, member.ready, had_jobs, others_are_ready) {
            self.enter(Phase::Stopped(fault));
        } else if !member.ready && matches!(self.phase, Phase::Running | Phase::Paused) {
            self.most = self.most.min(self.crowd()).max(1); // a device with room for no more
        }
    }
}
