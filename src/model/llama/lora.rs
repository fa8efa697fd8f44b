//! Low-rank adaptation, in two branches: the base's product is never formed anew (Hu et al. 2021, arXiv 2106.09685).

use burn::module::{Module, Param};
use burn_tensor::{DType, Device, Tensor, TensorData};

use super::linear::dropped;
use super::network::Mode;
use super::targets::{Pattern, Targets};
use crate::engine::operations::{adapted, linear, plus_low_rank};
use crate::error::{Problem, Problems};
use crate::seed::Seed;

/// Linear layers of a block, by PEFT's names.
pub const LINEAR: [&str; 7] = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

/// The settings of an adaptation, as in PEFT's `LoraConfig`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lora {
    pub rank: usize,
    pub alpha: f64,
    /// Whether the adapter is scaled by `alpha / sqrt(rank)` (Kalajdzievski 2023, arXiv 2312.03732) in place of
    /// `alpha / rank`.
    pub rank_stabilised: bool,
    /// Share of inputs that the adapter does not see in training.
    pub dropout: f64,
    pub targets: Targets,
    /// Layers that are not adapted although they are targets: `exclude_modules`.
    pub excluded: Option<Targets>,
    /// The blocks whose named targets are adapted, where not all are: `layers_to_transform`. A target named by its
    /// whole path is adapted wherever it is.
    pub blocks: Option<Vec<usize>>,
    /// The ranks of some layers, which have that of the first pattern that matches: `rank_pattern`.
    pub ranks: Vec<(Pattern, usize)>,
    /// The same for alpha: `alpha_pattern`.
    pub alphas: Vec<(Pattern, f64)>,
}

impl Default for Lora {
    /// PEFT's defaults for Llama.
    fn default() -> Self {
        Self {
            rank: 8,
            alpha: 8.0,
            rank_stabilised: false,
            dropout: 0.0,
            targets: Targets::named(&["q_proj", "v_proj"]),
            excluded: None,
            blocks: None,
            ranks: Vec::new(),
            alphas: Vec::new(),
        }
    }
}

/// How one layer is adapted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    pub rank: usize,
    /// By what B A x is multiplied.
    pub scale: f64,
    pub dropout: f64,
}

impl Lora {
    /// How the layer at a path, such as `model.layers.0.self_attn.q_proj`, is adapted, if it is.
    ///
    /// # Errors
    /// A pattern that takes too many attempts.
    pub fn share(&self, path: &str) -> Result<Option<Share>, Problem> {
        if !self.targets.include(path)? || !self.is_in_block(path) {
            return Ok(None);
        }
        if let Some(excluded) = &self.excluded
            && excluded.include(path)?
        {
            return Ok(None);
        }
        let rank = first(&self.ranks, path)?.unwrap_or(self.rank);
        let alpha = first(&self.alphas, path)?.unwrap_or(self.alpha);
        let by = if self.rank_stabilised { libm::sqrt(rank as f64) } else { rank as f64 };
        Ok(Some(Share { rank, scale: alpha / by, dropout: self.dropout }))
    }

    /// Whether a target lies in a block that is adapted.
    fn is_in_block(&self, path: &str) -> bool {
        let Some(blocks) = self.blocks.as_ref().filter(|blocks| !blocks.is_empty()) else { return true };
        let by_path = matches!(&self.targets, Targets::Named(names) if names.iter().any(|name| name == path));
        let block = path.split('.').find_map(|part| part.parse::<usize>().ok());
        by_path || block.is_some_and(|block| blocks.contains(&block))
    }

    /// # Errors
    /// Every setting that no adaptation can have.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        let mut expect = |holds: bool, field: &str, value: String, accepted: &str| {
            if !holds {
                problems.push(Problem::new(field, &value, accepted));
            }
        };
        let ranks = self.ranks.iter().map(|(_, rank)| ("rank_pattern", *rank));
        for (field, rank) in core::iter::once(("r", self.rank)).chain(ranks) {
            expect((1..=65_536).contains(&rank), field, rank.to_string(), "a whole number from 1 to 65536");
        }
        let alphas = self.alphas.iter().map(|(_, alpha)| ("alpha_pattern", *alpha));
        for (field, alpha) in core::iter::once(("lora_alpha", self.alpha)).chain(alphas) {
            let accepted = "a number above 0 and up to 1000000";
            expect(alpha > 0.0 && alpha <= 1e6, field, alpha.to_string(), accepted);
        }
        expect(
            (0.0..1.0).contains(&self.dropout),
            "lora_dropout",
            self.dropout.to_string(),
            "a number from 0 and below 1",
        );
        expect(
            self.blocks.is_none() || matches!(self.targets, Targets::Named(_)),
            "layers_to_transform",
            format!("{:?}", self.blocks.as_deref().unwrap_or_default()),
            "nothing, where target_modules are no list of names",
        );
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }
}

