//! The figures of scaling laws.

use super::lost::{at, median, places, share};
use super::{Fitted, warm_up};
use crate::experiments::scaling::{Ability, Checkpoint, Family, Results};
use crate::figure::number::{self, count, short, significant};
use crate::figure::panel::{Dash, Marker, Role, Scale};
use crate::figure::{Curve, CurvePanel, Curves, Figure, Spread};
use crate::laws::{Found, Response, published};
use crate::stats::Quartiles;

/// The figures of a run of the experiment, complete or not.
pub fn figures(results: &Results, fitted: &Fitted) -> Vec<Figure> {
    let cells = cells(results);
    let warm_up = warm_up(&results.spec);
    let seeds = results.spec.seeds.len();
    let mut figures = vec![exchange("", &cells, fitted, warm_up, seeds), over_steps("", &cells, fitted, seeds)];
    figures.push(abilities(results));
    figures.push(published_curves(""));
    figures
}

/// The figures of anyone's runs.
pub fn figures_of(fitted: &Fitted) -> Vec<Figure> {
    let (lines, left_out) = runs(fitted);
    let mut figures =
        vec![exchange("own-", &lines, fitted, 0.0, 0), over_steps("own-", &lines, fitted, 0), published_curves("own-")];
    if left_out > 0 {
        let note = format!("{} more ways of tuning are not drawn.", count(left_out));
        figures.iter_mut().take(2).for_each(|figure| figure.notes.push(note.clone()));
    }
    figures
}

/// Points of one population by rising step: steps, L_ft, L_f.
struct Line {
    name: String,
    role: Role,
    dash: Dash,
    marker: Marker,
    parameters: f64,
    points: Vec<(f64, Spread, Spread)>,
}

fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let values: Vec<f64> = values.collect();
    Quartiles::of(&values).map_or_else(Spread::default, |q| Spread::new(q.median, q.q25, q.q75))
}

/// A line for each cell.
fn cells(results: &Results) -> Vec<Line> {
    let spec = &results.spec;
    let line = |cell: usize| {
        let own = results.cells()[cell];
        let points = (1..places(results, cell)).filter_map(|place| {
            let points = at(results, cell, place);
            let of = |of: fn(&Checkpoint) -> f32| spread(points.iter().map(|point| f64::from(of(point))));
            let step = f64::from(points.first()?.step);
            Some((step, of(|point| point.losses.fine_tuning), of(|point| point.losses.forgetting)))
        });
        let (role, dash, marker) = match own.family {
            Family::Lora(_) if own.replay > 0.0 => (Role::NewTask, Dash::Dashed, Marker::Square),
            Family::Lora(_) => (Role::OldTask, Dash::Solid, Marker::Circle),
            _ => (Role::Now, Dash::Dotted, Marker::Triangle),
        };
        let parameters = own.parameters(spec) as f64;
        Line { name: own.label(spec), role, dash, marker, parameters, points: points.collect() }
    };
    (0..results.cells().len()).map(line).collect()
}

/// Most lines of anyone's runs that are drawn.
const MOST_LINES: usize = 24;

