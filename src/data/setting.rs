//! What can be set about a world. Which of it a world reads stands in its definition.

/// Numbers that describe a world, checked by whoever asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Coordinates of a point.
    pub inputs: usize,
    /// Training examples per task; as many test examples are drawn afresh.
    pub samples: usize,
    /// Centres on a line.
    pub means: [f64; 2],
    /// Standard deviation of every cloud in every direction.
    pub standard_deviation: f64,
    /// The label that fine-tuning gives.
    pub new_label: f64,
    /// Standard deviation of the noise on training labels.
    pub label_noise: f64,
    /// How many clouds there are.
    pub clusters: usize,
    /// How like the new task is to the old one: 1 is the same, 0 unrelated.
    pub similarity: f64,
    /// Tasks in all, the old one included.
    pub tasks: usize,
    /// Degrees from one task to the next.
    pub angle: f64,
    /// The share of X1 that gets the new label.
    pub share: f64,
}
