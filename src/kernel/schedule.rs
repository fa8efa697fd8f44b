//! A replay fraction that changes in time, piecewise constant.

use super::mixture::checked_replay;
use super::rule::Rule;
use super::theory_error::TheoryError;

/// One stretch of training at one replay fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// p, the old task's share of the loss.
    pub replay: f64,
    /// Units of time under flow, whole steps otherwise.
    pub duration: f64,
}

/// The stretches of one training, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    segments: Vec<Segment>,
}

/// Segments accepted.
pub const MOST_SEGMENTS: usize = 4_096;

impl Schedule {
    /// Checks every segment.
    ///
    /// # Errors
    /// No segment or too many, a fraction outside 0 to 1, a duration that is negative or not finite.
    pub fn new(segments: Vec<Segment>) -> Result<Self, TheoryError> {
        if !(1..=MOST_SEGMENTS).contains(&segments.len()) {
            let accepted = format!("1 to {MOST_SEGMENTS} segments");
            return Err(TheoryError::wrong("schedule", segments.len(), accepted));
        }
        for segment in &segments {
            checked_replay(segment.replay)?;
            Rule::Flow.checked_time(segment.duration)?;
        }
        Ok(Self { segments })
    }

    /// One fraction all the time.
    ///
    /// # Errors
    /// As [`Schedule::new`].
    pub fn constant(replay: f64, duration: f64) -> Result<Self, TheoryError> {
        Self::new(vec![Segment { replay, duration }])
    }

    /// Fractions over stretches of equal whole numbers of steps; the first ones are a step longer where
    /// `steps` does not divide.
    ///
    /// ```
    /// use lethe::kernel::Schedule;
    /// let schedule = Schedule::even(&[0.0, 0.5], 5)?;
    /// assert_eq!(schedule.segments()[0].duration, 3.0);
    /// assert_eq!(schedule.mean_replay(), 0.2);
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Schedule::new`].
    pub fn even(replay: &[f64], steps: usize) -> Result<Self, TheoryError> {
        let durations = stretches(steps, replay.len());
        Self::new(replay.iter().zip(durations).map(|(&replay, duration)| Segment { replay, duration }).collect())
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// All durations together.
    pub fn duration(&self) -> f64 {
        self.segments.iter().map(|segment| segment.duration).sum()
    }

    /// The replay spent: the mean of p over time; that of the segments where they have no duration.
    pub fn mean_replay(&self) -> f64 {
        let duration = self.duration();
        if duration > 0.0 {
            self.segments.iter().map(|segment| segment.replay * segment.duration).sum::<f64>() / duration
        } else {
            self.segments.iter().map(|segment| segment.replay).sum::<f64>() / self.segments.len() as f64
        }
    }
}

/// `steps` dealt out to `count` stretches, the first ones a step longer.
pub fn stretches(steps: usize, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| (steps / count + usize::from(i < steps % count)) as f64)
}

/// Where each of `times` falls: segment after segment, what is asked within it.
///
/// Every time counts from the start; a time on a border belongs to the segment that it ends. Times beyond the
/// end are an error of their own.
pub(super) struct Visit {
    /// Time since the segment's start.
    pub since: f64,
    /// The place in the caller's list.
    pub index: usize,
}

/// Times beyond the end by this share of it are the end: sums of durations round.
const ROUNDING: f64 = 1e-12;

/// The visits of each segment, by increasing time.
///
/// # Errors
/// A time that is negative or beyond the end.
pub(super) fn visits(durations: &[f64], times: &[f64]) -> Result<Vec<Vec<Visit>>, TheoryError> {
    let end: f64 = durations.iter().sum();
    if let Some(time) = times.iter().find(|&&time| !(0.0..=end * (1.0 + ROUNDING)).contains(&time)) {
        return Err(TheoryError::wrong("time", time, format!("a time from 0 to the schedule's end, {end}")));
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&i, &j| times[i].total_cmp(&times[j]));
    let mut next = order.into_iter().peekable();
    let mut start = 0.0;
    let last = durations.len().saturating_sub(1);
    let visits = durations.iter().enumerate().map(|(segment, &duration)| {
        let mut here = Vec::new();
        while let Some(index) = next.next_if(|&index| segment == last || times[index] <= start + duration) {
            here.push(Visit { since: (times[index] - start).clamp(0.0, duration), index });
        }
        start += duration;
        here
    });
    Ok(visits.collect())
}