/// A line for each number of tuned parameters, family and replay, medians over runs of equal steps; and how many more
/// there are than are drawn.
fn runs(fitted: &Fitted) -> (Vec<Line>, usize) {
    let observations = &fitted.observations;
    let mut kinds: Vec<(f64, Option<String>, f64)> = Vec::new();
    for (run, row) in observations.rows() {
        let kind = (row.parameters, observations.runs()[*run].family.clone(), row.replay.unwrap_or(0.0));
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The family that the laws are fitted to.
    let of_fit = fitted.found.as_ref().ok().and_then(|found| {
        let &run = found.observations.present().first()?;
        Some(found.observations.runs()[run].family.clone())
    });
    let reference = of_fit.unwrap_or_else(|| kinds.first().and_then(|kind| kind.1.clone()));
    let line = |(parameters, family, replay): (f64, Option<String>, f64)| {
        let own = observations.only(|run, row| {
            row.parameters == parameters
                && observations.runs()[run].family == family
                && row.replay.unwrap_or(0.0) == replay
        });
        let points = own.different(|row| row.steps).into_iter().map(|steps| {
            let rows = || own.rows().iter().filter(|(_, row)| row.steps == steps).map(|(_, row)| row);
            (steps, spread(rows().map(|row| row.fine_tuning_loss)), spread(rows().map(|row| row.forgetting)))
        });
        let other = family != reference;
        let mut name = significant(parameters, 3);
        if let Some(family) = family.filter(|_| other) {
            name = format!("{family}, {name}");
        }
        let (role, dash, marker) = match (other, replay > 0.0) {
            (true, _) => (Role::Now, Dash::Dotted, Marker::Triangle),
            (false, true) => (Role::NewTask, Dash::Dashed, Marker::Square),
            (false, false) => (Role::OldTask, Dash::Solid, Marker::Circle),
        };
        Line { name, role, dash, marker, parameters, points: points.collect() }
    };
    let left_out = kinds.len().saturating_sub(MOST_LINES);
    // Evenly spread, so that neither end is missing.
    let drawn = (0..kinds.len().min(MOST_LINES)).map(|place| match left_out {
        0 => place,
        _ => place * (kinds.len() - 1) / (MOST_LINES - 1),
    });
    (drawn.map(|place| line(kinds[place].clone())).collect(), left_out)
}

/// Forgetting against fine-tuning loss, with the line, and what is left beside it.
fn exchange(prefix: &str, lines: &[Line], fitted: &Fitted, warm_up: f64, seeds: usize) -> Figure {
    let found = fitted.found.as_ref().ok();
    let curve = |line: &Line, y: &dyn Fn(f64, Spread) -> Spread| {
        let after = line.points.iter().filter(|(step, ..)| *step >= warm_up);
        let mut points: Vec<(f64, Spread)> =
            after.filter_map(|(_, x, forgetting)| Some((x.median?, y(x.median?, *forgetting)))).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Curve {
            name: line.name.clone(),
            role: line.role,
            dash: line.dash,
            marker: Some(line.marker),
            is_named: false,
            points,
        }
    };
    let mut curves: Vec<Curve> = lines.iter().map(|line| curve(line, &|_, forgetting| forgetting)).collect();
    let xs: Vec<f64> = curves.iter().flat_map(|curve| curve.points.iter().map(|(x, _)| *x)).collect();
    let ends = [xs.iter().copied().fold(f64::INFINITY, f64::min), xs.iter().copied().fold(f64::NEG_INFINITY, f64::max)];
    let mut panels = Vec::new();
    if let Some(Found { linear, .. }) = found {
        let exact = |value: f64| Spread { median: Some(value), q25: None, q75: None };
        let points =
            if ends[0] < ends[1] { ends.map(|x| (x, exact(linear.forgetting(x)))).to_vec() } else { Vec::new() };
        curves.push(Curve {
            name: "eq. 4".to_owned(),
            role: Role::Now,
            dash: Dash::Dashed,
            marker: None,
            is_named: true,
            points,
        });
        let beside = |x: f64, of: Spread| {
            let less = |value: Option<f64>| value.map(|value| value - linear.forgetting(x));
            Spread { median: less(of.median), q25: less(of.q25), q75: less(of.q75) }
        };
        panels.push(panel(
            "beside the line",
            "L_ft, nats",
            Scale::Linear,
            "L_f less the line, nats",
            lines.iter().map(|line| curve(line, &beside)).collect(),
        ));
    }
    panels.insert(0, panel("what is forgotten", "L_ft, nats", Scale::Linear, "L_f, nats", curves));
    let summary = match found {
        Some(Found { linear, .. }) => format!(
            "Forgetting against fine-tuning loss: a line of slope {} explains {} of the variance.",
            short(linear.slope),
            significant(linear.r2, 3)
        ),
        None => "Forgetting against fine-tuning loss; there is no line through it yet.".to_owned(),
    };
    let mut notes = vec![
        "L_f: soft cross-entropy to the base's predictions on general text (Kalajdzievski, arXiv 2401.05605, soft \
         targets). Training goes from right to left."
            .to_owned(),
        "Solid, circles: the family that the laws are fitted to. Dashed, squares: with replay. Dotted, triangles: other \
         families of tuning."
            .to_owned(),
    ];
    notes.extend(medians(seeds));
    Curves {
        id: format!("{prefix}exchange"),
        title: "Forgetting against learning".to_owned(),
        summary,
        notes,
        panels,
        ..Curves::default()
    }
    .figure()
}

fn medians(seeds: usize) -> Option<String> {
    (seeds > 0).then(|| format!("Lines: medians; bands: the middle half of {}.", number::seeds(seeds)))
}

fn panel(title: &str, x: &str, x_scale: Scale, y: &str, curves: Vec<Curve>) -> CurvePanel {
    CurvePanel { title: Some(title.to_owned()), x: x.to_owned(), x_scale, y: y.to_owned(), y_range: None, curves }
}

/// Both losses over steps, with the joint law.
fn over_steps(prefix: &str, lines: &[Line], fitted: &Fitted, seeds: usize) -> Figure {
    let joint = fitted.found.as_ref().ok().and_then(|found| found.joint.as_ref());
    // The ends of a range of ranks are named; what lies between them is told by its place.
    let named = |place: usize| place == 0 || place + 1 == lines.len() || lines[place].role == Role::Now;
    let of = |forgetting: bool| {
        let mut curves = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let role = match line.role {
                Role::Now => Role::Now,
                _ if forgetting => Role::OldTask,
                _ => Role::NewTask,
            };
            let points = line.points.iter().map(|(step, x, y)| (*step, if forgetting { *y } else { *x })).collect();
            curves.push(Curve {
                name: line.name.clone(),
                role,
                dash: line.dash,
                marker: None,
                is_named: named(place),
                points,
            });
            let Some(fit) = joint.filter(|_| line.role == Role::OldTask) else { continue };
            let law = fit.law.of(if forgetting { Response::Forgetting } else { Response::FineTuningLoss });
            let fitted_to = fitted.observations.different(|row| row.steps);
            let exact = |steps: f64| Spread { median: Some(law.predict(line.parameters, steps)), q25: None, q75: None };
            curves.push(Curve {
                name: format!("{}, law", line.name),
                role: Role::Before,
                dash: Dash::Dotted,
                marker: None,
                is_named: false,
                points: fitted_to.into_iter().map(|steps| (steps, exact(steps))).collect(),
            });
        }
        let (title, y) = if forgetting { ("forgetting", "L_f, nats") } else { ("learning", "L_ft, nats") };
        panel(title, "step, log axis", Scale::Log, y, curves)
    };
    let mut notes = medians(seeds).into_iter().collect::<Vec<_>>();
    if joint.is_some() {
        notes.push("Dotted: the shifted power laws, fitted jointly (eqs. 5 and 6, reconstructed).".to_owned());
    }
    let last = |line: &Line| line.points.last().map(|(_, x, y)| (x.median, y.median));
    let said = lines.last().and_then(|line| match last(line)? {
        (Some(x), Some(y)) => Some(format!("{}: L_ft ends at {}, L_f at {}.", line.name, short(x), short(y))),
        _ => None,
    });
    Curves {
        id: format!("{prefix}over-steps"),
        title: "Both losses over steps".to_owned(),
        summary: said.unwrap_or_else(|| "Nothing has been measured yet.".to_owned()),
        notes,
        panels: vec![of(false), of(true)],
        ..Curves::default()
    }
    .figure()
}

