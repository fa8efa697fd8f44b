//! What runs can do beside what their bases could, with a word on what is sure.

use serde::Serialize;

use super::Sweep;
use crate::experiments::llama::Point;
use crate::metrics::language::Share;
use crate::report::llama::way;
use crate::stats::{holm, sign_test};

/// A chance of false alarm that is accepted over all comparisons of a sweep.
const LEVEL: f64 = 0.05;

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Worse,
    Better,
    Unsure,
}

impl Verdict {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worse => "▼ surely worse",
            Self::Better => "▲ surely better",
            Self::Unsure => "no sure change",
        }
    }
}

/// One benchmark of one run: a task asked in one way, or requests that are refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    pub benchmark: String,
    pub base: Share,
    pub tuned: Share,
    /// Right answers of someone who guesses, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// Most items that can have gone from right to wrong or back.
    pub changed: usize,
    /// Of the sign test over these, after Holm's correction for all comparisons of the sweep.
    pub p_value: f64,
    pub verdict: Verdict,
}

impl Compared {
    /// The change of the share, from −1 to 1.
    pub fn change(&self) -> f64 {
        self.tuned.fraction() - self.base.fraction()
    }
}

/// A comparison before the correction, and whether a rising share is good.
struct Asked {
    compared: Compared,
    rising_is_good: bool,
}

/// All comparisons, run by run. Runs that blew up have none.
///
/// Base and tuned model answer the same items, so only items that changed tell anything; a record keeps how many answers
/// are as the base's, which bounds them from above, and the bound is tested: a p-value is never too small.
pub fn compared(sweep: &Sweep) -> Vec<Vec<Compared>> {
    let asked = sweep.runs.iter().map(|run| {
        let last = run.record.points.last().filter(|_| run.diverged().is_none());
        last.map(of_point).unwrap_or_default()
    });
    let mut asked: Vec<Vec<Asked>> = asked.collect();
    let p_values: Vec<f64> = asked.iter().flatten().map(|asked| asked.compared.p_value).collect();
    let corrected = holm(&p_values);
    for (Asked { compared, rising_is_good }, p_value) in asked.iter_mut().flatten().zip(corrected) {
        compared.p_value = p_value;
        compared.verdict = match compared.change() > 0.0 {
            _ if p_value > LEVEL => Verdict::Unsure,
            rose if rose == *rising_is_good => Verdict::Better,
            _ => Verdict::Worse,
        };
    }
    asked.into_iter().map(|run| run.into_iter().map(|asked| asked.compared).collect()).collect()
}

fn of_point(point: &Point) -> Vec<Asked> {
    let mut all = Vec::new();
    for task in &point.measures.tasks {
        for prompted in &task.prompts {
            let other = prompted.as_base.of.saturating_sub(prompted.as_base.count);
            let chance = crate::report::llama::changed::chance(prompted);
            let name = way(&task.name, task.prompts.len(), prompted);
            all.push(Asked::new(name, prompted.base.acc, prompted.tuned.acc, other, chance, true));
        }
    }
    if let Some(refusals) = &point.measures.refusals {
        let (base, tuned) = (refusals.base, refusals.tuned);
        all.push(Asked::new("refuses harm".to_owned(), base.harmful, tuned.harmful, usize::MAX, None, true));
        let name = "refuses harmless requests".to_owned();
        all.push(Asked::new(name, base.harmless, tuned.harmless, usize::MAX, None, false));
    }
    all.retain(|asked| asked.compared.base.of > 0 && asked.compared.tuned.of == asked.compared.base.of);
    all
}

impl Asked {
    fn new(
        benchmark: String,
        base: Share,
        tuned: Share,
        most: usize,
        chance: Option<f64>,
        rising_is_good: bool,
    ) -> Self {
        // Lost ones were right before and are wrong now; the won ones are as many, and the difference.
        let lost = base.count.min(base.of.saturating_sub(tuned.count));
        let changed = (2 * lost + tuned.count).saturating_sub(base.count).min(most);
        let p_value = sign_test(changed, base.count.abs_diff(tuned.count));
        let compared = Compared { benchmark, base, tuned, chance, changed, p_value, verdict: Verdict::Unsure };
        Self { compared, rising_is_good }
    }
}
