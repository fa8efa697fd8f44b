//! Links to the experiment `laws`: `#v=1&x=laws&r=1,4&ft=100`.

use crate::error::Problem;
use crate::experiments::fields::Field;
use crate::experiments::scaling::{CheckedSpec, FIELDS, Limits, NAME, Spec};
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
