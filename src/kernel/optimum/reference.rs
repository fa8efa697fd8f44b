//! Schedules that anybody would think of, at a given replay budget.

/// How a budget of replay is dealt out over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// The same fraction all the time.
    Uniform,
    /// Nothing but replay from the start until the budget is spent.
    FrontLoaded,
    /// Nothing but replay at the end.
    BackLoaded,
    /// Every fourth segment (more often where the budget needs it).
    Periodic,
}

impl Reference {
    pub const ALL: [Self; 4] = [Self::Uniform, Self::FrontLoaded, Self::BackLoaded, Self::Periodic];

    /// The fraction of each segment so that the mean over time is `budget`.
    ///
    /// ```
    /// use lethe::kernel::optimum::Reference;
    /// let four = [10.0; 4];
    /// assert_eq!(Reference::FrontLoaded.fractions(0.375, &four), [1.0, 0.5, 0.0, 0.0]);
    /// assert_eq!(Reference::BackLoaded.fractions(0.375, &four), [0.0, 0.0, 0.5, 1.0]);
    /// assert_eq!(Reference::Periodic.fractions(0.125, &four), [0.0, 0.0, 0.0, 0.5]);
    /// ```
    pub fn fractions(self, budget: f64, durations: &[f64]) -> Vec<f64> {
        let steps = budget * durations.iter().sum::<f64>();
        match self {
            Self::Uniform => vec![budget; durations.len()],
            Self::FrontLoaded => spent(steps, durations.iter()),
            Self::BackLoaded => spent(steps, durations.iter().rev()).into_iter().rev().collect(),
            Self::Periodic => periodic(steps, durations).unwrap_or_else(|| vec![budget; durations.len()]),
        }
    }
}

/// Whole segments of replay until `steps` are spent.
fn spent<'a>(mut steps: f64, durations: impl Iterator<Item = &'a f64>) -> Vec<f64> {
    let fraction = |duration: &f64| {
        let share = (steps / duration).clamp(0.0, 1.0);
        steps -= share * duration;
        share
    };
    durations.map(fraction).collect()
}

/// Replay in every fourth, third or second segment, the first of these whose fraction is no more than 1.
fn periodic(steps: f64, durations: &[f64]) -> Option<Vec<f64>> {
    [4, 3, 2].into_iter().find_map(|period| {
        let on = |segment: usize| segment % period == period - 1;
        let spread: f64 = durations.iter().enumerate().filter(|(i, _)| on(*i)).map(|(_, duration)| duration).sum();
        let fraction = steps / spread;
        let fractions = (0..durations.len()).map(|i| if on(i) { fraction } else { 0.0 });
        (spread > 0.0 && fraction <= 1.0).then(|| fractions.collect())
    })
}
