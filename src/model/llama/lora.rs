//! Low-rank adaptation, in two branches: the base's product is never formed anew (Hu et al. 2021, arXiv 2106.09685).

use burn::module::{Module, Param};
use burn_tensor::{Device, Tensor, TensorData};

use super::linear::dropped;
use super::network::Mode;
use crate::error::{Problem, Problems};
use crate::seed::Seed;

/// Linear layers of a block, by PEFT's names.
pub const LINEAR: [&str; 7] = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

/// Which linear layers are adapted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// All but the output head.
    AllLinear,
    /// Those whose path is one of these names or ends with a point and one of them, as in PEFT.
    Named(Vec<String>),
}

impl Targets {
    /// Whether the layer at this path, such as `model.layers.0.self_attn.q_proj`, is among them.
    pub fn include(&self, path: &str) -> bool {
        let last = path.rsplit('.').next().unwrap_or(path);
        match self {
            Self::AllLinear => LINEAR.contains(&last),
            Self::Named(names) => names
                .iter()
                .any(|name| path == name || path.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'))),
        }
    }
}

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
}

impl Lora {
    /// By what B A x is multiplied.
    pub fn scale(&self) -> f64 {
        let rank = self.rank as f64;
        self.alpha / if self.rank_stabilised { libm::sqrt(rank) } else { rank }
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
        expect((1..=65_536).contains(&self.rank), "r", self.rank.to_string(), "a whole number from 1 to 65536");
        expect(
            self.alpha > 0.0 && self.alpha <= 1e6,
            "lora_alpha",
            self.alpha.to_string(),
            "a number above 0 and up to 1000000",
        );
        expect(
            (0.0..1.0).contains(&self.dropout),
            "lora_dropout",
            self.dropout.to_string(),
            "a number from 0 and below 1",
        );
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }
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
    scale: f64,
    dropout: f64,
    /// Of the layer, for its own random draws.
    path: String,
}

impl Adapter {
    /// A uniform in ±1 / sqrt(in) (PEFT's Kaiming-uniform with a = sqrt 5), B zero.
    pub fn new(lora: &Lora, [inputs, outputs]: [usize; 2], path: &str, seed: &Seed, device: &Device) -> Self {
        let mut stream = seed.fork(path).stream();
        let bound = 1.0 / libm::sqrt(inputs as f64);
        let a = (0..lora.rank * inputs).map(|_| (bound * (2.0 * stream.uniform() - 1.0)) as f32).collect();
        let b = vec![0.0f32; outputs * lora.rank];
        Self::of(lora, path, TensorData::new(a, [lora.rank, inputs]), TensorData::new(b, [outputs, lora.rank]), device)
    }

    /// With these factors.
    pub fn of(lora: &Lora, path: &str, a: TensorData, b: TensorData, device: &Device) -> Self {
        let factor = |data| Param::from_tensor(Tensor::<2>::from_data(data, device)).set_require_grad(true);
        let settings = Settings { scale: lora.scale(), dropout: lora.dropout, path: path.to_owned() };
        Self { a: factor(a), b: factor(b), settings }
    }

    /// y + scale B A dropout(x), computed in the factors' precision, returned in y's.
    pub fn add(&self, x: Tensor<2>, y: Tensor<2>, mode: &Mode) -> Tensor<2> {
        let (a, b) = (self.a.val(), self.b.val());
        let mut x = if x.dtype() == a.dtype() { x } else { x.cast(a.dtype()) };
        if let Some(seed) = mode.dropout.as_ref().filter(|_| self.settings.dropout > 0.0) {
            let mut stream = seed.fork(&self.settings.path).stream();
            x = dropped(x, self.settings.dropout, || stream.uniform() >= self.settings.dropout);
        }
        let added = (x.matmul(a.transpose()) * self.settings.scale).matmul(b.transpose());
        let dtype = y.dtype();
        if added.dtype() == dtype { y + added } else { (y.cast(added.dtype()) + added).cast(dtype) }
    }
}
