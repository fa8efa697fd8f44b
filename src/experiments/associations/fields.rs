//! Every field of a [`Spec`] once, as in [`experiments::fields`](crate::experiments::fields).

use super::super::accepted::{Accepted, read_list, read_real, read_seeds, read_whole, show_seeds};
use super::super::fields::{Field, choice, put, real, whole};
use super::replay::Arm;
use super::spec::{Spec, Tuned, World};
use crate::data::language::TaskKind;
use crate::model::Size;

/// Most seeds.
const SEEDS_MAX: usize = 16;

/// The names of all kinds of tasks.
const KINDS: [&str; TaskKind::ALL.len()] = {
    let mut names = [""; TaskKind::ALL.len()];
    let mut k = 0;
    while k < names.len() {
        names[k] = TaskKind::ALL[k].name();
        k += 1;
    }
    names
};

/// The names of all arms that can be asked for.
const ARMS: [&str; Arm::CHOSEN.len()] = {
    let mut names = [""; Arm::CHOSEN.len()];
    let mut k = 0;
    while k < names.len() {
        names[k] = Arm::CHOSEN[k].name();
        k += 1;
    }
    names
};

/// Every field, in the order links write them.
pub const FIELDS: &[Field<Spec>] = &[
    choice!("wo", "world", world, "language" => World::Language, "rotated" => World::Rotated,
        "permuted" => World::Permuted, "partial" => World::Partial, "gradual" => World::Gradual,
        "clusters" => World::Clusters, "teacher" => World::Teacher),
    choice!("m", "base", base, "small" => Size::Small, "medium" => Size::Medium, "large" => Size::Large),
    whole!("mb", "base_seed", base_seed, 0, 1),
    Field {
        key: "tk",
        name: "kinds",
        accepted: Accepted::Choices { names: &KINDS, least: 1 },
        show: |spec| spec.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(","),
        read: |spec, text| {
            let kind = |name: &str| TaskKind::ALL.into_iter().find(|kind| kind.name() == name);
            put(&mut spec.kinds, read_list(text, KINDS.len(), |name| Some((kind(name)?, true))))
        },
    },
    whole!("nt", "tasks", tasks, 2, 64),
    whole!("n", "examples", examples, 8, 256),
    choice!("tun", "tuned", tuned, "lora" => Tuned::Lora, "full" => Tuned::Full),
    whole!("r", "rank", rank, 1, 64),
    real!("lr", "learning_rate", learning_rate, 1e-6, 1.0),
    real!("lrf", "full_learning_rate", full_learning_rate, 1e-6, 1.0),
    real!("lrn", "network_learning_rate", network_learning_rate, 1e-6, 10.0),
    whole!("w", "width", width, 1, 1024),
    whole!("wu", "warm_up", warm_up, 0, 1000),
    whole!("bs", "batch", batch, 1, 64),
    whole!("ft", "steps", steps, 1, 20_000),
    Field {
        key: "s",
        name: "seeds",
        accepted: Accepted::Seeds { most: SEEDS_MAX },
        show: |spec| show_seeds(&spec.seeds),
        read: |spec, text| put(&mut spec.seeds, read_seeds(text, SEEDS_MAX)),
    },
    Field {
        key: "arm",
        name: "arms",
        accepted: Accepted::Choices { names: &ARMS, least: 0 },
        show: |spec| spec.arms.iter().map(|arm| arm.name()).collect::<Vec<_>>().join(","),
        read: |spec, text| {
            let arm = |name: &str| Arm::CHOSEN.into_iter().find(|arm| arm.name() == name);
            let read = match text {
                "" | "none" => Some((Vec::new(), true)),
                _ => read_list(text, ARMS.len(), |name| Some((arm(name)?, true))),
            };
            put(&mut spec.arms, read)
        },
    },
    whole!("na", "acted", acted, 1, 62),
    real!("rr", "replay_ratio", replay_ratio, 0.001, 1.0),
    whole!("obs", "observed", observed, 1, 1000),
    real!("tem", "temperature", temperature, 1e-4, 1e4),
    real!("ho", "held_out", held_out, 0.1, 0.9),
];
