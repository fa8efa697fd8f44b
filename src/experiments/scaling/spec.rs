//! What the experiment is asked to do.

use serde::{Deserialize, Serialize};

use super::super::fields;
use super::cell::{Family, cells, tokens, work};
use super::fields::FIELDS;
use crate::data::language::FineTuning;
use crate::error::{Problem, Problems};
use crate::model::Size;
use crate::model::llama::{Lora, Targets as Layers};

/// The experiment's name in links.
pub const NAME: &str = "laws";

/// By what an adapter's output is multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scaling {
    /// alpha / sqrt(rank), rsLoRA (Kalajdzievski, arXiv 2312.03732).
    #[serde(rename = "rs")]
    RankStabilised,
    /// alpha / rank (Hu et al., arXiv 2106.09685).
    #[serde(rename = "plain")]
    Plain,
}

/// Which linear layers have adapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Targets {
    /// All but the output head, as in the paper.
    All,
    /// Those of attention.
    Attention,
    /// Those of the feed-forward layers.
    FeedForward,
    /// Queries and values alone.
    Qv,
}

impl Targets {
    /// The same for a model.
    pub fn layers(self) -> Layers {
        let named = |names: &[&str]| Layers::Named(names.iter().map(|&name| name.to_owned()).collect());
        match self {
            Self::All => Layers::AllLinear,
            Self::Attention => named(&["q_proj", "k_proj", "v_proj", "o_proj"]),
            Self::FeedForward => named(&["gate_proj", "up_proj", "down_proj"]),
            Self::Qv => named(&["q_proj", "v_proj"]),
        }
    }
}

/// Everything that decides a result. Written in links by short keys and in files by these names ([`FIELDS`] pairs them);
/// what is left out has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// [`NAME`].
    pub experiment: String,
    /// Sizes of the base model.
    #[serde(with = "names")]
    pub bases: Vec<Size>,
    /// Which world, and which model that learned it.
    pub base_seed: u32,
    /// What fine-tuning reads.
    #[serde(with = "names")]
    pub fine_tuning: FineTuning,
    /// Ranks of LoRA, a run for each.
    pub ranks: Vec<u32>,
    /// Families beside LoRA, a run for each.
    pub families: Vec<Family>,
    pub targets: Targets,
    pub alpha: f64,
    pub scaling: Scaling,
    /// Share of inputs that adapters do not see in training.
    pub dropout: f64,
    /// Learning rate of LoRA after the warm-up.
    pub learning_rate: f64,
    /// That of families that train the base's own parameters.
    pub full_learning_rate: f64,
    /// That of IA3.
    pub ia3_learning_rate: f64,
    /// Steps in which the rate rises; it is constant afterwards, so that a run of fewer steps is the beginning of one of
    /// more.
    pub warm_up: u32,
    /// Windows of 32 tokens in a step.
    pub batch: u32,
    /// Update steps.
    pub steps: u32,
    /// Distinct windows of fine-tuning data, read over and over again; 0 is an endless stream.
    pub windows: u32,
    /// Replay fractions p: the share of the loss that windows of pre-training have.
    pub replay: Vec<f64>,
    pub seeds: Vec<u32>,
}

/// Fields whose values have names.
mod names {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::data::language::FineTuning;
    use crate::model::Size;

    pub trait Named: Sized {
        type Text: Serialize + for<'de> Deserialize<'de>;
        fn text(&self) -> Self::Text;
        fn of(text: Self::Text) -> Option<Self>;
    }

    impl Named for FineTuning {
        type Text = String;
        fn text(&self) -> String {
            self.name().to_owned()
        }
        fn of(text: String) -> Option<Self> {
            Self::ALL.into_iter().find(|set| set.name() == text)
        }
    }

    impl Named for Vec<Size> {
        type Text = Vec<String>;
        fn text(&self) -> Vec<String> {
            self.iter().map(|size| size.name().to_owned()).collect()
        }
        fn of(text: Vec<String>) -> Option<Self> {
            text.iter().map(|name| Size::named(name)).collect()
        }
    }

    pub fn serialize<T: Named, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.text().serialize(serializer)
    }

    pub fn deserialize<'de, T: Named, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::of(T::Text::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("a name that this build does not know"))
    }
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            experiment: NAME.to_owned(),
            bases: vec![Size::Medium],
            base_seed: 0,
            fine_tuning: FineTuning::Orca,
            ranks: vec![1, 2, 4, 8, 16, 32],
            families: Vec::new(),
            targets: Targets::All,
            alpha: 8.0,
            scaling: Scaling::RankStabilised,
            dropout: 0.0,
            learning_rate: 0.001,
            full_learning_rate: 0.001,
            ia3_learning_rate: 0.01,
            warm_up: 10,
            batch: 8,
            steps: 200,
            windows: 0,
            replay: vec![0.0],
            seeds: vec![0, 1, 2],
        }
    }
}

