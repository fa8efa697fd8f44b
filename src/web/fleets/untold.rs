//! What the page has not been told yet, in order.

use std::collections::VecDeque;

use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::web::protocol::Packed;

pub enum News {
    Event(Event),
    /// Where the job stood when everything before it had happened.
    State(Packed),
}

impl News {
    /// Its size on the way, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Event(Event::Checkpoint { point, .. } | Event::Predicted { point, .. }) => {
                48 + 4 * point.function.len()
            }
            Self::Event(Event::Ended { .. } | Event::Gap { .. } | Event::Looked { .. }) => 48,
            Self::Event(Event::Planned { plan, .. }) => 48 + 16 * plan.schedule.segments().len(),
            Self::Event(Event::Tasks { tasks, .. }) => 48 + 4 * tasks.losses.len(),
            Self::State(state) => state.as_ref().len(),
        }
    }
}

#[derive(Default)]
pub struct Untold {
    news: VecDeque<(Job, News)>,
    bytes_of_events: usize,
    states: usize,
}

impl Untold {
    pub fn push(&mut self, job: Job, news: News) {
        match news {
            News::Event(_) => self.bytes_of_events += news.bytes(),
            News::State(_) => self.states += 1,
        }
        self.news.push_back((job, news));
    }

    pub fn first(&self) -> Option<&(Job, News)> {
        self.news.front()
    }

    pub fn pop(&mut self) -> Option<(Job, News)> {
        let (job, news) = self.news.pop_front()?;
        match news {
            News::Event(_) => self.bytes_of_events -= news.bytes(),
            News::State(_) => self.states -= 1,
        }
        Some((job, news))
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn is_empty(&self) -> bool {
        self.news.is_empty()
    }

    /// Bytes of events. States do not count: a fleet trains on while they are told.
    pub fn bytes_of_events(&self) -> usize {
        self.bytes_of_events
    }

    pub fn has_states(&self) -> bool {
        self.states > 0
    }
}
