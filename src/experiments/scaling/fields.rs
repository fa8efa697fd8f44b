//! Every field of a [`Spec`] once, as in [`experiments::fields`](crate::experiments::fields).

use super::super::accepted::{Accepted, read_list, read_real, read_seeds, read_whole, show_seeds};
use super::super::fields::{Field, choice, join, put, real, whole};
use super::cell::Family;
use super::spec::{Scaling, Spec, Targets};
use crate::data::language::FineTuning;
use crate::model::Size;

/// Largest rank: beyond it, a factor of the default base is larger than the weight beside it.
const RANK_MAX: u32 = 64;
/// Most update steps.
const STEPS_MAX: u32 = 20_000;
/// Most windows of a step.
const BATCH_MAX: u32 = 64;
/// Most seeds.
const SEEDS_MAX: usize = 64;
/// The largest replay fraction: what is left must still teach the new task.
const REPLAY_MAX: f64 = 0.9;

/// Every field, in the order links write them.
pub const FIELDS: &[Field<Spec>] = &[
    Field {
        key: "m",
        name: "bases",
        accepted: Accepted::Choices { names: &["small", "medium", "large"], least: 1 },
        show: |spec| spec.bases.iter().map(|size| size.name()).collect::<Vec<_>>().join(","),
        read: |spec, text| put(&mut spec.bases, read_list(text, 3, |name| Some((Size::named(name)?, true)))),
    },
    whole!("mb", "base_seed", base_seed, 0, 1),
    choice!("set", "fine_tuning", fine_tuning, "orca" => FineTuning::Orca, "news" => FineTuning::News),
    Field {
        key: "r",
        name: "ranks",
        accepted: Accepted::Wholes { min: 1, max: RANK_MAX, most: 16 },
        show: |spec| join(&spec.ranks),
        read: |spec, text| put(&mut spec.ranks, read_list(text, 16, |item| read_whole(item, 1, RANK_MAX))),
    },
    Field {
        key: "fam",
        name: "families",
        accepted: Accepted::Choices { names: &["full", "ia3", "top1", "top2", "top3"], least: 0 },
        show: |spec| spec.families.iter().map(Family::name).collect::<Vec<_>>().join(","),
        read: |spec, text| {
            let read = if text.is_empty() || text == "none" {
                Some((Vec::new(), true))
            } else {
                read_list(text, 5, |name| Some((Family::named(name)?, true)))
            };
            put(&mut spec.families, read)
        },
    },
    choice!("tgt", "targets", targets, "all" => Targets::All, "attention" => Targets::Attention,
        "feedforward" => Targets::FeedForward, "qv" => Targets::Qv),
    real!("al", "alpha", alpha, 0.01, 1000.0),
    choice!("sc", "scaling", scaling, "rs" => Scaling::RankStabilised, "plain" => Scaling::Plain),
    real!("do", "dropout", dropout, 0.0, 0.9),
    real!("lr", "learning_rate", learning_rate, 1e-6, 1.0),
    real!("lrf", "full_learning_rate", full_learning_rate, 1e-6, 1.0),
    real!("lri", "ia3_learning_rate", ia3_learning_rate, 1e-6, 1.0),
    whole!("wu", "warm_up", warm_up, 0, 1000),
    whole!("bs", "batch", batch, 2, BATCH_MAX),
    whole!("ft", "steps", steps, 1, STEPS_MAX),
    whole!("win", "windows", windows, 0, 1_000_000),
    Field {
        key: "p",
        name: "replay",
        accepted: Accepted::Reals { min: 0.0, max: REPLAY_MAX, most: 8 },
        show: |spec| join(&spec.replay),
        read: |spec, text| put(&mut spec.replay, read_list(text, 8, |item| read_real(item, 0.0, REPLAY_MAX))),
    },
    Field {
        key: "s",
        name: "seeds",
        accepted: Accepted::Seeds { most: SEEDS_MAX },
        show: |spec| show_seeds(&spec.seeds),
        read: |spec, text| put(&mut spec.seeds, read_seeds(text, SEEDS_MAX)),
    },
];
