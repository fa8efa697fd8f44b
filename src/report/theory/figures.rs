//! From the analysis of a network to its figures.

use super::{BUDGETS, Compared, Scheduled, TheoryReport};
use crate::experiments::analysis::Analysis;
use crate::experiments::analysis::NoPlan;
use crate::experiments::analysis::course::Curve;
use crate::experiments::analysis::modes::Mode;
use crate::experiments::analysis::prescription::Terms;
use crate::experiments::analysis::spectrum::{Spectrum, spectrum};
use crate::figure::{
    Bought, Figure, KernelMap, ModeRow, Modes as ModesFigure, Pareto, ParetoFront, ReplayCourse, ReplayOverTime,
    Schedule, ScheduleCourse, Spectrum as SpectrumFigure, SpectrumAt,
};
use crate::kernel::Modes;
use crate::kernel::optimum::{Objective, Outcome, Reference};
use crate::stats::sorted_by_key;

/// Modes in the figure and its table at most: as many as can be told apart.
const MODES: usize = 24;

/// See [`TheoryReport::figures`].
pub fn all(report: &TheoryReport, replay: f64) -> Vec<Figure> {
    let analysis = report.analysis();
    let mut figures = vec![kernel_map(analysis)];
    if let Ok(modes) = analysis.modes(replay) {
        figures.extend(spectra(report, &modes, replay).ok());
        figures.extend(mode_shares(analysis, &modes, replay, MODES).ok());
    }
    figures.push(replay_over_time(report, replay));
    figures
}

fn kernel_map(analysis: &Analysis) -> Figure {
    let (order, kernel, x) = (analysis.order(), analysis.kernel(), analysis.inputs());
    let (new, old) = order.split_at(order.len() / 2);
    let inputs = |points: &[usize]| points.iter().map(|&point| f64::from(x[point])).collect();
    KernelMap {
        x: [inputs(new), inputs(old)],
        kernel: order.iter().flat_map(|&row| order.iter().map(move |&column| kernel[[row, column]])).collect(),
        reference: false,
    }
    .figure()
}

/// The chosen fraction beside those of the report.
fn spectra(report: &TheoryReport, modes: &Modes, replay: f64) -> Result<Figure, NoPlan> {
    let mut spectra = report.spectra.clone();
    spectra.retain(|known| known.replay != replay);
    spectra.push(spectrum(modes, replay)?);
    let at = |found: Spectrum| SpectrumAt {
        replay: found.replay,
        eigenvalues: found.eigenvalues,
        effective_rank: found.effective_rank,
    };
    let fractions = sorted_by_key(spectra.into_iter().map(at).collect(), |at: &SpectrumAt| at.replay);
    let examples = report.analysis().kernel().nrows();
    Ok(SpectrumFigure { fractions, current: Some(replay), examples, reference: false }.figure())
}

/// The first `most` modes.
///
/// # Errors
/// A prediction that overflows.
pub fn mode_shares(analysis: &Analysis, modes: &Modes, replay: f64, most: usize) -> Result<Figure, NoPlan> {
    let table = analysis.table_of(modes, replay)?;
    let row = |mode: &Mode| ModeRow {
        number: mode.number,
        eigenvalue: mode.eigenvalue,
        rate: mode.rate,
        steps_to_half: mode.steps_to_half,
        excitation: mode.excitation,
        forgetting: mode.forgetting,
        share: mode.share,
    };
    let figure = ModesFigure {
        modes: table.modes.iter().take(most).map(row).collect(),
        replay,
        forgetting: table.forgetting,
        needed: table.needed,
        reference: false,
    };
    Ok(figure.figure())
}

