//! Links, read for the page.

use super::answer::{CellTold, Reading, Setting};
use crate::error::Problem;
use crate::experiments::scaling::{Base, FIELDS, Limits, cells, jobs, tokens, work};
use crate::record::BUILD;
use crate::record::link::LinkTo;
use crate::record::scaling::Link;

/// A link as the page wrote it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_strictly(link: &str) -> Result<Link, String> {
    Link::read_strictly(link, &Limits::PAGE).map(|(link, _)| link).map_err(|problems| problems.to_string())
}

/// What a link cannot have, and whether another build made it, as sentences.
pub(super) fn notices<C>(link: &LinkTo<C>, problems: &[Problem]) -> Vec<String> {
    let mut notices: Vec<String> = problems.iter().map(|problem| format!("The link asked for {problem}.")).collect();
    if let Some(build) = link.build.as_deref().filter(|&build| link.fingerprint.is_some() && build != BUILD) {
        notices
            .push(format!("The link was made by build {build}; this is {BUILD}. Its result is compared all the same."));
    }
    notices
}

/// A link from anywhere, with what it cannot have.
pub fn read(text: &str) -> Reading {
    let (link, problems) = Link::read(text, &Limits::PAGE);
    let notices = notices(&link, &problems);
    let Link { spec, build, fingerprint, view } = &link;
    let claimed = build.as_deref().filter(|_| fingerprint.is_some());
    let cells = cells(spec);
    let mut bases: Vec<String> = cells.iter().map(|cell| Base::file(cell.size, spec.base_seed)).collect();
    bases.dedup();
    let jobs = jobs(spec);
    let (work, tokens) = (work(spec), tokens(spec));
    Reading {
        link: Link::write(spec, claimed, fingerprint.as_ref(), view),
        build: BUILD,
        notices,
        settings: FIELDS
            .iter()
            .map(|field| Setting {
                key: field.key,
                name: field.name,
                value: (field.show)(spec),
                accepted: field.accepted.to_string(),
            })
            .collect(),
        cells: cells
            .iter()
            .map(|cell| CellTold {
                label: cell.label(spec),
                family: cell.family.kind(),
                rank: cell.family.rank(),
                size: cell.size.name(),
                replay: cell.replay,
                parameters: cell.parameters(spec),
            })
            .collect(),
        unasked: work <= Limits::UNASKED.work && jobs.len() <= Limits::UNASKED.runs,
        jobs,
        bases,
        steps: spec.steps,
        tokens,
        work,
    }
}