/// What the panels of abilities hold.
const PANELS: [(&str, &[Ability]); 3] = [
    ("knowledge", &[Ability::Kept, Ability::KeptAsBase, Ability::Changed, Ability::Newcomers]),
    ("reasoning", &[Ability::Composed, Ability::ComposedAsBase, Ability::Sums, Ability::SumsAsBase]),
    ("safety and text", &[Ability::RefusedHarmful, Ability::RefusedHarmless, Ability::Valid]),
];

/// A short name beside a curve.
fn mark(ability: Ability) -> (&'static str, Role, Dash) {
    match ability {
        Ability::Kept => ("facts", Role::OldTask, Dash::Solid),
        Ability::KeptAsBase => ("as base", Role::Before, Dash::Dotted),
        Ability::Outdated => ("old answer", Role::Overwritten, Dash::Dotted),
        Ability::Changed => ("changed", Role::NewTask, Dash::Dashed),
        Ability::Newcomers => ("newcomers", Role::NewTask, Dash::Dotted),
        Ability::Composed => ("composed", Role::OldTask, Dash::Solid),
        Ability::ComposedAsBase => ("as base", Role::Before, Dash::Dotted),
        Ability::Sums => ("sums", Role::OldTask, Dash::Dashed),
        Ability::SumsAsBase => ("as base", Role::Before, Dash::Dashed),
        Ability::RefusedHarmful => ("harmful", Role::OldTask, Dash::Solid),
        Ability::RefusedHarmless => ("harmless", Role::Overwritten, Dash::Dotted),
        Ability::Valid => ("valid text", Role::Now, Dash::Dashed),
    }
}

