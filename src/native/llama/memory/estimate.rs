//! What a fine-tuning holds in memory at its peak, part by part.

use super::shape::{Layer, block_matrices, embedding, parameters, trained};
use crate::model::llama::{Bits, Config, Lora, Storage, Tuning};
use crate::train::language::Pass;

/// Bytes of a number in single precision.
const SINGLE: usize = 4;

/// Where a model is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The CPU: computes in single precision, in fused operations that keep little.
    Cpu,
    /// A GPU: computes in the weights' own precision, in burn's operations.
    Gpu,
}

/// Which optimiser's state is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimiser {
    /// Two moments of each trained number.
    AdamW,
    /// Sums of the rows and columns of each trained matrix.
    Adafactor,
}

/// The settings of a fine-tuning that memory depends on.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Of the base.
    pub storage: Storage,
    pub tuning: Tuning,
    pub optimiser: Optimiser,
    /// Tokens of a sequence.
    pub sequence: usize,
    /// Sequences at once.
    pub micro_batch: usize,
    /// Sequences of a step.
    pub batch: usize,
    /// Micro-batches at once, on the CPU.
    pub threads: usize,
    pub pass: Pass,
    pub place: Place,
}

/// A part of what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The base.
    Weights,
    /// Adapters.
    Adapters,
    /// The optimiser's state.
    Optimiser,
    /// The base as it was, which forgetting is measured against: full fine-tuning alone.
    BaseCopy,
    /// Gradients of what is trained.
    Gradients,
    /// What blocks keep for the way back.
    Activations,
    /// Weights of attention, each position by each before it.
    Scores,
    /// Weights widened to the precision that is computed in.
    Casts,
    /// Logits of the positions that are looked at together, and their gradients.
    Logits,
    /// What an update makes anew before it drops the old.
    Update,
    /// The program, the device's own needs, what an allocator cannot use.
    Runtime,
}

impl Part {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::Adapters => "adapters",
            Self::Optimiser => "optimiser state",
            Self::BaseCopy => "copy of the base",
            Self::Gradients => "gradients",
            Self::Activations => "activations",
            Self::Scores => "attention weights",
            Self::Casts => "widened weights",
            Self::Logits => "logits",
            Self::Update => "update",
            Self::Runtime => "runtime",
        }
    }
}

/// Bytes by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    pub parts: Vec<(Part, u64)>,
    /// What blocks and logits need in turns, where blocks are computed again on the way back: counted in both parts.
    turns: u64,
}

impl Estimate {
    /// Bytes of a part.
    pub fn of(&self, part: Part) -> u64 {
        self.parts.iter().find(|(own, _)| *own == part).map_or(0, |(_, bytes)| *bytes)
    }

    /// Bytes at the peak. Passes and updates take turns: what is larger counts.
    pub fn peak(&self) -> u64 {
        let sum = |parts: &[Part]| -> u64 { parts.iter().map(|&part| self.of(part)).sum() };
        let always = [Part::Weights, Part::Adapters, Part::Optimiser, Part::BaseCopy, Part::Gradients, Part::Runtime];
        let pass = [Part::Activations, Part::Scores, Part::Casts, Part::Logits];
        sum(&always) + (sum(&pass) - self.turns).max(self.of(Part::Update))
    }
}

