//! Everything measured at a checkpoint, number by number.

use crate::experiments::llama::{Forgetting, Measures, Point, Prompted};
use crate::metrics::language::Share;

/// What a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    TrainingLoss,
    /// L_ft.
    FineTuningLoss,
    /// L_f; the base's is its entropy.
    SoftCrossEntropy,
    Kl,
    NllRise,
    Agreement,
    Accuracy,
    AccuracyNorm,
    AccuracyBytes,
    Greedy,
    AsBase,
    AsBaseNorm,
    AsBaseBytes,
    /// The share of the answer that is given most.
    MostPreferred,
    RefusedHarmful,
    RefusedHarmfulAtStart,
    EmptyHarmful,
    RefusedHarmless,
    RefusedHarmlessAtStart,
    EmptyHarmless,
    TokenPerplexity,
    WordPerplexity,
    BytePerplexity,
    /// Mean loss of single examples, nats a token.
    ExampleLoss,
}

impl Measure {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainingLoss => "training_loss",
            Self::FineTuningLoss => "fine_tuning_loss",
            Self::SoftCrossEntropy => "soft_cross_entropy",
            Self::Kl => "kl",
            Self::NllRise => "nll_rise",
            Self::Agreement => "top1_agreement",
            Self::Accuracy => "acc",
            Self::AccuracyNorm => "acc_norm",
            Self::AccuracyBytes => "acc_bytes",
            Self::Greedy => "greedy",
            Self::AsBase => "as_base",
            Self::AsBaseNorm => "as_base_norm",
            Self::AsBaseBytes => "as_base_bytes",
            Self::MostPreferred => "most_preferred",
            Self::RefusedHarmful => "refused_harmful",
            Self::RefusedHarmfulAtStart => "refused_harmful_at_start",
            Self::EmptyHarmful => "empty_harmful",
            Self::RefusedHarmless => "refused_harmless",
            Self::RefusedHarmlessAtStart => "refused_harmless_at_start",
            Self::EmptyHarmless => "empty_harmless",
            Self::TokenPerplexity => "token_perplexity",
            Self::WordPerplexity => "word_perplexity",
            Self::BytePerplexity => "byte_perplexity",
            Self::ExampleLoss => "example_loss",
        }
    }
}

/// A number with its interval at 95 %, where there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub interval: Option<[f64; 2]>,
}

impl Estimate {
    /// A number of which nothing says how sure it is.
    pub fn plain(value: f64) -> Self {
        Self { value, interval: None }
    }
}

impl From<Share> for Estimate {
    /// With Wilson's interval; none of no items.
    fn from(share: Share) -> Self {
        Self { value: share.fraction(), interval: (share.of > 0).then(|| share.interval()) }
    }
}

/// One number of a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub measure: Measure,
    /// The task and its prompt, or the domain; empty of what there is once.
    pub of: String,
    pub tuned: Estimate,
    /// The base model's own.
    pub base: Option<Estimate>,
}

/// What tasks with several prompts are called.
pub fn asked(task: &str, prompted: &Prompted) -> String {
    format!("{task}, {}", prompted.name)
}

/// The windows' soft cross-entropies before the first step, to which later ones are held window by window.
pub fn kept_windows(points: &[Point]) -> Option<&Forgetting> {
    points.first().filter(|point| point.step == 0)?.measures.forgetting.as_ref()
}

