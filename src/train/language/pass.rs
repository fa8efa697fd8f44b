//! A step's loss and gradients, with as little kept on the way forwards as asked for.

use burn::module::{Module, ModuleVisitor, Param};
use burn_tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};

use super::gradients::Gradients;
use crate::engine::operations::cross_entropy;
use crate::model::llama::{Block, Llama, Mode, Sequences};

/// How a pass goes about its memory. Gradients are the same whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Whether each block keeps its input alone and is computed again on the way back (Chen et al. 2016,
    /// arXiv 1604.06174): one more way forwards, for the memory of one block.
    pub checkpoints_blocks: bool,
    /// Positions whose logits are held at once.
    pub rows: usize,
}

impl Default for Pass {
    fn default() -> Self {
        Self { checkpoints_blocks: false, rows: 1024 }
    }
}

impl Pass {
    /// The weighted sum of the losses of the tokens that follow, in nats, `[1]`; and its gradients.
    ///
    /// # Shapes
    /// `targets`, `weights`: `[sequences * time]`; a position of weight 0 costs no head
    ///
    /// # Panics
    /// As [`Llama::hidden`], or if no position has a weight.
    pub fn run(
        self,
        model: &Llama,
        sequences: &Sequences,
        targets: &[u32],
        weights: &[f32],
        mode: &Mode,
    ) -> (Tensor<1>, Gradients) {
        let head = |end: Tensor<2>| self.head(model, end, targets, weights);
        let layers = &model.model.layers;
        let embeds = model.model.embed_tokens.weight.val().is_require_grad();
        if !self.checkpoints_blocks {
            let mut x = model.embed(&sequences.tokens);
            for block in layers {
                x = block.forward(x, &sequences.sight, mode);
            }
            let (loss, pull, gradients) = head(x.clone().inner());
            return (loss, gradients.plus(Gradients::pulled(x, pull, model, "")));
        }
        let bare = model.valid();
        let mut inputs = vec![bare.embed(&sequences.tokens)];
        for (index, block) in bare.model.layers.iter().enumerate() {
            let next = block.forward(inputs[index].clone(), &sequences.sight, mode);
            inputs.push(next);
        }
        let (loss, mut pull, mut gradients) = head(inputs.pop().expect("the last block has an output"));
        let first = if embeds { 0 } else { layers.iter().position(is_trained).unwrap_or(layers.len()) };
        for (index, block) in layers.iter().enumerate().skip(first).rev() {
            let mut input = Tensor::from_inner(inputs.pop().expect("an input of each block"));
            let goes_on = index > first || embeds;
            if goes_on {
                input = input.require_grad();
            }
            let output = block.forward(input.clone(), &sequences.sight, mode);
            let mut tape = (output * Tensor::from_inner(pull.clone())).sum().backward();
            if goes_on {
                pull = input.grad_remove(&mut tape).expect("a block's output depends on its input");
            }
            gradients = gradients.plus(Gradients::collected(tape, block, &format!("model.layers.{index}")));
        }
        if embeds {
            let table = &model.model.embed_tokens;
            gradients =
                gradients.plus(Gradients::pulled(model.embed(&sequences.tokens), pull, table, "model.embed_tokens"));
        }
        (loss, gradients)
    }

    /// The weighted sum of the losses of the tokens that follow, in nats, without gradients.
    ///
    /// # Shapes
    /// as of [`run`](Self::run); `model` is off the tape
    ///
    /// # Panics
    /// As [`Llama::hidden`].
    pub fn loss(self, model: &Llama, sequences: &Sequences, targets: &[u32], weights: &[f32], mode: &Mode) -> f64 {
        let hidden = model.hidden(sequences, mode);
        let counting: Vec<usize> = (0..weights.len()).filter(|&row| weights[row] != 0.0).collect();
        let part = |rows: &[usize]| {
            let logits = model.head(hidden.clone().select(0, places(rows, &hidden.device())));
            cross_entropy(logits, &of_rows(targets, rows), &of_rows(weights, rows)).into_scalar::<f64>()
        };
        counting.chunks(self.rows.max(1)).map(part).sum()
    }

    /// From what the last block puts out, off the tape: the loss, its gradient by that, and those of the last norm and
    /// the head.
    fn head(
        self,
        model: &Llama,
        end: Tensor<2>,
        targets: &[u32],
        weights: &[f32],
    ) -> (Tensor<1>, Tensor<2>, Gradients) {
        let shape = end.dims();
        let counting: Vec<usize> = (0..weights.len()).filter(|&row| weights[row] != 0.0).collect();
        let (mut loss, mut gradients) = (None, Gradients::default());
        let mut pull = end.zeros_like();
        for rows in counting.chunks(self.rows.max(1)) {
            let (targets, weights) = (of_rows(targets, rows), of_rows(weights, rows));
            let places = places(rows, &end.device());
            let taken = if rows.len() == shape[0] { end.clone() } else { end.clone().select(0, places.clone()) };
            let taken = Tensor::from_inner(taken).require_grad();
            let logits = model.head(model.model.norm.forward(taken.clone()));
            let part = cross_entropy(logits, &targets, &weights);
            loss = Some(match loss {
                Some(sum) => sum + part.clone().inner(),
                None => part.clone().inner(),
            });
            let mut tape = part.backward();
            let by_rows = taken.grad_remove(&mut tape).expect("the loss depends on the last block");
            pull = match rows.len() == shape[0] {
                true => by_rows,
                false => pull.select_assign(0, places, by_rows, IndexingUpdateOp::Add),
            };
            gradients = gradients.plus(Gradients::collected(tape, model, ""));
        }
        (loss.expect("some position has a weight"), pull, gradients)
    }
}

/// What stands at these rows.
fn of_rows<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| values[row]).collect()
}

fn places(rows: &[usize], device: &Device) -> Tensor<1, Int> {
    let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
    let count = rows.len();
    Tensor::from_data(TensorData::new(rows, [count]), device)
}

/// Whether any parameter of a block is trained.
fn is_trained(block: &Block) -> bool {
    struct Looking(bool);
    impl ModuleVisitor for Looking {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            self.0 |= parameter.val().is_require_grad();
        }
    }
    let mut looking = Looking(false);
    block.visit(&mut looking);
    looking.0
}
