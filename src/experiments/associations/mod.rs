//! The experiment `associations`: which fine-tuning tasks make a model forget which upstream examples.
//!
//! A base is fine-tuned on one task at a time, each time from the start, and the loss of every upstream example is
//! taken before and after (after Jin & Ren 2024, arXiv 2406.14026). Bases are tiny Llamas of the
//! [language world](crate::data::language), or small networks that tell clusters apart. [`Results`] gathers rows to
//! [matrices](crate::associations), [`Findings`] is what they come to. Where asked, the fine-tunings run again with
//! replay that is aimed by what the matrix says ([`Arm`]).
//!
//! As [`scaling`](super::scaling) it is an experiment of its own kind, not one of [`ALL`](super::ALL).

mod completion;
mod course;
mod families;
mod fields;
mod findings;
mod fine_tuning;
mod job;
mod language;
mod learner;
mod meaning;
mod network_tuning;
mod networks;
mod products;
mod replay;
mod results;
mod rows;
mod run;
mod similarity;
mod spec;
mod subject;

pub use completion::{Completion, Split, completions};
pub use fields::FIELDS;
pub use findings::{Agreement, Binary, Findings};
pub use job::{Job, Outcome, Predicted, Row, jobs};
pub use language::Language;
pub use meaning::Meaning;
pub use networks::Networks;
pub use replay::{AgainstRandom, Aim, Arm, ArmFindings, ReplayFindings, ReplaySplit, Replayed, Scored, acted};
pub use results::Results;
pub use rows::rows;
pub use run::Run;
pub use spec::{CheckedSpec, NAME, Spec, Tuned, World};
pub use subject::{Example, Subject, Task};
