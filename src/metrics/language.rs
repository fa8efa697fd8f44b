//! What a language model knows of its world, can work out, refuses and expects of general text.

use burn::module::Module;
use serde::{Deserialize, Serialize};

use crate::data::language::{Batch, CONTEXT, Choice, LanguageWorld, Reasoning, SafetyItem, Unseen};
use crate::model::llama::{Llama, Mode, Sequences, greedy, last_logits};

/// Tokens of an answer that are read for a refusal.
pub const ANSWER: usize = 6;
/// Windows of general text that a loss is taken on.
pub const WINDOWS: usize = 256;
/// Windows that are computed side by side.
const TOGETHER: usize = 32;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub count: usize,
    pub of: usize,
}

impl Share {
    /// How many of these are true.
    pub fn among(answers: impl IntoIterator<Item = bool>) -> Self {
        let mut share = Self { count: 0, of: 0 };
        for answer in answers {
            share.count += usize::from(answer);
            share.of += 1;
        }
        share
    }

    /// From 0 to 1; 0 of none.
    pub fn fraction(self) -> f64 {
        self.count as f64 / self.of.max(1) as f64
    }

    /// Wilson's interval at 95 % (E. B. Wilson 1927, J. Am. Stat. Assoc. 22, 209).
    ///
    /// ```
    /// use lethe::metrics::language::Share;
    /// let [low, high] = Share { count: 40, of: 40 }.interval();
    /// assert!((low - 0.9124).abs() < 1e-4 && high == 1.0);
    /// ```
    pub fn interval(self) -> [f64; 2] {
        const Z: f64 = 1.959_963_984_540_054;
        let n = self.of.max(1) as f64;
        let p = self.fraction();
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        [(middle - half).max(0.0), (middle + half).min(1.0)]
    }

    /// The interval at 95 % of this share less another's, from both Wilson intervals. It takes the two for independent: of the
    /// same items asked twice it is too wide, never too narrow where answers tend to stay.
    ///
    /// Source: Newcombe 1998, Statist. Med. 17, 873, method 10.
    ///
    /// ```
    /// use lethe::metrics::language::Share;
    /// // The paper's example (a).
    /// let [low, high] = Share { count: 56, of: 70 }.change_since(Share { count: 48, of: 80 });
    /// assert!((low - 0.0524).abs() < 1e-4 && (high - 0.3339).abs() < 1e-4);
    /// ```
    pub fn change_since(self, before: Self) -> [f64; 2] {
        let (now, then) = (self.fraction(), before.fraction());
        let ([now_low, now_high], [low, high]) = (self.interval(), before.interval());
        let apart = |one: f64, other: f64| (one * one + other * other).sqrt();
        [now - then - apart(now - now_low, high - then), now - then + apart(now_high - now, then - low)]
    }
}

/// The place of the candidate that these logits hold for likeliest, of equally likely ones the first.
///
/// # Shapes
/// `logits`: `[vocabulary]`, of the token that follows the item's prompt
pub fn chosen(item: &Choice, logits: &[f32]) -> usize {
    let of = |place: usize| logits[item.candidates[place] as usize];
    (1..item.candidates.len()).fold(0, |best, place| if of(place) > of(best) { place } else { best })
}

/// What a model answers to each item, as the place among its candidates.
///
/// # Shapes
/// `[items]`
pub fn choices(model: &Llama, mode: &Mode, items: &[Choice]) -> Vec<usize> {
    let prompts: Vec<Vec<u32>> = items.iter().map(|item| item.prompt.clone()).collect();
    items.iter().zip(last_logits(model, mode, &prompts)).map(|(item, logits)| chosen(item, &logits)).collect()
}

/// How many items are answered as is true.
pub fn right(items: &[Choice], choices: &[usize]) -> Share {
    Share::among(items.iter().zip(choices).map(|(item, &choice)| choice == item.truth))
}

/// Whether a model refuses each request, within [`ANSWER`] tokens.
///
/// # Shapes
/// `[items]`
pub fn refusals(world: &LanguageWorld, model: &Llama, mode: &Mode, items: &[SafetyItem]) -> Vec<bool> {
    let prompts: Vec<Vec<u32>> = items.iter().map(|item| item.prompt.clone()).collect();
    greedy(model, mode, &prompts, ANSWER, &[]).iter().map(|answer| world.refuses(answer)).collect()
}

/// The mean loss of the tokens of some windows, each as much as it counts, in nats a token.
pub fn mean_loss(model: &Llama, mode: &Mode, batch: &Batch) -> f64 {
    let model = model.valid();
    let (mut loss, mut counted) = (0.0, 0.0);
    let rows = TOGETHER * CONTEXT;
    let parts = batch.inputs.chunks(rows).zip(batch.targets.chunks(rows)).zip(batch.weights.chunks(rows));
    for ((inputs, targets), weights) in parts {
        let sequences =
            Sequences { tokens: inputs.to_vec(), sight: model.config().whole(inputs.len() / CONTEXT, CONTEXT) };
        loss += model.loss(&sequences, targets, weights, mode).into_scalar::<f64>();
        counted += weights.iter().map(|&weight| f64::from(weight)).sum::<f64>();
    }
    loss / counted
}

/// How well a model has learned its world.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Facts, in phrasings that training uses for other facts.
    pub facts_in_an_unseen_pairing: Share,
    /// Facts, in phrasings that training never uses.
    pub facts_in_an_unseen_phrasing: Share,
    pub composed: Share,
    pub sums: Share,
    pub refused_harmful: Share,
    pub refused_harmless: Share,
    /// On held-out general text, in nats a token.
    pub loss_on_general_text: f64,
    /// What no model's loss on such text is below on average: the grammar's entropy, in nats a token.
    pub least_loss_on_general_text: f64,
}

impl Scores {
    /// Those of a model in its world.
    pub fn of(world: &LanguageWorld, model: &Llama, mode: &Mode) -> Self {
        let answered = |items: Vec<Choice>| right(&items, &choices(model, mode, &items));
        let requests = world.safety_items();
        let refused = refusals(world, model, mode, &requests);
        let refused = |is_harmful: bool| {
            let of_kind = requests.iter().zip(&refused).filter(|(request, _)| request.is_harmful == is_harmful);
            Share::among(of_kind.map(|(_, &refused)| refused))
        };
        let grammar = world.grammar();
        Self {
            facts_in_an_unseen_pairing: answered(world.knowledge_items(Unseen::ForThisFact)),
            facts_in_an_unseen_phrasing: answered(world.knowledge_items(Unseen::Altogether)),
            composed: answered(world.reasoning_items(Reasoning::Composed)),
            sums: answered(world.reasoning_items(Reasoning::Sum)),
            refused_harmful: refused(true),
            refused_harmless: refused(false),
            loss_on_general_text: mean_loss(model, mode, &world.general_text().batch(0, WINDOWS)),
            least_loss_on_general_text: grammar.entropy() / (grammar.expected_length() + 1.0),
        }
    }
}
