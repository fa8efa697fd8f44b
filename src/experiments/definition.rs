//! What makes one experiment different from another.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ALL;
use super::spec::Spec;

/// What an experiment varies; it decides what is told first and which settings are lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swept {
    Nothing,
    Widths,
    Fractions,
    /// Every width with every fraction.
    Both,
}

impl Swept {
    /// Whether it compares widths.
    pub fn has_widths(self) -> bool {
        matches!(self, Self::Widths | Self::Both)
    }

    /// Whether it compares replay fractions.
    pub fn has_fractions(self) -> bool {
        matches!(self, Self::Fractions | Self::Both)
    }

    /// The word that the page's controls go by (`data-for`).
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Widths => "widths",
            Self::Fractions => "fractions",
            Self::Both => "both",
        }
    }
}

/// One experiment; each stands in a file of its own and in [`ALL`].
pub struct Definition {
    /// The name in links.
    pub name: &'static str,
    pub swept: Swept,
    /// Whether the kernel predicts every branch before it is trained.
    pub predicts: bool,
    /// Whether its branches are ways of spending a budget of replay, planned when pre-training has ended.
    pub prescribes: bool,
    /// Whether its branches are mitigations of forgetting, beside plain fine-tuning.
    pub mitigates: bool,
    /// Its defaults, where they differ from those of one run in the poster's world.
    pub adjust: fn(&mut Spec),
}

/// An experiment of this build.
#[derive(Clone, Copy)]
pub struct Experiment(&'static Definition);

impl Experiment {
    /// Every experiment, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|&definition| Self(definition))
    }

    /// The experiment of a name.
    ///
    /// ```
    /// use lethe::experiments::Experiment;
    /// assert_eq!(Experiment::named("dynamics"), Some(Experiment::default()));
    /// assert_eq!(Experiment::named("nothing of the kind"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|experiment| experiment.name() == name)
    }

    /// Every name, as a list for people.
    pub fn names() -> String {
        Self::all().map(Self::name).collect::<Vec<_>>().join(", ")
    }

    /// The name in links.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it varies.
    pub fn swept(self) -> Swept {
        self.0.swept
    }

    /// Whether the kernel predicts every branch before it is trained.
    pub fn predicts(self) -> bool {
        self.0.predicts
    }

    /// Whether its branches are ways of spending a budget of replay, planned when pre-training has ended.
    pub fn prescribes(self) -> bool {
        self.0.prescribes
    }

    /// Whether its branches are mitigations of forgetting, beside plain fine-tuning.
    pub fn mitigates(self) -> bool {
        self.0.mitigates
    }

    /// Whether the kernel is taken where fine-tuning starts: on the CPU, and of so many examples only.
    pub fn takes_kernel(self) -> bool {
        self.0.predicts || self.0.prescribes
    }

    /// Puts its defaults in place.
    pub(super) fn adjust(self, spec: &mut Spec) {
        (self.0.adjust)(spec);
    }
}

impl Default for Experiment {
    fn default() -> Self {
        Self(ALL[0])
    }
}

impl PartialEq for Experiment {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl fmt::Debug for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Experiment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Experiment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("experiment \"{name}\"; accepted: one of {}", Self::names()));
        Self::named(&name).ok_or_else(unknown)
    }
}
