//! Links to the experiment `associations`: `#v=1&x=associations&tk=news,safety&ft=200`.

use crate::error::Problem;
use crate::experiments::associations::{CheckedSpec, FIELDS, NAME, Spec};
use crate::experiments::fields::Field;
use crate::experiments::scaling::Limits;
use crate::record::link::{Destination, LinkTo, Pairs};

/// A link to this experiment; which one it names was asked before.
pub type Link = LinkTo<CheckedSpec>;

impl Destination for CheckedSpec {
    type Spec = Spec;
    type Limits = Limits;

    fn begun(_: &Pairs, _: &mut Vec<Problem>) -> Spec {
        Spec::default()
    }

    fn fields() -> &'static [Field<Spec>] {
        FIELDS
    }

    fn repaired(spec: Spec, limits: &Limits) -> (Self, Vec<Problem>) {
        spec.repair(limits)
    }

    fn says(&self) -> (&str, Vec<(&'static str, String)>) {
        (NAME, self.science())
    }
}
