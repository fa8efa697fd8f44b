//! How the experiment is cut into independent runs, and which steps of them are measured.

use serde::{Deserialize, Serialize};

use super::spec::{CheckedSpec, Spec};
use crate::data::language::CONTEXT;
use crate::model::Size;
use crate::model::llama::{Config, Lora, Tuning};

/// How a model is tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Low-rank adapters of this rank.
    Lora(u32),
    /// All parameters.
    Full,
    /// Learned factors on keys, values and feed-forward units (Liu et al., arXiv 2205.05638).
    Ia3,
    /// All parameters of the last blocks, so many of them.
    Top(u32),
}

impl Family {
    /// A family beside LoRA, by its name in links.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "full" => Some(Self::Full),
            "ia3" => Some(Self::Ia3),
            "top1" => Some(Self::Top(1)),
            "top2" => Some(Self::Top(2)),
            "top3" => Some(Self::Top(3)),
            _ => None,
        }
    }

    /// The name in links and records.
    pub fn name(&self) -> String {
        match self {
            Self::Lora(rank) => format!("lora{rank}"),
            Self::Full => "full".to_owned(),
            Self::Ia3 => "ia3".to_owned(),
            Self::Top(blocks) => format!("top{blocks}"),
        }
    }

    /// What a law takes as one family: all ranks of LoRA are.
    pub fn kind(&self) -> String {
        if matches!(self, Self::Lora(_)) { "lora".to_owned() } else { self.name() }
    }

    /// The name for people.
    pub fn label(&self) -> String {
        match self {
            Self::Lora(rank) => format!("rank {rank}"),
            Self::Full => "all parameters".to_owned(),
            Self::Ia3 => "IA3".to_owned(),
            Self::Top(1) => "last block".to_owned(),
            Self::Top(blocks) => format!("last {blocks} blocks"),
        }
    }

    /// The rank, of LoRA.
    pub fn rank(&self) -> Option<u32> {
        match self {
            Self::Lora(rank) => Some(*rank),
            _ => None,
        }
    }
}

/// One combination of swept values: a population of seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub size: Size,
    pub family: Family,
    pub replay: f64,
}

impl Cell {
    /// How its models are tuned.
    pub fn tuning(&self, spec: &Spec) -> Tuning {
        match self.family {
            Family::Lora(rank) => Tuning::Lora(spec.lora(rank)),
            Family::Full => Tuning::Full,
            Family::Ia3 => Tuning::Ia3,
            Family::Top(blocks) => Tuning::Top(blocks as usize),
        }
    }

    /// The learning rate after the warm-up.
    pub fn learning_rate(&self, spec: &Spec) -> f64 {
        match self.family {
            Family::Lora(_) => spec.learning_rate,
            Family::Full | Family::Top(_) => spec.full_learning_rate,
            Family::Ia3 => spec.ia3_learning_rate,
        }
    }

    /// Parameters tuned: P of the laws.
    pub fn parameters(&self, spec: &Spec) -> usize {
        let config = self.size.config();
        match self.family {
            Family::Lora(rank) => {
                let Lora { targets, .. } = spec.lora(rank);
                let of = |(name, [inputs, outputs]): (&str, [usize; 2])| match targets.include(name) {
                    Ok(true) => rank as usize * (inputs + outputs),
                    _ => 0,
                };
                config.num_hidden_layers * linear_layers(&config).map(of).sum::<usize>()
            }
            Family::Full => model_parameters(self.size),
            Family::Ia3 => {
                let answering = config.num_key_value_heads * config.head_dim;
                config.num_hidden_layers * (2 * answering + config.intermediate_size)
            }
            Family::Top(blocks) => blocks as usize * block_parameters(&config),
        }
    }

    /// Parameters of the base.
    pub fn model_parameters(&self) -> usize {
        model_parameters(self.size)
    }

    /// Windows of fine-tuning data in a step; the others are replayed.
    pub fn new_windows(&self, spec: &Spec) -> u32 {
        let batch = f64::from(spec.batch);
        let replayed = if self.replay > 0.0 { libm::ceil(self.replay * batch).min(batch - 1.0) } else { 0.0 };
        spec.batch - replayed as u32
    }

    /// Tokens of fine-tuning data that so many steps have read.
    pub fn new_tokens(&self, spec: &Spec, steps: u32) -> u64 {
        u64::from(steps) * u64::from(self.new_windows(spec)) * CONTEXT as u64
    }

