//! Jobs go to workers, reports come back.

use super::member::{Member, Step};
use super::{Order, Phase, Pool, faults};
use crate::experiments::Results;
use crate::experiments::job::work_of_job;
use crate::web::protocol::{Fault, Report};

impl Pool {
    pub(super) fn enter(&mut self, phase: Phase) {
        self.progress.run(phase == Phase::Running);
        if phase != Phase::Paused {
            self.members.values_mut().for_each(|member| member.step = Step::None);
        }
        self.changed.state |= self.phase != phase;
        self.phase = phase;
    }

    pub(super) fn spawn(&mut self) {
        self.last_member += 1;
        self.members.insert(self.last_member, Member::default());
        self.orders.push(Order::Spawn(self.last_member));
        self.changed.state = true;
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
        let free = self.members.values().filter(|member| member.queue.is_empty()).count();
        let lacking = self.waiting.len().saturating_sub(free);
        for _ in 0..lacking.min(self.most.saturating_sub(self.members.len())) {
            self.spawn();
        }
        let Some(results) = &self.results else { return };
        let running = self.phase == Phase::Running;
        let crowd = self.members.len();
        for (&id, member) in self.members.iter_mut().filter(|(_, member)| member.ready) {
            // One job ahead, so that no worker waits for the page between two small jobs; not near
            // the end, where a free worker would lack it.
            let wanted = if running && self.waiting.len() > 2 * crowd { 2 } else { 1 };
            while member.queue.len() < wanted {
                let Some(job) = self.waiting.pop_front() else { break };
                self.last_token = self.last_token.wrapping_add(1);
                member.assign(self.last_token, job);
            }
            member.ask(id, &results.spec, running, &mut self.orders);
        }
    }

    pub(super) fn take_in(&mut self, id: u32, reports: Vec<Report>) {
        let (Some(member), Some(results)) = (self.members.get_mut(&id), &mut self.results) else { return };
        member.asked = member.asked.saturating_sub(1);
        let mut finished_any = false;
        let mut stepped = false;
        for report in reports {
            let Some(place) = member.queue.iter().position(|assigned| assigned.token == report.token) else { continue };
            let assigned = &mut member.queue[place];
            assigned.work_done = report.work_done;
            stepped |= !report.events.is_empty() || report.done;
            for event in report.events {
                results.add(assigned.job, member.engine, event);
            }
            if report.done {
                self.progress.finished += work_of_job(&results.spec, assigned.job.width);
                member.queue.remove(place);
                finished_any = true;
            }
        }
        if member.step == Step::Asked {
            member.step = if stepped { Step::None } else { Step::Wanted };
        }
        self.changed.data |= stepped;
        if finished_any {
            self.count_seeds();
        }
    }

    pub(super) fn count_seeds(&mut self) {
        let done = self.results.as_ref().map_or(0, Results::complete_seeds);
        self.changed.state |= done != self.seeds_done;
        self.seeds_done = done;
    }

    /// Takes every job out of the workers' hands; what it has reported is forgotten.
    pub(super) fn take_jobs_back(&mut self) {
        for (&id, member) in &mut self.members {
            let (jobs, message) = member.forget();
            self.orders.extend(message.map(|message| Order::Send(id, message)));
            for job in jobs {
                self.waiting.push_front(job);
                if let Some(results) = &mut self.results {
                    results.discard(job);
                }
            }
        }
    }

    /// Dismisses a worker. Its jobs wait again, and the run stops if it cannot do without it.
    pub(super) fn fail(&mut self, id: u32, fault: Fault) {
        let Some(mut member) = self.members.remove(&id) else { return };
        self.orders.push(Order::Dismiss(id));
        self.changed.state = true;
        let (jobs, _) = member.forget();
        for &job in jobs.iter().rev() {
            self.waiting.push_front(job);
            if let Some(results) = &mut self.results {
                results.discard(job);
                self.changed.data = true;
            }
        }
        let others_are_ready = self.members.values().any(|member| member.ready);
        if faults::stops_the_run(&self.phase, &fault, member.ready, !jobs.is_empty(), others_are_ready) {
            self.enter(Phase::Stopped(fault));
        } else if !member.ready && matches!(self.phase, Phase::Running | Phase::Paused) {
            self.most = self.most.min(self.members.len()).max(1); // a device with room for no more
        }
    }
}
