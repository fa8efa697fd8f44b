//! The fine-tuning mixture: how much each example of the new and the replayed old task counts.

use crate::seed::Stream;

/// Relative weights of the examples of both tasks; each task's add up to 1.
///
/// Examples are numbered task by task: all new tasks in their order, then the old one. Where there are several new
/// tasks, a mixture is that of one of them, and the old task stands for all that are replayed in equal parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    new: Task,
    old: Task,
    /// Which task is trained, which are replayed, and how many there are.
    new_at: usize,
    old_at: Vec<usize>,
    tasks: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Task {
    count: usize,
    /// Cumulative relative weights, the last 1; `None` for equal weights.
    cumulative: Option<Vec<f64>>,
}

/// How old examples take part in fine-tuning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Replay {
    /// The old task has the share p of the loss weight, the new one 1 - p.
    Replacing(f64),
    /// The old task has the weight r beside a weight of 1 on the new one (Jin & Ren 2024: r = 1/32).
    Added(f64),
}

impl Replay {
    /// The weights of the new and of the old task.
    pub fn weights(self) -> (f64, f64) {
        match self {
            Self::Replacing(p) => (1.0 - p, p),
            Self::Added(r) => (1.0, r),
        }
    }

    /// All the weight: 1, or 1 + r. Sampled batches have a weight of 1, so that is what their loss lacks.
    pub fn total(self) -> f64 {
        match self {
            Self::Replacing(_) => 1.0,
            Self::Added(r) => 1.0 + r,
        }
    }

    /// The old task's share of the weight, the chance that an example of a sampled batch is old.
    pub fn share(self) -> f64 {
        match self {
            Self::Replacing(p) => p,
            Self::Added(r) => r / (1.0 + r),
        }
    }
}

impl Task {
    fn new(count: usize, runs: &[(f64, u32)]) -> Self {
        let total: f64 = runs.iter().map(|&(weight, times)| weight * f64::from(times)).sum();
        let each = runs.iter().flat_map(|&(weight, times)| (0..times).map(move |_| weight / total));
        let mut sum = 0.0;
        let cumulative: Vec<f64> = each
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        Self { count, cumulative: (!runs.is_empty()).then_some(cumulative) }
    }

    fn weight(&self, index: usize) -> f64 {
        match &self.cumulative {
            None => 1.0 / self.count as f64,
            Some(sums) => sums[index] - index.checked_sub(1).map_or(0.0, |before| sums[before]),
        }
    }

    fn draw(&self, stream: &mut Stream) -> usize {
        match &self.cumulative {
            None => stream.below(self.count as u32) as usize,
            Some(sums) => {
                let at = stream.uniform();
                sums.partition_point(|&sum| sum <= at).min(self.count - 1)
            }
        }
    }
}

impl Mixture {
    /// `count` examples of each task, with relative weights as (weight, how many); no runs are equal weights.
    pub fn new(count: usize, new: &[(f64, u32)], old: &[(f64, u32)]) -> Self {
        Self { new: Task::new(count, new), old: Task::new(count, old), new_at: 0, old_at: vec![1], tasks: 2 }
    }

    /// The mixture of new task `stage` of `stages` (from 0), which replays the old task and, if `replays_new`, every
    /// new one before it.
    pub fn in_sequence(self, stage: usize, stages: usize, replays_new: bool) -> Self {
        let earlier = 0..if replays_new { stage } else { 0 };
        Self { new_at: stage, old_at: [stages].into_iter().chain(earlier).collect(), tasks: stages + 1, ..self }
    }

    /// The weights of a full batch at replay fraction p: (1 - p) over the new task, p over the replayed ones; they add
    /// up to 1.
    ///
    /// # Shapes
    /// [tasks count]
    pub fn full_batch(&self, replay: f64) -> Vec<f32> {
        self.full_batch_with(Replay::Replacing(replay))
    }

    /// The weights of a full batch with either kind of replay; they add up to [`Replay::total`].
    ///
    /// # Shapes
    /// [tasks count]
    pub fn full_batch_with(&self, replay: Replay) -> Vec<f32> {
        let (new_weight, old_weight) = replay.weights();
        let count = self.new.count;
        let mut weights = vec![0.0; self.tasks * count];
        for (i, weight) in weights[self.new_at * count..][..count].iter_mut().enumerate() {
            *weight = (new_weight * self.new.weight(i)) as f32;
        }
        let share = old_weight / self.old_at.len() as f64;
        for &task in &self.old_at {
            for (i, weight) in weights[task * count..][..count].iter_mut().enumerate() {
                *weight = (share * self.old.weight(i)) as f32;
            }
        }
        weights
    }

    /// `stream`, fresh, as it is after `batches`: how many batches of `size` were drawn at which replay fraction.
    ///
    /// Where all draws take equally many words that is a jump, else every draw is made again.
    pub fn past(&self, batches: &[(u32, f64)], size: usize, stream: Stream) -> Stream {
        if self.tasks == 2 && self.new.cumulative.is_some() == self.old.cumulative.is_some() {
            // Which task: two words. Which of its examples: one word, or two by weight.
            let words = if self.new.cumulative.is_some() { 4 } else { 3 };
            let drawn: u64 = batches.iter().map(|&(count, _)| u64::from(count)).sum();
            return stream.from_word(drawn * size as u64 * words);
        }
        self.skip(batches, size, stream)
    }

    /// As [`Self::past`] from wherever `stream` is, by drawing.
    pub fn skip(&self, batches: &[(u32, f64)], size: usize, mut stream: Stream) -> Stream {
        let mut batch = vec![0; size];
        for &(count, replay) in batches {
            (0..count).for_each(|_| self.draw(replay, &mut stream, &mut batch));
        }
        stream
    }

    /// Draws a batch with replacement into `batch`: each example is replayed with probability p, from each replayed
    /// task alike; within a task by weight.
    pub fn draw(&self, replay: f64, stream: &mut Stream, batch: &mut [u32]) {
        for index in batch {
            let (task, example) = if stream.uniform() < replay {
                let which = if self.old_at.len() > 1 { stream.below(self.old_at.len() as u32) as usize } else { 0 };
                (self.old_at[which], self.old.draw(stream))
            } else {
                (self.new_at, self.new.draw(stream))
            };
            *index = (task * self.new.count + example) as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn a_stream_goes_on_where_its_batches_ended() {
        let runs: [&[(f64, u32)]; 2] = [&[], &[(1.0, 3), (0.5, 4)]];
        for (new, old) in [(0, 0), (1, 1), (0, 1), (1, 0)] {
            let mixture = Mixture::new(7, runs[new], runs[old]);
            let fresh = || Seed::new(3).stream();
            let (mut drawn, mut batch) = (fresh(), [0; 5]);
            let batches = [(4, 0.0), (9, 0.3), (1, 1.0)];
            for (count, replay) in batches {
                (0..count).for_each(|_| mixture.draw(replay, &mut drawn, &mut batch));
            }
            let mut past = mixture.past(&batches, batch.len(), fresh());
            assert_eq!([past.word(), past.word()], [drawn.word(), drawn.word()], "weights {new}, {old}");
        }
    }
}