/// What a fine-tuning of a model of this shape holds.
pub fn estimate(config: &Config, setup: &Setup) -> Estimate {
    let Setup { tuning, pass, .. } = setup;
    let precision = setup.storage.precision();
    let is_adapter = matches!(tuning, Tuning::Lora(_) | Tuning::Ia3);
    let (all, trained) = (parameters(config), trained(config, tuning));
    let matrices = config.num_hidden_layers * block_matrices(config);
    let weights = match setup.storage.bits() {
        None => all * precision.bytes(),
        Some(bits) => (all - matrices) * precision.bytes() + quantised(matrices, bits),
    };
    // Adapters are in single precision whatever the base is in.
    let of_trained = trained * if is_adapter { SINGLE } else { precision.bytes() };
    let blocks = if pass.checkpoints_blocks { 1 } else { config.num_hidden_layers };
    let rows = setup.sequence * setup.micro_batch.min(setup.batch);
    let parts = setup.batch.div_ceil(setup.micro_batch.max(1));
    let at_once = parts.min(if setup.place == Place::Cpu { setup.threads.max(1) } else { 1 });
    let kept = Kept::of(config, setup);
    let inputs = if pass.checkpoints_blocks { config.num_hidden_layers * config.hidden_size * kept.bytes } else { 0 };
    // A block on the way back holds, besides what it kept, gradients of its widest layer and of its input.
    let pulls = (2 * config.intermediate_size + 3 * config.hidden_size) * kept.bytes;
    let block = at_once * rows * (blocks * (kept.block + kept.scores) + pulls + kept.pull_scores);
    let logits = at_once * pass.rows.min(rows) * config.vocab_size * kept.logit;
    let held = [
        (Part::Weights, weights),
        (Part::Adapters, if is_adapter { of_trained } else { 0 }),
        (Part::Optimiser, optimiser(config, setup, of_trained)),
        (Part::BaseCopy, if is_adapter { 0 } else { weights }),
        // Those of each micro-batch under way, and the sum of those before.
        (Part::Gradients, of_trained * (at_once + usize::from(parts > at_once))),
        (Part::Activations, at_once * rows * (blocks * kept.block + inputs + pulls)),
        (Part::Scores, at_once * rows * (blocks * kept.scores + kept.pull_scores)),
        (Part::Casts, at_once * casts(config, setup, blocks)),
        (Part::Logits, logits),
        // Gradients make room for the parameters that come of them.
        (Part::Update, 3 * largest(config, setup)),
    ];
    let turns = if pass.checkpoints_blocks { block.min(logits) as u64 } else { 0 };
    let sum = held.iter().map(|(_, bytes)| *bytes as u64).sum::<u64>() - turns;
    let runtime = match setup.place {
        Place::Cpu => (24 << 20) + sum / 20,
        Place::Gpu => (600 << 20) + sum / 10,
    };
    let parts = held.into_iter().map(|(part, bytes)| (part, bytes as u64));
    Estimate { parts: parts.chain([(Part::Runtime, runtime)]).collect(), turns }
}

/// Bytes that the tape keeps for one position.
struct Kept {
    /// Bytes of a number that is computed with.
    bytes: usize,
    /// In a block, attention's weights aside.
    block: usize,
    /// Attention's weights in a block.
    scores: usize,
    /// And their gradients, in the block that is on its way back.
    pull_scores: usize,
    /// A logit, its copies and its gradients.
    logit: usize,
}

impl Kept {
    fn of(config: &Config, setup: &Setup) -> Self {
        let (hidden, inner, heads) = (config.hidden_size, config.intermediate_size, config.num_attention_heads);
        let [queries, keys] = [heads, config.num_key_value_heads].map(|n| n * config.head_dim);
        let learning = Learning::of(config, &setup.tuning);
        match setup.place {
            // Inputs of both norms; turned queries and keys, values, one number of each softmax; gate and up.
            Place::Cpu => Self {
                bytes: SINGLE,
                block: SINGLE
                    * (2 * hidden + queries + 2 * keys + heads + 2 * inner + learning.inputs + learning.inner),
                scores: 0,
                pull_scores: 0,
                logit: 2 * SINGLE,
            },
            // The same; but norms keep single precision, keys and values are repeated for each head that asks, and the
            // gate keeps each of its operands. An adapter's input is widened to its precision, for each layer anew.
            Place::Gpu => {
                let bytes = setup.storage.precision().bytes();
                let widened = if bytes == SINGLE { 0 } else { learning.widened };
                let inputs = if widened == 0 { learning.inputs * bytes } else { widened * SINGLE };
                let scores = heads * setup.sequence;
                Self {
                    bytes,
                    block: 2 * hidden * SINGLE + (3 * queries + 4 * inner) * bytes + inputs + learning.inner * SINGLE,
                    scores: scores * (SINGLE + bytes),
                    pull_scores: scores * 2 * SINGLE,
                    logit: 2 * bytes + 4 * SINGLE,
                }
            }
        }
    }
}