/// What the model of the cell that tunes most can do, over steps.
fn abilities(results: &Results) -> Figure {
    let spec = &results.spec;
    let most = (0..results.cells().len())
        .filter(|&cell| results.cells()[cell].family.rank().is_some() && places(results, cell) > 0)
        .max_by(|&a, &b| {
            let cell = |place: usize| results.cells()[place];
            let (a, b) = (cell(a), cell(b));
            // Of equally many parameters, the one with least replay.
            a.parameters(spec).cmp(&b.parameters(spec)).then(b.replay.total_cmp(&a.replay))
        })
        .unwrap_or(0);
    let curve = |&ability: &Ability| {
        let points = (1..places(results, most)).filter_map(|place| {
            let points = at(results, most, place);
            median(&points, |point| share(point, ability))?;
            let step = f64::from(points.first()?.step);
            Some((step, spread(points.iter().filter_map(|point| share(point, ability)).map(|share| 100.0 * share))))
        });
        let (name, role, dash) = mark(ability);
        Curve { name: name.to_owned(), role, dash, marker: None, is_named: true, points: points.collect() }
    };
    let panels = PANELS.iter().map(|(title, abilities)| CurvePanel {
        y_range: Some([0.0, 105.0]),
        ..panel(title, "step, log axis", Scale::Log, "%", abilities.iter().map(curve).collect())
    });
    let label = results.cells().get(most).map(|cell| cell.label(spec)).unwrap_or_default();
    let tested = (1..places(results, most)).rev().find_map(|place| {
        let points = at(results, most, place);
        Some((points.first()?.step, median(&points, |point| share(point, Ability::Kept))?))
    });
    Curves {
        id: "abilities".to_owned(),
        title: format!("What is kept, {label}"),
        summary: tested.map_or_else(
            || "No abilities have been tested yet.".to_owned(),
            |(step, kept)| {
                format!(
                    "With {label}, {} of unchanged facts are answered rightly after step {step}.",
                    number::percent(kept)
                )
            },
        ),
        notes: vec![
            "Facts, compositions and sums against truth; \"as base\" against the base's own answers. \"changed\" and \
             \"newcomers\": what only the news tell. Refusals by keyword."
                .to_owned(),
        ],
        panels: panels.collect(),
        ..Curves::default()
    }
    .figure()
}

/// The published curves on their own axes.
fn published_curves(prefix: &str) -> Figure {
    let panel_of = |set: &published::Published| {
        let steps = published::steps();
        let curve = |&rank: &u32| {
            let parameters = f64::from(rank) * published::PARAMETERS_PER_RANK;
            let exact = |value: f64| Spread { median: Some(value), q25: None, q75: None };
            let mut points: Vec<(f64, Spread)> =
                set.curve(parameters, &steps).into_iter().map(|(x, y)| (x, exact(y))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Curve {
                name: format!("rank {rank}"),
                role: Role::Before,
                dash: Dash::Solid,
                marker: None,
                is_named: false,
                points,
            }
        };
        panel(set.name, "L_ft, nats", Scale::Linear, "L_f, nats", published::RANKS.iter().map(curve).collect())
    };
    Curves {
        id: format!("{prefix}published"),
        title: "The paper's curves".to_owned(),
        summary: "Llama-2-7B-chat, LoRA of ranks 8 to 256, 50 to 260 steps: forgetting against fine-tuning loss as \
                  equations 5 and 6 have it, on OpenOrca and on news."
            .to_owned(),
        notes: vec![
            "Kalajdzievski, arXiv 2401.05605. Its Table 1 is known here second-hand, and the bracket of equations 5 and 6 \
             is reconstructed: a shape to compare with, on axes of its own."
                .to_owned(),
        ],
        panels: published::ALL.iter().map(panel_of).collect(),
        ..Curves::default()
    }
    .figure()
}
