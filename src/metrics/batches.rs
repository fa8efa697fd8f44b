//! Texts side by side: what goes through a model at once, and which of its rows are read.

use core::cmp::Reverse;

use burn_tensor::{DType, Int, Tensor, TensorData, activation};

use crate::model::llama::{Config, Llama, Sequences};

/// Positions that go through a model at once; a longer text goes alone.
const POSITIONS: usize = 4096;
/// Logits that are held at once: 64 MB in single precision.
pub const LOGITS: usize = 1 << 24;

/// Texts of about equal length, padded behind.
pub struct Batch {
    /// Which of all texts these are.
    pub places: Vec<usize>,
    pub sequences: Sequences,
}

impl Batch {
    /// The row of a position of text number `member` of this batch.
    pub fn row(&self, member: usize, position: usize) -> usize {
        member * self.sequences.sight.time + position
    }
}

/// All texts in batches, from long to short, so that too little memory shows at once.
pub fn batches<'a>(config: &'a Config, texts: &'a [&'a [u32]]) -> impl Iterator<Item = Batch> + 'a {
    let mut places: Vec<usize> = (0..texts.len()).collect();
    places.sort_by_key(|&place| Reverse(texts[place].len()));
    let mut together: Vec<Vec<usize>> = Vec::new();
    for place in places {
        match together.last_mut().filter(|batch| (batch.len() + 1) * texts[batch[0]].len() <= POSITIONS) {
            Some(batch) => batch.push(place),
            None => together.push(vec![place]),
        }
    }
    together.into_iter().map(|places| {
        let time = texts[places[0]].len();
        let lengths: Vec<Vec<usize>> = places.iter().map(|&place| vec![texts[place].len()]).collect();
        let padded = |&place: &usize| {
            let text = texts[place];
            text.iter().copied().chain(core::iter::repeat_n(0, time - text.len()))
        };
        let tokens = places.iter().flat_map(padded).collect();
        let is_even = lengths.iter().all(|length| length[0] == time);
        let sight = if is_even { config.whole(places.len(), time) } else { config.packed(&lengths, time, false) };
        Batch { places, sequences: Sequences { tokens, sight } }
    })
}

/// Logarithms of a model's probabilities of the next token after some rows, in single precision.
///
/// # Shapes
/// - `hidden`: `[all rows, units]`
/// - result: `[rows, vocabulary]`
pub fn log_probabilities(model: &Llama, hidden: &Tensor<2>, rows: &[usize]) -> Tensor<2> {
    let rows = integers(rows.iter().map(|&row| row as i32), hidden);
    activation::log_softmax(model.head(hidden.clone().select(0, rows)).cast(DType::F32), 1)
}

/// The number of each row's chosen column.
///
/// # Shapes
/// - `table`: `[rows, columns]`
/// - `columns`: `[rows]`
/// - result: `[rows, 1]`
pub fn at(table: &Tensor<2>, columns: impl Iterator<Item = u32>) -> Tensor<2> {
    let columns = integers(columns.map(|column| column as i32), table);
    table.clone().gather(1, columns.unsqueeze_dim(1))
}

/// Whole numbers where a tensor is.
fn integers(numbers: impl Iterator<Item = i32>, beside: &Tensor<2>) -> Tensor<1, Int> {
    let numbers: Vec<i32> = numbers.collect();
    let shape = [numbers.len()];
    Tensor::from_data(TensorData::new(numbers, shape), &beside.device())
}
