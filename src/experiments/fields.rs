//! Every field of a [`Spec`] once: its key in links, its name in files, what it accepts, how it is
//! shown and read. Links, files, the command line and the page all go through this table.

use super::accepted::{
    self, Accepted, read_list, read_mitigations, read_real, read_schedule, read_seeds, read_weights, read_whole,
    show_seeds,
};
use super::limits::{
    DEPTH_MAX, INPUTS_MAX, MITIGATIONS_MAX, SAMPLES_MAX, SEEDS_MAX, SEGMENTS_MAX, STEPS_MAX, WIDTH_MAX,
};
use super::spec::{Spec, SpreadMeaning, WidthRule};
use crate::data::{ALL, World};
use crate::error::{Problem, Problems};
use crate::model::{Activation, Block, Parameterisation};
use crate::train::OptimiserKind;

/// How a text was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As it stands.
    Taken,
    /// The nearest accepted value was put in place.
    Changed,
    /// Nothing of it could be read; the field keeps its value.
    Unreadable,
}

/// One field of a spec.
pub struct Field<S = Spec> {
    /// Short key in links.
    pub key: &'static str,
    /// Name in files and records.
    pub name: &'static str,
    pub accepted: Accepted,
    /// The canonical text of the field's value.
    pub show: fn(&S) -> String,
    /// Sets the field from a text.
    pub read: fn(&mut S, &str) -> Reading,
}

/// Puts a read value in place.
pub(super) fn put<T>(place: &mut T, read: accepted::Read<T>) -> Reading {
    match read {
        Some((value, exact)) => {
            *place = value;
            if exact { Reading::Taken } else { Reading::Changed }
        }
        None => Reading::Unreadable,
    }
}

/// Comma-separated items.
pub(super) fn join<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

/// `a@b,...` or `axb,...`.
fn join_pairs<A: ToString, B: ToString>(pairs: impl Iterator<Item = (A, B)>, mark: char) -> String {
    join(&pairs.map(|(a, b)| format!("{}{mark}{}", a.to_string(), b.to_string())).collect::<Vec<_>>())
}

/// The names of all worlds.
const WORLDS: [&str; ALL.len()] = {
    let mut names = [""; ALL.len()];
    let mut k = 0;
    while k < names.len() {
        names[k] = ALL[k].name;
        k += 1;
    }
    names
};

macro_rules! choice {
    ($key:literal, $name:literal, $field:ident, $($text:literal => $value:expr),+) => {
        Field {
            key: $key,
            name: $name,
            accepted: Accepted::Choice(&[$($text),+]),
            show: |spec| match spec.$field { $(value if value == $value => $text.to_owned(),)+ _ => String::new() },
            read: |spec, text| put(&mut spec.$field, match text { $($text => Some(($value, true)),)+ _ => None }),
        }
    };
}

macro_rules! real {
    ($key:literal, $name:literal, $field:ident, $min:expr, $max:expr) => {
        Field {
            key: $key,
            name: $name,
            accepted: Accepted::Real { min: $min, max: $max },
            show: |spec| spec.$field.to_string(),
            read: |spec, text| put(&mut spec.$field, read_real(text, $min, $max)),
        }
    };
}

macro_rules! whole {
    ($key:literal, $name:literal, $field:ident, $min:expr, $max:expr) => {
        Field {
            key: $key,
            name: $name,
            accepted: Accepted::Whole { min: $min, max: $max },
            show: |spec| spec.$field.to_string(),
            read: |spec, text| put(&mut spec.$field, read_whole(text, $min, $max)),
        }
    };
}

#[cfg(feature = "scaling")]
pub(super) use {choice, real, whole};

macro_rules! weights {
    ($key:literal, $name:literal, $field:ident) => {
        Field {
            key: $key,
            name: $name,
            accepted: Accepted::Weights { max: 1000.0, most: 64 },
            show: |spec| join_pairs(spec.$field.iter().copied(), 'x'),
            read: |spec, text| put(&mut spec.$field, read_weights(text, 1000.0, 64)),
        }
    };
}

