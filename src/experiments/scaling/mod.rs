//! The experiment `laws`: how forgetting follows from fine-tuning loss, parameters tuned and steps.
//!
//! A tiny Llama that knows its [language](crate::data::language) is fine-tuned at several ranks of LoRA, with several
//! seeds and, where asked, other families of tuning, fractions of replay and sizes of the base (after Kalajdzievski,
//! arXiv 2401.05605). A run measures at log-spaced checkpoints what was learned and what was lost. [`Results`] gathers
//! that, and hands it to [`laws`](crate::laws) as observations.
//!
//! It is an experiment of its own kind, not one of [`ALL`](super::ALL): its networks, worlds and measures share no field
//! with the networks of those.

mod abilities;
mod base;
mod cell;
mod event;
mod fields;
mod measure;
mod probe;
mod results;
mod run;
mod spec;

pub use abilities::{Abilities, Ability};
pub use base::Base;
pub use cell::{Cell, Family, Job, cells, checkpoints, jobs, tests_abilities, tokens, work};
pub use event::{Checkpoint, Ending, Event, Losses, Text, TextKind};
pub use fields::FIELDS;
pub use results::{Results, Trace};
pub use run::Run;
pub use spec::{CheckedSpec, Limits, NAME, Scaling, Spec, Targets};
