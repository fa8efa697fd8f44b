//! Rotary positions, and how they are stretched for longer texts.

use core::f64::consts::TAU;

use serde_json::{Value, json};

use super::config::Config;
use super::numbers::Fields;
use crate::engine::operations::Turns;

/// How the wavelengths of positions are stretched (`rope_scaling`, or `rope_parameters` since transformers 5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scaling {
    None,
    /// Positions divided by a factor.
    Linear {
        factor: f64,
    },
    /// A larger base where a text is longer than the model was trained for.
    Dynamic {
        factor: f64,
    },
    /// Llama 3.1: long wavelengths stretched, short ones kept, those between blended.
    Llama3 {
        factor: f64,
        low_freq_factor: f64,
        high_freq_factor: f64,
        original: usize,
    },
}

impl Scaling {
    /// The base of the wavelengths and their scaling.
    pub(super) fn read(fields: &mut Fields<'_>, most: usize) -> (f64, Self) {
        const BASE: f64 = 10_000.0;
        let key = ["rope_parameters", "rope_scaling"].into_iter().find(|key| fields.get(key).is_some());
        let Some(key) = key else { return (fields.positive("rope_theta", 1e12, Some(BASE)), Self::None) };
        let Some(Value::Object(map)) = fields.get(key) else {
            fields.wrong(key, "null or an object with \"rope_type\"");
            return (BASE, Self::None);
        };
        let mut inner = Fields::of(map);
        let base = if inner.get("rope_theta").is_some() {
            inner.positive("rope_theta", 1e12, None)
        } else {
            fields.positive("rope_theta", 1e12, Some(BASE))
        };
        let kind = inner.get("rope_type").or_else(|| inner.get("type")).and_then(Value::as_str).unwrap_or("default");
        let scaling = match kind {
            "default" => Self::None,
            "linear" => Self::Linear { factor: inner.positive("factor", 1e6, None) },
            "dynamic" => Self::Dynamic { factor: inner.positive("factor", 1e6, None) },
            "llama3" => Self::Llama3 {
                factor: inner.positive("factor", 1e6, None),
                low_freq_factor: inner.positive("low_freq_factor", 1e6, None),
                high_freq_factor: inner.positive("high_freq_factor", 1e6, None),
                original: inner.count("original_max_position_embeddings", 1 << 30, Some(most)),
            },
            _ => {
                inner.wrong("rope_type", "\"default\", \"linear\", \"dynamic\" or \"llama3\"");
                Self::None
            }
        };
        if let Self::Llama3 { low_freq_factor, high_freq_factor, .. } = scaling
            && low_freq_factor >= high_freq_factor
        {
            inner.wrong("high_freq_factor", format!("a number above low_freq_factor, {low_freq_factor}"));
        }
        fields.problems.extend(inner.problems.into_iter().map(|mut problem| {
            problem.field = format!("{key}.{}", problem.field);
            problem
        }));
        (base, scaling)
    }

    pub(super) fn to_json(self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Linear { factor } => json!({ "rope_type": "linear", "factor": factor }),
            Self::Dynamic { factor } => json!({ "rope_type": "dynamic", "factor": factor }),
            Self::Llama3 { factor, low_freq_factor, high_freq_factor, original } => json!({
                "rope_type": "llama3", "factor": factor, "low_freq_factor": low_freq_factor,
                "high_freq_factor": high_freq_factor, "original_max_position_embeddings": original,
            }),
        }
    }
}

/// The cosines and sines of positions, in texts of which the longest has `longest` of them.
pub fn turns(config: &Config, positions: &[u32], longest: usize) -> Turns {
    let frequencies = frequencies(config, longest);
    let angles = || positions.iter().flat_map(|&position| frequencies.iter().map(move |f| f64::from(position) * f));
    Turns {
        cos: angles().map(|angle| libm::cos(angle) as f32).collect(),
        sin: angles().map(|angle| libm::sin(angle) as f32).collect(),
    }
}

/// Radians that each pair of units turns from one position to the next.
///
/// # Shapes
/// `[head_dim / 2]`
fn frequencies(config: &Config, longest: usize) -> Vec<f64> {
    let units = config.head_dim as f64;
    let mut base = config.rope_theta;
    let trained = config.max_position_embeddings as f64;
    if let Scaling::Dynamic { factor } = config.rope_scaling
        && longest > config.max_position_embeddings
    {
        let stretch = factor * longest as f64 / trained - (factor - 1.0);
        base *= libm::pow(stretch, units / (units - 2.0));
    }
    let plain = (0..config.head_dim / 2).map(|pair| libm::pow(base, -2.0 * pair as f64 / units));
    match config.rope_scaling {
        Scaling::None | Scaling::Dynamic { .. } => plain.collect(),
        Scaling::Linear { factor } => plain.map(|frequency| frequency / factor).collect(),
        Scaling::Llama3 { factor, low_freq_factor, high_freq_factor, original } => plain
            .map(|frequency| {
                let waves = original as f64 * frequency / TAU;
                let share = (waves - low_freq_factor) / (high_freq_factor - low_freq_factor);
                let kept = share.clamp(0.0, 1.0);
                frequency * (kept + (1.0 - kept) / factor)
            })
            .collect(),
    }
}
