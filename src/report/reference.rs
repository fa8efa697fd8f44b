//! Reference curves: default runs computed in advance, there at first paint.

use serde::{Deserialize, Serialize};

use crate::error::Problems;
use crate::experiments::job::cells;
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Results};
use crate::record::{Fingerprint, Link, Populations, Summary};

/// A finished run, reduced to what figures draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The run, with the fingerprint that anyone who reruns it must get.
    pub link: String,
    /// Populations of the only cell; `None` for a sweep, of which figures draw the summary.
    pub populations: Option<Populations>,
    pub summary: Summary,
}

impl Reference {
    /// The reference made from complete results; numbers of curves keep four digits.
    pub fn of(results: &Results) -> Self {
        let populations = match cells(&results.spec)[..] {
            [cell] => Some(Populations::of(results, cell).rounded()),
            _ => None,
        };
        Self {
            link: Link::write(&results.spec, None, Some(&Fingerprint::of(results)), &[]),
            populations,
            summary: Summary::of(results),
        }
    }

    /// The spec that the reference was made from.
    ///
    /// # Errors
    /// What is wrong with its link.
    pub fn spec(&self) -> Result<CheckedSpec, Problems> {
        Link::read_strictly(&self.link, &Limits::PAGE).map(|(link, _)| link.spec)
    }
}