    /// Its name for people, with what the run varies beside the family.
    pub fn label(&self, spec: &Spec) -> String {
        let mut label = self.family.label();
        if spec.bases.len() > 1 {
            label = format!("{}, {label}", self.size.name());
        }
        if spec.replay.len() > 1 {
            label.push_str(&format!(", replay {}", self.replay));
        }
        label
    }
}

fn block_parameters(config: &Config) -> usize {
    linear_layers(config).map(|(_, [inputs, outputs])| inputs * outputs).sum::<usize>() + 2 * config.hidden_size
}

fn model_parameters(size: Size) -> usize {
    let config = size.config();
    let tables = 2 * config.vocab_size * config.hidden_size;
    tables + config.num_hidden_layers * block_parameters(&config) + config.hidden_size
}

/// Linear layers of one block with their inputs and outputs.
fn linear_layers(config: &Config) -> impl Iterator<Item = (&'static str, [usize; 2])> {
    let (hidden, inner) = (config.hidden_size, config.intermediate_size);
    let asking = config.num_attention_heads * config.head_dim;
    let answering = config.num_key_value_heads * config.head_dim;
    [
        ("q_proj", [hidden, asking]),
        ("k_proj", [hidden, answering]),
        ("v_proj", [hidden, answering]),
        ("o_proj", [asking, hidden]),
        ("gate_proj", [hidden, inner]),
        ("up_proj", [hidden, inner]),
        ("down_proj", [inner, hidden]),
    ]
    .into_iter()
}

/// One run: a model tuned from one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Job {
    pub seed: u32,
    /// The place of its cell in [`cells`].
    pub cell: u32,
}

/// The cells of a run: by size, then ranks and other families as written, then replay.
pub fn cells(spec: &Spec) -> Vec<Cell> {
    let families: Vec<Family> =
        spec.ranks.iter().map(|&rank| Family::Lora(rank)).chain(spec.families.clone()).collect();
    let mut cells = Vec::new();
    for &size in &spec.bases {
        for &family in &families {
            cells.extend(spec.replay.iter().map(|&replay| Cell { size, family, replay }));
        }
    }
    cells
}

/// The runs, seed by seed, so that every cell grows evenly.
pub fn jobs(spec: &CheckedSpec) -> Vec<Job> {
    let cells = cells(spec).len() as u32;
    spec.seeds.iter().flat_map(|&seed| (0..cells).map(move |cell| Job { seed, cell })).collect()
}

/// The steps that are measured: 0, 1, 2, ... growing by a third, and the last.
///
/// ```
/// use lethe::experiments::scaling::checkpoints;
/// assert_eq!(checkpoints(20), [0, 1, 2, 3, 4, 6, 8, 11, 15, 20]);
/// ```
pub fn checkpoints(steps: u32) -> Vec<u32> {
    let mut all = vec![0];
    let mut step = 0u32;
    while step < steps {
        step = (step + 1).max((step * 4).div_ceil(3)).min(steps);
        all.push(step);
    }
    all
}

/// Whether abilities are tested at a checkpoint, by its place: at every third and at the last.
pub fn tests_abilities(place: usize, checkpoints: usize) -> bool {
    place.is_multiple_of(3) || place + 1 == checkpoints
}

/// Training tokens of all runs.
pub fn tokens(spec: &Spec) -> f64 {
    let runs = (cells(spec).len() * spec.seeds.len()) as f64;
    runs * f64::from(spec.steps) * f64::from(spec.batch) * CONTEXT as f64
}

/// Tokens that one run reads to be measured, about: losses at every checkpoint, abilities at some.
fn measured_tokens(spec: &Spec) -> f64 {
    let count = checkpoints(spec.steps).len();
    let tested = (0..count).filter(|&place| tests_abilities(place, count)).count();
    (count * 2048 + tested * 16_000) as f64
}

/// Floating-point operations of all runs, about: for each token 2 for each parameter on the way forward and 2 on the way
/// back, and 2 more for each tuned one.
pub fn work(spec: &Spec) -> f64 {
    let trained = f64::from(spec.steps) * f64::from(spec.batch) * CONTEXT as f64;
    let of = |cell: &Cell| {
        let (base, tuned) = (cell.model_parameters() as f64, cell.parameters(spec) as f64);
        let beside = if matches!(cell.family, Family::Lora(_)) { tuned } else { 0.0 };
        (base + beside) * (4.0 * trained + 2.0 * measured_tokens(spec)) + 2.0 * tuned * trained
    };
    spec.seeds.len() as f64 * cells(spec).iter().map(of).sum::<f64>()
}