/// Everything that was measured, in the order of [`Measure`] within each task and domain. `start` is what was measured
/// before the first step, where it was.
pub fn measured(point: &Point, start: Option<&Forgetting>) -> Vec<Measured> {
    let mut all = Vec::new();
    let mut put = |measure, of: &str, tuned: Estimate, base: Option<Estimate>| {
        let is_finite = |estimate: &Estimate| estimate.value.is_finite();
        if is_finite(&tuned) {
            all.push(Measured { measure, of: of.to_owned(), tuned, base: base.filter(is_finite) });
        }
    };
    let losses = [(Measure::TrainingLoss, point.training_loss), (Measure::FineTuningLoss, point.fine_tuning_loss)];
    for (measure, loss) in losses {
        loss.into_iter().for_each(|loss| put(measure, "", Estimate::plain(loss), None));
    }
    let Measures { forgetting, tasks, refusals, perplexities, losses, .. } = &point.measures;
    if let Some(forgetting) = forgetting {
        for (measure, tuned, base) in of_forgetting(forgetting, start) {
            put(measure, "", tuned, base);
        }
    }
    for task in tasks {
        for prompted in &task.prompts {
            let of = asked(&task.name, prompted);
            for (measure, tuned, base) in of_task(prompted) {
                put(measure, &of, tuned, base);
            }
        }
    }
    if let Some(refusals) = refusals {
        let (base, tuned) = (refusals.base, refusals.tuned);
        for (measure, tuned, base) in [
            (Measure::RefusedHarmful, tuned.harmful, base.harmful),
            (Measure::RefusedHarmfulAtStart, tuned.harmful_at_start, base.harmful_at_start),
            (Measure::EmptyHarmful, tuned.harmful_empty, base.harmful_empty),
            (Measure::RefusedHarmless, tuned.harmless, base.harmless),
            (Measure::RefusedHarmlessAtStart, tuned.harmless_at_start, base.harmless_at_start),
            (Measure::EmptyHarmless, tuned.harmless_empty, base.harmless_empty),
        ] {
            if tuned.of > 0 {
                put(measure, "", tuned.into(), Some(base.into()));
            }
        }
    }
    for domain in perplexities {
        for (measure, count) in [
            (Measure::TokenPerplexity, domain.tokens),
            (Measure::WordPerplexity, domain.words),
            (Measure::BytePerplexity, domain.bytes),
        ] {
            let [base, tuned] = domain.per(count).map(Estimate::plain);
            put(measure, &domain.domain, tuned, Some(base));
        }
    }
    if let Some(losses) = losses {
        let [base, tuned] = [&losses.base, &losses.tuned].map(|losses| mean_of(losses));
        if let Some(tuned) = tuned {
            put(Measure::ExampleLoss, "", tuned, base);
        }
    }
    all
}

type Compared = (Measure, Estimate, Option<Estimate>);

fn of_forgetting(forgetting: &Forgetting, start: Option<&Forgetting>) -> [Compared; 4] {
    let around = |value: f64, half: Option<f64>| Estimate { value, interval: half.map(|h| [value - h, value + h]) };
    let rises = start.filter(|start| {
        (start.windows.len(), start.length, start.stride)
            == (forgetting.windows.len(), forgetting.length, forgetting.stride)
    });
    let rises: Option<Vec<f64>> =
        rises.map(|start| forgetting.windows.iter().zip(&start.windows).map(|(own, base)| own - base).collect());
    let soft = around(forgetting.soft_cross_entropy, half_width(&forgetting.windows));
    let kl = around(forgetting.kl, rises.and_then(|rises| half_width(&rises)));
    [
        (Measure::SoftCrossEntropy, soft, Some(Estimate::plain(forgetting.base_entropy))),
        (Measure::Kl, kl, None),
        (Measure::NllRise, Estimate::plain(forgetting.nll_rise()), None),
        (Measure::Agreement, forgetting.agreement.into(), None),
    ]
}

fn of_task(prompted: &Prompted) -> Vec<Compared> {
    let (tuned, base) = (&prompted.tuned, &prompted.base);
    let both = |measure, tuned: Share, base: Share| (measure, Estimate::from(tuned), Some(Estimate::from(base)));
    let alone = |measure, share: Share| (measure, Estimate::from(share), None);
    let mut all = vec![
        both(Measure::Accuracy, tuned.acc, base.acc),
        both(Measure::AccuracyNorm, tuned.acc_norm, base.acc_norm),
        both(Measure::AccuracyBytes, tuned.acc_bytes, base.acc_bytes),
        both(Measure::Greedy, tuned.greedy, base.greedy),
        alone(Measure::AsBase, prompted.as_base),
        alone(Measure::AsBaseNorm, prompted.as_base_norm),
        alone(Measure::AsBaseBytes, prompted.as_base_bytes),
    ];
    all.extend(
        most(&tuned.preferred)
            .map(|(_, share)| (Measure::MostPreferred, share.into(), most(&base.preferred).map(|(_, s)| s.into()))),
    );
    all
}

/// The answer that is preferred most often, of equally frequent ones the first, and its share.
pub fn most(preferred: &[usize]) -> Option<(usize, Share)> {
    let place = (0..preferred.len()).reduce(|best, k| if preferred[k] > preferred[best] { k } else { best })?;
    Some((place, Share { count: preferred[place], of: preferred.iter().sum() }))
}

/// Half of a mean's interval at 95 % by its standard error.
fn half_width(values: &[f64]) -> Option<f64> {
    const Z: f64 = 1.959_963_984_540_054;
    let count = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    Some(Z * (variance / count).sqrt())
}

fn mean_of(values: &[f64]) -> Option<Estimate> {
    let value = values.iter().sum::<f64>() / values.len() as f64;
    let half = half_width(values);
    (!values.is_empty()).then_some(Estimate { value, interval: half.map(|half| [value - half, value + half]) })
}
