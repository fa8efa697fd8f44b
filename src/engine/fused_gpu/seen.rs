//! Which examples a step of the full batch visits.

/// A stretch of examples, of which one run in between may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The first example.
    pub first: usize,
    /// How many are visited.
    pub count: usize,
    /// How many of them come before the run that is left out.
    pub before_skip: usize,
    /// Examples of that run.
    pub skip: usize,
}

impl Seen {
    /// Those from the first to the last that has weight or is watched by the stop rule (the first `watched`); if
    /// `skips`, without the longest run in between that neither has nor is.
    pub fn of(weights: &[f32], watched: usize, skips: bool) -> Self {
        let counts = |&(i, &weight): &(usize, &f32)| i < watched || weight != 0.0;
        let mut counting = weights.iter().enumerate().filter(counts).map(|(i, _)| i);
        let first = counting.next().unwrap_or(0);
        let (mut last, mut before_skip, mut skip) = (first, 0, 0);
        for i in counting {
            if skips && i - last - 1 > skip {
                (before_skip, skip) = (last + 1 - first, i - last - 1);
            }
            last = i;
        }
        Self { first, count: last + 1 - first - skip, before_skip, skip }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn every_example_of_weight_is_visited_and_the_longest_run_of_others_is_not() {
        let visited = |seen: Seen| -> Vec<usize> {
            (0..seen.count).map(|i| seen.first + i + if i >= seen.before_skip { seen.skip } else { 0 }).collect()
        };
        let weights = [0.0, 0.5, 0.0, 0.25, 0.0, 0.0, 0.0, 0.25, 0.0];
        assert_eq!(visited(Seen::of(&weights, 0, false)), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(visited(Seen::of(&weights, 0, true)), [1, 2, 3, 7]);
        assert_eq!(visited(Seen::of(&weights, 5, true)), [0, 1, 2, 3, 4, 7]);
        assert_eq!(visited(Seen::of(&[0.0, 1.0], 0, true)), [1]);
        assert_eq!(visited(Seen::of(&[1.0, 1.0, 1.0], 0, true)), [0, 1, 2]);
    }
}