/// How much work one run may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Floating-point operations, about.
    pub work: f64,
    /// Models tuned.
    pub runs: usize,
    /// Why it is capped, as a phrase.
    pub why: &'static str,
}

impl Limits {
    /// In the page: about half an hour on two cores.
    pub const PAGE: Self = Self {
        work: 1.5e13,
        runs: 500,
        why: "a page gives a run about half an hour of two cores; `lethe run` takes more",
    };
    /// On the command line: about a day on two cores.
    pub const NATIVE: Self = Self { work: 1e15, runs: 10_000, why: "a run may take about a day of two cores" };
    /// What a link may start by itself when the page is opened: a little more than the default run.
    pub const UNASKED: Self =
        Self { work: 1.2e12, runs: 40, why: "a link starts at most about two minutes of work by itself" };
}

impl Spec {
    /// The fields that differ from their defaults, as (key, value) in canonical order: what a link says.
    pub fn science(&self) -> Vec<(&'static str, String)> {
        fields::differing(FIELDS, self, &Self::default())
    }

    /// The settings of an adaptation of one rank.
    pub fn lora(&self, rank: u32) -> Lora {
        Lora {
            rank: rank as usize,
            alpha: self.alpha,
            rank_stabilised: self.scaling == Scaling::RankStabilised,
            dropout: self.dropout,
            targets: self.targets.layers(),
            ..Lora::default()
        }
    }

    /// Checks every field and what they make together.
    ///
    /// # Errors
    /// Everything that is wrong at once, each with what is accepted.
    pub fn check(self, limits: &Limits) -> Result<CheckedSpec, Problems> {
        fields::unrepaired(self.repair(limits))
    }

    /// As [`Self::check`], but puts the nearest accepted value in place of every wrong one and lists each change.
    pub fn repair(mut self, limits: &Limits) -> (CheckedSpec, Vec<Problem>) {
        let mut problems = Vec::new();
        if self.experiment != NAME {
            problems.push(Problem::new("experiment", &self.experiment, NAME).using(NAME));
            NAME.clone_into(&mut self.experiment);
        }
        fields::mend(FIELDS, &mut self, &Self::default(), &mut problems);
        self.mend_families(&mut problems);
        self.cap(limits, &mut problems);
        (CheckedSpec(self), problems)
    }

    /// A base has only so many blocks to train.
    fn mend_families(&mut self, problems: &mut Vec<Problem>) {
        let least = self.bases.iter().map(|size| size.config().num_hidden_layers).min().unwrap_or(0);
        let fits = |family: &Family| !matches!(family, Family::Top(blocks) if *blocks as usize > least);
        let wrong: Vec<String> = self.families.iter().filter(|family| !fits(family)).map(Family::name).collect();
        if !wrong.is_empty() {
            let accepted = format!("at most {least} blocks, those of the smallest base");
            problems.push(Problem::new("families", &wrong.join(","), accepted).using("the others"));
            self.families.retain(fits);
        }
    }

    fn cap(&mut self, limits: &Limits, problems: &mut Vec<Problem>) {
        let runs = |spec: &Self| cells(spec).len() * spec.seeds.len();
        while (work(self) > limits.work || runs(self) > limits.runs) && self.seeds.len() > 1 {
            let before = self.seeds.len();
            self.seeds.truncate(before / 2);
            let accepted = format!("fewer, with these settings: {}", limits.why);
            problems.push(Problem::new("seeds", &format!("{before} seeds"), accepted).using(format!("{}", before / 2)));
        }
        while work(self) > limits.work && self.steps > 1 {
            let before = self.steps;
            self.steps /= 2;
            let accepted = format!("fewer, with these settings: {}", limits.why);
            problems.push(Problem::new("steps", &before.to_string(), accepted).using(self.steps.to_string()));
        }
    }
}

/// A [`Spec`] whose every field and combination is accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CheckedSpec(Spec);

impl core::ops::Deref for CheckedSpec {
    type Target = Spec;
    fn deref(&self) -> &Spec {
        &self.0
    }
}

impl CheckedSpec {
    /// Training tokens of all runs.
    pub fn tokens(&self) -> f64 {
        tokens(self)
    }
}