/// Numbers of one position that a block keeps because layers learn.
struct Learning {
    /// Inputs of layers that learn, each once.
    inputs: usize,
    /// Inputs of adapted layers, once for each layer.
    widened: usize,
    /// What lies between the two factors of an adapter.
    inner: usize,
}

impl Learning {
    fn of(config: &Config, tuning: &Tuning) -> Self {
        let layers = Layer::all(config);
        // The largest over the blocks: of one of them, where blocks differ, too much is said.
        let rank = |layer: &Layer, lora: &Lora| (0..config.num_hidden_layers).filter_map(|k| layer.rank(k, lora)).max();
        let learns = |layer: &Layer| match tuning {
            Tuning::Lora(lora) => rank(layer, lora).is_some(),
            Tuning::Ia3 => ["self_attn.k_proj", "self_attn.v_proj", "mlp.down_proj"].contains(&layer.path),
            Tuning::Top(_) | Tuning::Full => true,
        };
        // q, k and v read the same numbers, gate and up do, too.
        let groups = [&layers[0..3], &layers[3..4], &layers[4..6], &layers[6..7]];
        let learning = groups.iter().filter(|group| group.iter().any(learns));
        let inputs: usize = learning.map(|group| group[0].inputs).sum();
        let Tuning::Lora(lora) = tuning else { return Self { inputs, widened: 0, inner: 0 } };
        let each: usize = layers.iter().filter(|layer| learns(layer)).map(|layer| layer.inputs).sum();
        // With dropout each adapter has an input of its own, and the mask that made it.
        let dropped = if lora.dropout > 0.0 { 2 * each } else { 0 };
        let inner = layers.iter().filter_map(|layer| rank(layer, lora)).sum();
        Self { inputs: inputs + dropped, widened: each + dropped, inner }
    }
}

fn optimiser(config: &Config, setup: &Setup, of_trained: usize) -> usize {
    match (setup.optimiser, &setup.tuning) {
        (Optimiser::AdamW, _) => 2 * of_trained,
        // Of an adapter's factors, which are long and thin, the sums are a rank's part.
        (Optimiser::Adafactor, Tuning::Lora(lora)) => of_trained / lora.rank,
        (Optimiser::Adafactor, Tuning::Ia3) => of_trained,
        (Optimiser::Adafactor, _) => of_trained / config.hidden_size,
    }
}

/// Bytes of numbers that are quantised: each, and a scale in single precision for 64 of them.
fn quantised(numbers: usize, bits: Bits) -> usize {
    let own = match bits {
        Bits::Eight => numbers,
        Bits::Four => numbers / 2,
    };
    own + numbers * SINGLE / 64
}

/// Weights are widened where they are used, and on a tape until the way back.
fn casts(config: &Config, setup: &Setup, blocks: usize) -> usize {
    let is_widened = setup.place == Place::Cpu && setup.storage.precision().bytes() != SINGLE;
    let computed = if setup.place == Place::Cpu { SINGLE } else { setup.storage.precision().bytes() };
    let of_blocks = if is_widened || setup.storage.bits().is_some() { blocks * block_matrices(config) } else { 0 };
    let of_head = if is_widened { embedding(config) } else { 0 };
    computed * of_blocks.max(of_head)
}

/// Bytes of the largest trained parameter.
fn largest(config: &Config, setup: &Setup) -> usize {
    let layers = Layer::all(config);
    match &setup.tuning {
        Tuning::Lora(lora) => {
            SINGLE * lora.rank * layers.iter().map(|layer| layer.inputs.max(layer.outputs)).max().unwrap_or(0)
        }
        Tuning::Ia3 => SINGLE * config.intermediate_size,
        Tuning::Top(_) => setup.storage.precision().bytes() * layers.iter().map(Layer::matrix).max().unwrap_or(0),
        Tuning::Full => setup.storage.precision().bytes() * embedding(config).max(layers[4].matrix()),
    }
}
