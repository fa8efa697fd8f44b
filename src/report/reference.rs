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
    /// The reference made from complete results; numbers of curves keep twelve bits.
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

    /// The bytes of its file: postcard, which takes a page far less code to read than text with names.
    ///
    /// # Errors
    /// None that a reference made of results can have.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// # Errors
    /// Bytes that are no reference of this build.
    pub fn read(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }

    /// The spec that the reference was made from.
    ///
    /// # Errors
    /// What is wrong with its link.
    pub fn spec(&self) -> Result<CheckedSpec, Problems> {
        Link::read_strictly(&self.link, &Limits::PAGE).map(|(link, _)| link.spec)
    }
}
