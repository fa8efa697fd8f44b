//! In which order the rows of a corpus come.

use crate::seed::Seed;

/// An endless order of rows, any place of which can be had at once.
#[derive(Clone, Debug)]
pub struct Order {
    seed: Seed,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Every row once an epoch, each epoch in an order of its own; the epoch at hand is kept.
    Shuffled { rows: u32, epoch: Option<u64>, order: Vec<u32> },
    /// Draws with replacement; sums of the weights up to each row.
    Weighted { sums: Vec<f64> },
}

impl Order {
    /// Every row once, in an order drawn anew for each epoch.
    ///
    /// # Panics
    /// If there is no row.
    pub fn shuffled(rows: u32, seed: Seed) -> Self {
        assert!(rows > 0, "there is a row");
        Self { seed, kind: Kind::Shuffled { rows, epoch: None, order: Vec::new() } }
    }

    /// Rows drawn with replacement, each as often as its weight says. `None` unless the weights are finite, not
    /// negative and one of them is positive.
    pub fn weighted(weights: &[f64], seed: Seed) -> Option<Self> {
        let mut sum = 0.0;
        let mut sums = Vec::with_capacity(weights.len());
        for &weight in weights {
            if !(weight.is_finite() && weight >= 0.0) {
                return None;
            }
            sum += weight;
            sums.push(sum);
        }
        (sum > 0.0 && sum.is_finite()).then_some(Self { seed, kind: Kind::Weighted { sums } })
    }

    /// The row at a place, counted from 0 over all epochs.
    pub fn at(&mut self, place: u64) -> u32 {
        match &mut self.kind {
            Kind::Shuffled { rows, epoch, order } => {
                let (wanted, within) = (place / u64::from(*rows), (place % u64::from(*rows)) as usize);
                if *epoch != Some(wanted) {
                    *order = Self::permutation(*rows, &self.seed.fork(&format!("epoch {wanted}")));
                    *epoch = Some(wanted);
                }
                order[within]
            }
            Kind::Weighted { sums } => {
                // Two words a draw.
                let drawn = self.seed.stream().from_word(2 * place).uniform() * sums.last().copied().unwrap_or(0.0);
                // A product may round up to the sum itself, and rows without weight come last: the first row to reach
                // it.
                let past = sums.partition_point(|&sum| sum <= drawn);
                let last = sums.partition_point(|&sum| sum < sums.last().copied().unwrap_or(0.0));
                past.min(last) as u32
            }
        }
    }

    /// All numbers below `rows` in random order, by Fisher and Yates.
    pub fn permutation(rows: u32, seed: &Seed) -> Vec<u32> {
        let mut order: Vec<u32> = (0..rows).collect();
        let mut stream = seed.stream();
        for end in (1..rows).rev() {
            order.swap(end as usize, stream.below(end + 1) as usize);
        }
        order
    }
}
