//! Experiments: a checked [`Spec`] goes in, [`Event`]s come out.
//!
//! [`spec`] says what can be asked, [`fields`] how each part of it is written and checked,
//! [`job`] how it is cut into independent units of work, [`event`] what they report, and

pub mod accepted;
pub mod event;
pub mod fields;
pub mod job;
pub mod limits;
pub mod results;
pub mod spec;

pub use event::{Ending, Event, Measures, Point};
pub use job::{Cell, Job};
pub use results::{JobTraces, Results, Trace};
pub use spec::{CheckedSpec, Experiment, Spec};
