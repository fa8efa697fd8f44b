//! Links to the experiment `laws`: `#v=1&x=laws&r=1,4&ft=100`.

use crate::error::{Problem, Problems};
use crate::experiments::scaling::{CheckedSpec, FIELDS, Limits, NAME, Spec};
use crate::record::fingerprint::Fingerprint;
use crate::record::link::{Pairs, VIEW_KEYS, build, claimed, id_of, named, pairs, set, split_warnings, with_evidence};

/// A link that has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub spec: CheckedSpec,
    /// The build that made the link.
    pub build: Option<String>,
    /// What the maker's run came to.
    pub fingerprint: Option<Fingerprint>,
    /// View keys as written.
    pub view: Pairs,
}

impl Link {
    /// Reads a link leniently, as [`crate::record::Link::read`] does; which experiment it names was asked before.
    pub fn read(text: &str, limits: &Limits) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut spec = Spec::default();
        let mut link = Self { spec: CheckedSpec::default(), build: None, fingerprint: None, view: Vec::new() };
        for (key, value) in pairs(text, &mut problems) {
            match key.as_str() {
                "v" | "x" => {}
                "b" => link.build = Some(build(&value)),
                "fp" => link.fingerprint = claimed(&value, &mut problems),
                key if VIEW_KEYS.contains(&key) => link.view.push((key.to_owned(), value)),
                key => set(FIELDS, &mut spec, key, &value, &mut problems),
            }
        }
        let (spec, more) = spec.repair(limits);
        problems.extend(more);
        link.spec = spec;
        (link, problems)
    }

    /// Reads a link strictly, as the command line does.
    ///
    /// # Errors
    /// Everything that [`Self::read`] would have changed, unknown keys apart: those come back as warnings.
    pub fn read_strictly(text: &str, limits: &Limits) -> Result<(Self, Vec<Problem>), Problems> {
        let (link, problems) = Self::read(text, limits);
        split_warnings(problems).map(|warnings| (link, warnings))
    }

    /// The hash of a link that shows this spec.
    pub fn write(
        spec: &CheckedSpec,
        build: Option<&str>,
        fingerprint: Option<&Fingerprint>,
        view: &[(String, String)],
    ) -> String {
        with_evidence(&science(spec), build, fingerprint, view)
    }
}

/// The science part of a link, which alone names the run.
pub fn science(spec: &CheckedSpec) -> String {
    named(NAME, &spec.science())
}

/// The run's id.
pub fn run_id(spec: &CheckedSpec) -> String {
    id_of(&science(spec))
}
