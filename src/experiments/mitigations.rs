//! `mitigations`: what stops forgetting, at the same loss on the new task?

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::definition::{Definition, Swept};
use crate::train::mitigation::Mitigation;

/// The experiment: from one pre-trained network, plain fine-tuning and each mitigation. Plain fine-tuning stopped
/// early is a front of new-task against old-task loss; the question is what escapes it.
pub const MITIGATIONS: Definition = Definition {
    name: "mitigations",
    swept: Swept::Nothing,
    predicts: false,
    prescribes: false,
    mitigates: true,
    adjust: |spec| {
        let asked = [
            "replay@0.001",
            "replay@0.01",
            "replay@0.1",
            "added@0.03125",
            "l2@0.01",
            "l2@0.1",
            "l2@1",
            "ewc@0.01",
            "ewc@0.1",
            "ewc@1",
            "distil@0.3",
            "ogd@4",
            "ogd@32",
            "freeze@1",
            "interpolate@0.3",
            "rate@3",
        ];
        spec.mitigations = asked.iter().filter_map(|text| Mitigated::read(text)).collect();
    },
};

/// A mitigation with its strength; as text `ewc@0.1`.
#[derive(Clone, Copy)]
pub struct Mitigated {
    pub mitigation: &'static Mitigation,
    pub strength: f64,
}

impl Mitigated {
    /// From its text; `None` where the name or the number is none, or the strength is accepted nowhere. Strength 0 is
    /// plain fine-tuning, which is there anyway.
    pub fn read(text: &str) -> Option<Self> {
        let (name, strength) = text.trim().split_once('@')?;
        let strength = crate::decimal::read(strength).filter(|strength| strength.is_finite() && *strength > 0.0)?;
        let mitigation = Mitigation::named(name)?;
        mitigation.strength.check_alone(name, strength).ok()?;
        Some(Self { mitigation, strength })
    }

    /// The share of the loss weight that its replay has.
    pub fn replay_share(&self) -> f64 {
        (self.mitigation.replay)(self.strength).share()
    }
}

impl PartialEq for Mitigated {
    fn eq(&self, other: &Self) -> bool {
        self.mitigation.name == other.mitigation.name && self.strength == other.strength
    }
}

impl fmt::Display for Mitigated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mitigation.name)?;
        f.write_str("@")?;
        f.write_str(&self.strength.to_string())
    }
}

impl fmt::Debug for Mitigated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Mitigated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Mitigated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("mitigation \"{text}\"; accepted: ewc@0.1 and the like")))
    }
}