/// Every field, in the order links write them.
pub const FIELDS: &[Field] = &[
    Field {
        key: "wo",
        name: "world",
        accepted: Accepted::Choice(&WORLDS),
        show: |spec| spec.world.name.to_owned(),
        read: |spec, text| put(&mut spec.world, World::named(text).map(|world| (world, true))),
    },
    Field {
        key: "w",
        name: "widths",
        accepted: Accepted::Wholes { min: 1, max: WIDTH_MAX, most: 16 },
        show: |spec| join(&spec.widths),
        read: |spec, text| put(&mut spec.widths, read_list(text, 16, |item| read_whole(item, 1, WIDTH_MAX))),
    },
    whole!("d", "depth", depth, 1, DEPTH_MAX),
    choice!("bl", "block", block, "plain" => Block::Plain, "residual" => Block::Residual, "norm" => Block::Norm,
        "resnorm" => Block::ResidualNorm),
    choice!("act", "activation", activation, "relu" => Activation::Relu, "tanh" => Activation::Tanh,
        "erf" => Activation::Erf, "linear" => Activation::Linear),
    choice!("par", "parameterisation", parameterisation, "standard" => Parameterisation::Standard,
        "ntk" => Parameterisation::Ntk, "meanfield" => Parameterisation::Meanfield),
    real!("g0", "richness", richness, 0.001, 1000.0),
    choice!("opt", "optimiser", optimiser, "gd" => OptimiserKind::Gd, "sgd" => OptimiserKind::Sgd,
        "momentum" => OptimiserKind::Momentum, "adam" => OptimiserKind::Adam),
    whole!("bs", "batch", batch, 0, SAMPLES_MAX),
    real!("lr", "learning_rate", learning_rate, 1e-8, 100.0),
    choice!("lrw", "learning_rate_rule", learning_rate_rule, "const" => WidthRule::Const,
        "inv" => WidthRule::Inv),
    whole!("pre", "pretraining_steps", pretraining_steps, 0, STEPS_MAX),
    whole!("ft", "fine_tuning_steps", fine_tuning_steps, 1, STEPS_MAX),
    real!("stop", "stop_loss", stop_loss, 0.0, 100.0),
    Field {
        key: "p",
        name: "replay",
        accepted: Accepted::Reals { min: 0.0, max: 1.0, most: 16 },
        show: |spec| join(&spec.replay),
        read: |spec, text| put(&mut spec.replay, read_list(text, 16, |item| read_real(item, 0.0, 1.0))),
    },
    Field {
        key: "rs",
        name: "schedule",
        accepted: Accepted::Schedule { last: STEPS_MAX, most: 32 },
        show: |spec| join_pairs(spec.schedule.iter().map(|&(step, p)| (p, step)), '@'),
        read: |spec, text| put(&mut spec.schedule, read_schedule(text, STEPS_MAX, 32)),
    },
    whole!("din", "inputs", inputs, 0, INPUTS_MAX),
    whole!("k", "clusters", clusters, 2, 32),
    whole!("nt", "tasks", tasks, 2, 8),
    real!("rot", "angle", angle, -180.0, 180.0),
    real!("sim", "similarity", similarity, 0.0, 1.0),
    real!("part", "share", share, 0.0, 1.0),
    whole!("n", "samples", samples, 2, SAMPLES_MAX),
    real!("sd", "spread", spread, 0.0, 5.0),
    choice!("sdas", "spread_meaning", spread_meaning, "std" => SpreadMeaning::StandardDeviation,
        "var" => SpreadMeaning::Variance),
    Field {
        key: "mu",
        name: "means",
        accepted: Accepted::Pair { min: -5.0, max: 5.0 },
        show: |spec| join(&spec.means),
        read: |spec, text| {
            let pair = text.split_once(',').and_then(|(first, second)| {
                let (a, exact_a) = read_real(first, -5.0, 5.0)?;
                let (b, exact_b) = read_real(second, -5.0, 5.0)?;
                Some(([a, b], exact_a && exact_b))
            });
            put(&mut spec.means, pair)
        },
    },
    real!("y1", "new_label", new_label, -5.0, 5.0),
    real!("ln", "label_noise", label_noise, 0.0, 5.0),
    weights!("ew1", "new_weights", new_weights),
    weights!("ew2", "old_weights", old_weights),
    Field {
        key: "s",
        name: "seeds",
        accepted: Accepted::Seeds { most: SEEDS_MAX },
        show: |spec| show_seeds(&spec.seeds),
        read: |spec, text| put(&mut spec.seeds, read_seeds(text, SEEDS_MAX)),
    },
    whole!("rl", "relinearise", relinearise, 0, STEPS_MAX),
    whole!("sg", "segments", segments, 1, SEGMENTS_MAX),
    Field {
        key: "mit",
        name: "mitigations",
        accepted: Accepted::Mitigations { most: MITIGATIONS_MAX },
        show: |spec| join(&spec.mitigations),
        read: |spec, text| put(&mut spec.mitigations, read_mitigations(text, MITIGATIONS_MAX)),
    },
    real!("ids", "id_slack", id_slack, 1.0, 1000.0),
];

/// The field of a link key or a file name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.key == name || field.name == name)
}

/// The fields of a spec that differ from its defaults, as (key, value) in canonical order: what a link says.
pub fn differing<S>(fields: &[Field<S>], spec: &S, defaults: &S) -> Vec<(&'static str, String)> {
    let written = fields.iter().map(|field| (field.key, (field.show)(spec), (field.show)(defaults)));
    written.filter(|(_, value, default)| value != default).map(|(key, value, _)| (key, value)).collect()
}

/// Puts the nearest accepted value in place of every wrong one and lists each change.
pub fn mend<S>(fields: &[Field<S>], spec: &mut S, defaults: &S, problems: &mut Vec<Problem>) {
    for field in fields {
        let written = (field.show)(spec);
        if written != (field.show)(defaults) && (field.read)(spec, &written) != Reading::Taken {
            let problem = Problem::new(field.name, &written, field.accepted.to_string());
            problems.push(problem.using((field.show)(spec)));
        }
    }
}

/// A spec that needed no repair.
///
/// # Errors
/// What had to be changed, each with what is accepted.
pub fn unrepaired<C>((checked, problems): (C, Vec<Problem>)) -> Result<C, Problems> {
    let refused = |problem: Problem| Problem { used: None, ..problem };
    if problems.is_empty() { Ok(checked) } else { Err(Problems(problems.into_iter().map(refused).collect())) }
}
