//! What makes one world different from another.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ALL;
#[cfg(feature = "fused")]
use super::{Setting, Tasks};
#[cfg(feature = "fused")]
use crate::seed::Seed;

/// One world; each stands in a file of its own and in [`ALL`].
pub struct Definition {
    /// The name in links.
    pub name: &'static str,
    /// Coordinates of a point where nothing else is asked for.
    pub inputs: u32,
    /// The fewest and the most coordinates that a point may have.
    pub inputs_range: (u32, u32),
    /// Whether it may have more than one new task, each fine-tuned after the other.
    pub is_sequence: bool,
    /// Whether replay in a later task draws on the earlier new tasks, too, or on the old one alone.
    pub replays_new: bool,
    /// Settings it reads, by their names in files, besides samples and label noise, which all do.
    pub takes: &'static [&'static str],
    /// Whether pre-training teaches X1 a label that fine-tuning overwrites.
    pub overwrites: bool,
    /// The examples of one seed.
    #[cfg(feature = "fused")]
    pub draw: fn(&Setting, Seed) -> Tasks,
}

/// A world of this build.
#[derive(Clone, Copy)]
pub struct World(&'static Definition);

impl World {
    /// Every world, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|&definition| Self(definition))
    }

    /// The world of a name.
    ///
    /// ```
    /// use lethe::data::World;
    /// assert_eq!(World::named("gaussians"), Some(World::default()));
    /// assert_eq!(World::named("nowhere"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|world| world.0.name == name)
    }
}

impl core::ops::Deref for World {
    type Target = Definition;
    fn deref(&self) -> &Definition {
        self.0
    }
}

impl Default for World {
    fn default() -> Self {
        Self(ALL[0])
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl Serialize for World {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}

impl<'de> Deserialize<'de> for World {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let names = || Self::all().map(|world| world.0.name).collect::<Vec<_>>().join(", ");
        let unknown = || serde::de::Error::custom(format!("world \"{name}\"; accepted: one of {}", names()));
        Self::named(&name).ok_or_else(unknown)
    }
}
