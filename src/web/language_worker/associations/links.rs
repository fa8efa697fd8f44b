//! Links, read for the page, and what they stand on.

use super::answer::Reading;
use crate::experiments::associations::{CheckedSpec, FIELDS, Subject, World, jobs};
use crate::experiments::scaling::{Base, Limits};
use crate::record::BUILD;
use crate::record::associations::Link;
use crate::web::language_worker::answer::Setting;
use crate::web::language_worker::notes::notices;

/// A link as the page wrote it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_strictly(link: &str) -> Result<Link, String> {
    Link::read_strictly(link, &Limits::PAGE).map(|(link, _)| link).map_err(|problems| problems.to_string())
}

/// The file of the base that a spec needs, if it needs one.
pub fn base(spec: &CheckedSpec) -> Option<String> {
    (spec.world == World::Language).then(|| Base::file(spec.base, spec.base_seed))
}

/// The base of a spec with its tasks and examples; `weights` finds those of a file.
///
/// # Errors
/// A base that was not given or cannot be used.
pub fn subject<'a>(spec: &CheckedSpec, weights: impl Fn(&str) -> Result<&'a [u8], String>) -> Result<Subject, String> {
    let file = base(spec);
    let bytes = file.as_deref().map_or(Ok(&[][..]), weights)?;
    Subject::new(spec, bytes)
        .map_err(|fault| format!("The base model {} cannot be used: {fault}", file.unwrap_or_default()))
}

/// A link from anywhere, with what it cannot have.
pub fn read(text: &str) -> Reading {
    let (link, problems) = Link::read(text, &Limits::PAGE);
    let notices = notices(&link, &problems);
    let Link { spec, build, fingerprint, view } = &link;
    let claimed = build.as_deref().filter(|_| fingerprint.is_some());
    let jobs = jobs(spec);
    let settings = FIELDS.iter().map(|field| Setting {
        key: field.key,
        name: field.name,
        value: (field.show)(spec),
        accepted: field.accepted.to_string(),
    });
    Reading {
        link: Link::write(spec, claimed, fingerprint.as_ref(), view),
        build: BUILD,
        notices,
        settings: settings.collect(),
        bases: base(spec).into_iter().collect(),
        tasks: spec.rows(),
        seeds: spec.seeds.len(),
        steps: spec.steps,
        work: spec.work(),
        unasked: spec.work() <= Limits::UNASKED.work && jobs.len() <= Limits::UNASKED.runs,
        jobs,
    }
}
