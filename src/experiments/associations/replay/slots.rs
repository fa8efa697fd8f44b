//! Which places of which steps are replayed examples.

use core::ops::Range;

/// The places of all steps: new windows in their order, and replayed examples evenly between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// Steps in all.
    pub steps: u32,
    /// Replayed examples in all.
    pub replayed: u64,
    batch: u32,
}

impl Slots {
    /// Those of a run of so many steps without replay, lengthened by `ratio` of them, at least by one: all that the run
    /// without replay reads is read, and what the steps beyond have room for is replayed. A ratio of 0 lengthens
    /// nothing.
    pub fn new(steps: u32, batch: u32, ratio: f64) -> Self {
        let beyond = if ratio > 0.0 { ((ratio * f64::from(steps)).round() as u32).max(1) } else { 0 };
        Self { steps: steps + beyond, replayed: u64::from(beyond) * u64::from(batch), batch }
    }

    /// Replayed examples in the first `steps` steps.
    fn before(&self, steps: u32) -> u64 {
        self.replayed * u64::from(steps) / u64::from(self.steps)
    }

    /// The numbers of the new windows of a step, and how many examples it replays.
    pub fn of(&self, step: u32) -> (Range<u64>, usize) {
        let new = |steps: u32| u64::from(steps) * u64::from(self.batch) - self.before(steps);
        (new(step)..new(step + 1), (self.before(step + 1) - self.before(step)) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_new_windows_are_read_in_their_order_and_replay_is_even() {
        for (steps, batch, ratio) in [(100, 8, 0.125), (100, 8, 1.0 / 32.0), (7, 3, 1.0), (1, 1, 0.001), (50, 8, 0.0)] {
            let slots = Slots::new(steps, batch, ratio);
            let (mut read, mut replayed) = (0, 0u64);
            for step in 0..slots.steps {
                let (new, old) = slots.of(step);
                assert_eq!((new.start, (new.end - new.start) as usize + old), (read, batch as usize));
                (read, replayed) = (new.end, replayed + old as u64);
                let even = slots.replayed as f64 * f64::from(step + 1) / f64::from(slots.steps);
                assert!((replayed as f64 - even).abs() < 1.0, "step {step}: {replayed} and {even}");
            }
            assert_eq!((read, replayed), (u64::from(steps * batch), slots.replayed));
        }
        assert_eq!(Slots::new(100, 8, 0.125).replayed, 104);
        assert_eq!((Slots::new(100, 8, 0.0).steps, Slots::new(100, 8, 0.0).replayed), (100, 0));
    }
}
