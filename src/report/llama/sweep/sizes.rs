//! Forgetting at equal fine-tuning loss, by the size of the base model.

use super::{Group, MOST_GROUPS, Role, Run, Sweep};
use crate::metrics::comparison::{Track, lowest_common};
use crate::report::llama::plain;
use crate::stats::{Slope, slope_over_seeds};

/// What is held equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equal {
    /// L_ft itself.
    Loss,
    /// By how much L_ft has fallen since the first step.
    Gain,
}

/// Models of several sizes, otherwise tuned alike.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// What they agree in, in words; empty where there are no others.
    pub of: String,
    pub equal: Equal,
    /// Where they are compared, nats a token: the lowest loss, or the largest gain, that nine runs in ten of every size reach.
    pub level: f64,
    /// By rising size.
    pub sizes: Vec<AtSize>,
    /// Of KL, a doubling of the parameters, over seeds.
    pub slope: Slope,
    /// Sizes that begin below the level: at equal loss nothing can be said of them.
    pub begun_below: Vec<String>,
    /// Whether all count their nats by the same tokens.
    pub one_vocabulary: bool,
}

/// One model.
#[derive(Clone, Debug)]
pub struct AtSize {
    pub name: String,
    pub parameters: u64,
    /// KL at the level, nats a token, seed by seed; `None` of a run that never comes there or begins below it.
    pub forgetting: Vec<Option<f64>>,
}

impl AtSize {
    /// The median over seeds.
    pub fn median(&self) -> Option<f64> {
        let values: Vec<f64> = self.forgetting.iter().copied().flatten().collect();
        crate::stats::Quartiles::of(&values).map(|quartiles| quartiles.median)
    }
}

impl Sizes {
    /// Every comparison that the runs allow.
    pub fn of(sweep: &Sweep) -> Vec<Self> {
        let alike = sweep.groups(|role| !matches!(role, Role::Model | Role::Seed));
        let each = alike.iter().take(MOST_GROUPS);
        each.flat_map(|group| [Equal::Loss, Equal::Gain].map(|equal| compare(sweep, group, equal))).flatten().collect()
    }

    /// Medians by rising size, where there are any.
    pub fn medians(&self) -> Vec<(u64, f64)> {
        self.sizes.iter().filter_map(|size| Some((size.parameters, size.median()?))).collect()
    }
}

fn compare(sweep: &Sweep, group: &Group<'_>, equal: Equal) -> Option<Sizes> {
    let seed = |run: &Run| {
        let own = sweep.axes.iter().zip(&run.chosen).filter(|(axis, _)| axis.role == Role::Seed);
        own.map(|(_, &place)| place).collect::<Vec<_>>()
    };
    let mut seeds: Vec<Vec<usize>> = group.runs.iter().map(|run| seed(run)).collect();
    seeds.sort_unstable();
    seeds.dedup();
    // Two models may have one size.
    let model = |run: &Run| (run.record.model.parameters, plain(&run.record.model.name));
    let mut models: Vec<(u64, String)> = group.runs.iter().map(|run| model(run)).collect();
    models.sort_unstable();
    models.dedup();
    if models.first()?.0 == models.last()?.0 {
        return None;
    }
    let of_model = |own: &(u64, String)| group.runs.iter().filter(|run| model(run) == *own).collect::<Vec<_>>();
    let tracks = |own| of_model(own).into_iter().filter_map(|run| track(run, equal)).collect::<Vec<_>>();
    let lowest = |own| tracks(own).iter().filter_map(Track::lowest_id_loss).collect::<Vec<_>>();
    let lowest: Vec<Vec<f64>> = models.iter().map(lowest).collect();
    let level = lowest_common(&lowest)?;
    let begins_below = |track: &Track| track.id_loss.first().is_some_and(|&loss| loss <= level);
    let at = |own: &(u64, String)| {
        let runs = of_model(own);
        let of_seed = |own: &Vec<usize>| {
            let track = track(runs.iter().find(|run| seed(run) == *own)?, equal)?;
            track.forgetting_at_id_loss(level).filter(|_| !begins_below(&track))
        };
        AtSize { name: own.1.clone(), parameters: own.0, forgetting: seeds.iter().map(of_seed).collect() }
    };
    let sizes: Vec<AtSize> = models.iter().map(at).collect();
    let widths: Vec<f64> = sizes.iter().map(|size| size.parameters as f64).collect();
    let rows: Vec<Vec<Option<f64>>> =
        (0..seeds.len()).map(|seed| sizes.iter().map(|size| size.forgetting[seed]).collect()).collect();
    let begun_below = models.iter().filter(|own| tracks(own).iter().any(begins_below));
    let vocabulary = group.runs.first()?.record.model.vocabulary;
    Some(Sizes {
        of: group.label.clone(),
        equal,
        level: match equal {
            Equal::Loss => level,
            Equal::Gain => -libm::log(level),
        },
        slope: slope_over_seeds(&widths, &rows),
        begun_below: begun_below.map(|(_, name)| name.clone()).collect(),
        one_vocabulary: group.runs.iter().all(|run| run.record.model.vocabulary == vocabulary),
        sizes,
    })
}

/// KL beside L_ft, or beside e^−gain, whose logarithm falls as the gain rises.
fn track(run: &Run, equal: Equal) -> Option<Track> {
    let (_, start) = run.learned().next()?;
    let mut track = Track::default();
    for point in &run.record.points {
        let (Some(loss), Some(forgetting)) = (point.fine_tuning_loss, &point.measures.forgetting) else { continue };
        track.id_loss.push(match equal {
            Equal::Loss => loss,
            Equal::Gain => libm::exp(loss - start),
        });
        track.forgetting.push(forgetting.kl);
        track.time.push(f64::from(point.step));
    }
    (track.id_loss.len() > 1).then_some(track)
}