/// The fractions of the report and, where it is another, the chosen one.
fn replay_over_time(report: &TheoryReport, replay: f64) -> Figure {
    let told =
        |curve: &Curve| curve.steps.iter().map(|&step| step as usize).zip(curve.old_task.iter().copied()).collect();
    let course = |compared: &Compared| ReplayCourse {
        replay: compared.replay,
        predicted: told(&compared.predicted),
        measured: told(&compared.measured),
    };
    let mut courses: Vec<ReplayCourse> = report.courses().iter().map(course).collect();
    if courses.iter().all(|course| course.replay != replay) {
        let own = super::compared(report.analysis(), &[replay]);
        courses.extend(own.iter().flatten().map(course));
        courses.sort_by(|a, b| a.replay.total_cmp(&b.replay));
    }
    ReplayOverTime { courses, current: Some(replay), reference: false }.figure()
}

/// See [`TheoryReport::front`].
///
/// # Errors
/// Terms that are none; a learning rate beyond the stability bound.
pub fn pareto(analysis: &Analysis, terms: Terms) -> Result<Figure, NoPlan> {
    let mut budgets = BUDGETS.to_vec();
    budgets.push(terms.budget);
    budgets.sort_by(f64::total_cmp);
    budgets.dedup();
    let fronts = analysis.front(terms, &budgets)?;
    let uniform = analysis.uniform(&budgets)?;
    let references = analysis.references(terms)?;
    let front = |(objective, found): (Objective, Vec<Option<Outcome>>)| {
        let bought = |((&budget, best), uniform): ((&f64, &Option<Outcome>), &Outcome)| Bought {
            budget,
            best: best.as_ref().map(|best| objective.of(best)),
            id_end: best.as_ref().map(|best| best.id_end),
            spent: best.as_ref().map(|best| best.mean_replay),
            uniform: Some(objective.of(uniform)),
        };
        let of = |wanted: Reference| {
            references.iter().find(|(reference, _)| *reference == wanted).map(|(_, outcome)| objective.of(outcome))
        };
        let (name, key) = words(objective);
        ParetoFront {
            objective: name.to_owned(),
            key: key.to_owned(),
            budgets: budgets.iter().zip(&found).zip(&uniform).map(bought).collect(),
            references: [Reference::FrontLoaded, Reference::BackLoaded, Reference::Periodic].map(of),
        }
    };
    Ok(Pareto { fronts: fronts.into_iter().map(front).collect(), budget: terms.budget, reference: false }.figure())
}

fn words(objective: Objective) -> (&'static str, &'static str) {
    match objective {
        Objective::End => ("at the end", "end"),
        Objective::Average => ("on average", "average"),
        Objective::Worst => ("at worst", "worst"),
    }
}

/// See [`TheoryReport::schedule`].
///
/// # Errors
/// As [`Analysis::course`]; a fraction outside 0 to 1.
pub fn schedule(analysis: &Analysis, fractions: &[f64]) -> Result<Scheduled, NoPlan> {
    // One course for both: what it prepares takes longer than following it.
    let course = analysis.course(fractions.len())?;
    let followed = |fractions: &[f64]| {
        let (outcome, losses) = course.followed(fractions)?;
        let task = |index: usize| losses.iter().map(|(_, loss)| loss[index]).collect();
        let curves = ScheduleCourse { old_task: task(0), new_task: task(1) };
        Ok::<_, NoPlan>((outcome, losses.iter().map(|(step, _)| *step).collect(), curves))
    };
    let (outcome, steps, scheduled) = followed(fractions)?;
    // Sums round: a mean of fractions up to 1 is one.
    let mean = outcome.mean_replay.clamp(0.0, 1.0);
    let (even, _, uniform) = followed(&vec![mean; fractions.len()])?;
    let mut from = 0;
    let segments = course.durations().iter().zip(fractions).map(|(&duration, &fraction)| {
        let to = from + duration as usize;
        let piece = (from, to, fraction);
        from = to;
        piece
    });
    let segments = segments.collect();
    let figure = Schedule { segments, mean, scheduled, uniform, steps, reference: false }.figure();
    Ok(Scheduled { outcome, uniform: even, figure })
}
