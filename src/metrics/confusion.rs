//! What is answered where what is true, over a few classes.

use serde::{Deserialize, Serialize};

use super::language::Share;

/// Counts of answers by truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// `[classes]` of `[classes]`: row what is true, column what was answered.
    pub counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// Of items, each with what is true and what was answered.
    ///
    /// # Panics
    /// If a class is beyond `classes`.
    pub fn new(classes: usize, items: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![vec![0; classes]; classes];
        for (truth, answer) in items {
            counts[truth][answer] += 1;
        }
        Self { counts }
    }

    /// How much of the answers each class has: even where a model can tell, all in one where it only keeps a form.
    ///
    /// # Shapes
    /// `[classes]`
    pub fn answered(&self) -> Vec<Share> {
        let of = self.counts.iter().flatten().sum();
        (0..self.counts.len())
            .map(|class| Share { count: self.counts.iter().map(|row| row[class]).sum(), of })
            .collect()
    }

    /// How much of what is true of each class is answered so.
    ///
    /// # Shapes
    /// `[classes]`
    pub fn recalls(&self) -> Vec<Share> {
        self.counts.iter().enumerate().map(|(class, row)| Share { count: row[class], of: row.iter().sum() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Confusion, Share};

    #[test]
    fn shares_by_hand() {
        let confusion = Confusion::new(3, [(0, 0), (0, 1), (1, 1), (2, 1), (2, 1), (0, 0)]);
        assert_eq!(confusion.counts, [[2, 1, 0], [0, 1, 0], [0, 2, 0]]);
        let shares = |pairs: [(usize, usize); 3]| pairs.map(|(count, of)| Share { count, of });
        assert_eq!(confusion.answered(), shares([(2, 6), (4, 6), (0, 6)]));
        assert_eq!(confusion.recalls(), shares([(2, 3), (1, 1), (0, 2)]));
    }
}