/// The value of the first pattern that matches.
fn first<T: Copy>(patterns: &[(Pattern, T)], path: &str) -> Result<Option<T>, Problem> {
    for (pattern, value) in patterns {
        if pattern.matches(path)? {
            return Ok(Some(*value));
        }
    }
    Ok(None)
}

/// The two factors beside one weight.
#[derive(Module, Debug)]
pub struct Adapter {
    /// A, `[rank, in]`.
    pub a: Param<Tensor<2>>,
    /// B, `[out, rank]`.
    pub b: Param<Tensor<2>>,
    #[module(skip)]
    settings: Settings,
}

#[derive(Clone, Debug)]
struct Settings {
    share: Share,
    /// Of the layer, for its own random draws.
    path: String,
}

impl Adapter {
    /// A uniform in ±1 / sqrt(in) (PEFT's Kaiming-uniform with a = sqrt 5), B zero.
    pub fn new(share: Share, [inputs, outputs]: [usize; 2], path: &str, seed: &Seed, device: &Device) -> Self {
        let mut stream = seed.fork(path).stream();
        let bound = 1.0 / libm::sqrt(inputs as f64);
        let a = (0..share.rank * inputs).map(|_| (bound * (2.0 * stream.uniform() - 1.0)) as f32).collect();
        let a = TensorData::new(a, [share.rank, inputs]);
        let b = TensorData::new(vec![0.0f32; outputs * share.rank], [outputs, share.rank]);
        Self::of(share, path, [a, b], device)
    }

    /// With these factors, A and B, in single precision whatever the weight is in: PEFT's `autocast_adapter_dtype`.
    pub fn of(share: Share, path: &str, [a, b]: [TensorData; 2], device: &Device) -> Self {
        let factor =
            |data| Param::from_tensor(Tensor::<2>::from_data(data, (device, DType::F32))).set_require_grad(true);
        Self { a: factor(a), b: factor(b), settings: Settings { share, path: path.to_owned() } }
    }

    /// Its rank, scale and dropout.
    pub fn share(&self) -> Share {
        self.settings.share
    }

    /// What it adds to the weight: scale B A, in the factors' precision.
    ///
    /// # Shapes
    /// `[out, in]`
    pub fn product(&self) -> Tensor<2> {
        self.b.val().matmul(self.a.val()) * self.settings.share.scale
    }

    /// W x + scale B A dropout(x).
    ///
    /// # Shapes
    /// - `x`: `[rows, in]`
    /// - `weight`: W, `[out, in]`
    /// - result: `[rows, out]`
    pub fn beside(&self, x: Tensor<2>, weight: Tensor<2>, mode: &Mode) -> Tensor<2> {
        if self.drops(mode).is_none() {
            return adapted(x, weight, [self.a.val(), self.b.val()], self.settings.share.scale);
        }
        let y = linear(x.clone(), weight);
        self.add(x, y, mode)
    }

    /// y + scale B A dropout(x), computed in the factors' precision, returned in y's.
    pub fn add(&self, mut x: Tensor<2>, y: Tensor<2>, mode: &Mode) -> Tensor<2> {
        let (a, b) = (self.a.val(), self.b.val());
        if let Some(seed) = self.drops(mode) {
            let mut stream = seed.fork(&self.settings.path).stream();
            x = if x.dtype() == a.dtype() { x } else { x.cast(a.dtype()) };
            x = dropped(x, self.settings.share.dropout, || stream.uniform() >= self.settings.share.dropout);
        }
        plus_low_rank(y, x, [a, b], self.settings.share.scale)
    }

    /// What decides over the inputs that a pass drops, if it drops any.
    fn drops<'a>(&self, mode: &'a Mode) -> Option<&'a Seed> {
        mode.dropout.as_ref().filter(|_| self.settings.share.dropout > 0.0)
    }
}
