//! `lethe curriculum`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde_json::{Value, json};

use super::cli::Failure;
use super::{files, run};
use crate::error::{Problem, Problems};
use crate::experiments::curriculum::{Front, NoTrial, Terms, Tried, Way, front, trial};
use crate::experiments::limits::PREDICTED_SAMPLES_MAX;
use crate::experiments::{CheckedSpec, Job};
use crate::figure::number::{percent, short, signed};
use crate::kernel::optimum::{MOST_FREE_SEGMENTS, Objective, Outcome};
use crate::stats::{Interval, Quartiles, Resamples};
use crate::train::OptimiserKind;

/// Arguments of `lethe curriculum`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A link (quote it) or a file of settings; its first width is taken, its replay is not.
    #[arg(value_name = "LINK|SPEC.toml")]
    what: String,
    /// Mean replay fraction over fine-tuning.
    #[arg(long, default_value_t = 0.01)]
    budget: f64,
    /// Segments of equal length, each with a fraction of its own.
    #[arg(long, default_value_t = 20)]
    segments: usize,
    /// The ID loss at the end may be at most this times that of uniform replay.
    #[arg(long, default_value_t = 1.1)]
    id_slack: f64,
    /// Write the prescribed schedules here, one file of settings per objective, for the first seed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Budgets of the Pareto front.
const FRONT: [f64; 7] = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3];

/// Prescribes schedules from every seed's kernel, trains them beside the usual ones, and compares.
///
/// # Errors
/// Wrong input; a network that has no kernel.
pub fn curriculum(arguments: &Arguments) -> Result<(), Failure> {
    let (link, warnings) = files::spec(&arguments.what)?;
    run::warn(&warnings);
    let spec = &link.spec;
    let terms = checked(arguments, spec)?;
    let width = spec.widths[0];
    let of = |seed: u32| trial(spec, Job { seed, width }, terms);
    let trials = on_all_cores(&spec.seeds, of);
    let mut known = Vec::new();
    for (&seed, trial) in spec.seeds.iter().zip(trials) {
        match trial {
            Ok(ways) => known.push((seed, ways)),
            Err(NoTrial::Diverged(step)) => {
                eprintln!("note: seed {seed} is left out: pre-training blew up at step {step}")
            }
            Err(why) => return Err(Failure::Other(format!("seed {seed}: {why}"))),
        }
    }
    let Some((first, ways)) = known.first() else {
        return Err(Failure::Other("pre-training blew up on every seed".to_owned()));
    };
    let pareto = front(spec, Job { seed: *first, width }, terms, &FRONT)
        .map_err(|why| Failure::Other(format!("seed {first}: {why}")))?;
    if let Some(folder) = &arguments.out {
        leave(folder, spec, *first, ways)?;
    }
    let compared = compare(&known);
    if arguments.json {
        let outcome = |(objective, points): &Front| {
            let point = |(budget, outcome): (&f64, &Option<Outcome>)| {
                let outcome = outcome.as_ref();
                json!({
                    "budget": budget,
                    "value": outcome.map(|outcome| objective.of(outcome)),
                    "id_end": outcome.map(|outcome| outcome.id_end),
                    "replay": outcome.map(|outcome| outcome.mean_replay),
                })
            };
            json!({"objective": word(*objective), "points": FRONT.iter().zip(points).map(point).collect::<Vec<_>>()})
        };
        let printed = json!({
            "spec": **spec,
            "terms": terms,
            "objectives": compared,
            "schedules": known.iter().map(schedules).collect::<Vec<_>>(),
            "pareto": {"seed": first, "fronts": pareto.iter().map(outcome).collect::<Vec<_>>()},
        });
        say!("{}", run::json(&printed)?);
    } else {
        tell(&compared, known.len(), terms);
        say!("\nleast predicted value by budget, on seed {first}");
        say!("{:<10}{}", "", FRONT.map(|budget| format!("{:<12}", percent(budget))).concat());
        for (objective, points) in &pareto {
            let value =
                |outcome: &Option<_>| outcome.as_ref().map_or_else(|| "none".to_owned(), |o| short(objective.of(o)));
            say!("{:<10}{}", word(*objective), points.iter().map(|p| format!("{:<12}", value(p))).collect::<String>());
        }
        match &arguments.out {
            Some(folder) => say!("\nschedules are in {}: `lethe run` reads them", folder.display()),
            None => say!("\n--out DIR keeps the schedules as files that `lethe run` reads"),
        }
    }
    Ok(())
}

/// The terms, and whether the spec has what they need.
fn checked(arguments: &Arguments, spec: &CheckedSpec) -> Result<Terms, Failure> {
    let mut problems = Vec::new();
    let mut refuse =
        |field: &str, value: String, accepted: String| problems.push(Problem::new(field, &value, accepted));
    if !(arguments.budget > 0.0 && arguments.budget <= 1.0) {
        refuse("budget", arguments.budget.to_string(), "a number above 0, up to 1".to_owned());
    }
    let most = MOST_FREE_SEGMENTS.min(32).min(spec.fine_tuning_steps as usize);
    if !(1..=most).contains(&arguments.segments) {
        refuse("segments", arguments.segments.to_string(), format!("1 to {most}"));
    }
    if !(arguments.id_slack >= 1.0 && arguments.id_slack.is_finite()) {
        refuse("id-slack", arguments.id_slack.to_string(), "a number from 1 up".to_owned());
    }
    if spec.samples > PREDICTED_SAMPLES_MAX {
        refuse(
            "samples",
            spec.samples.to_string(),
            format!("at most {PREDICTED_SAMPLES_MAX}, whose kernel can be taken"),
        );
    }
    if spec.optimiser == OptimiserKind::Adam {
        refuse(
            "optimiser",
            "adam".to_owned(),
            "gd, sgd or momentum: Adam's steps do not follow from the kernel".to_owned(),
        );
    }
    if spec.stop_loss > 0.0 {
        refuse("stop_loss", spec.stop_loss.to_string(), "0: schedules are compared at equal steps".to_owned());
    }
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    Ok(Terms { budget: arguments.budget, segments: arguments.segments, id_slack: arguments.id_slack })
}

fn word(objective: Objective) -> &'static str {
    match objective {
        Objective::End => "end",
        Objective::Average => "average",
        Objective::Worst => "worst",
    }
}

/// One objective over the seeds.
#[derive(Serialize)]
struct Compared {
    objective: &'static str,
    /// From the best median to the worst.
    ways: Vec<Comparison>,
}

/// One way against uniform replay.
#[derive(Serialize)]
struct Comparison {
    way: &'static str,
    /// The objective as trained.
    trained: Option<Quartiles>,
    /// The objective as predicted, by the median.
    predicted: Option<f64>,
    id_end: Option<f64>,
    /// Median over seeds of this way less uniform replay on the same seed, with its 95 % bootstrap interval.
    less_uniform: Option<f64>,
    interval: Option<Interval>,
    seeds: usize,
}

fn compare(trials: &[(u32, Vec<Tried>)]) -> Vec<Compared> {
    let median = |values: &[f64]| Quartiles::of(values).map(|q| q.median);
    let of = |objective: Objective| {
        let row = |(place, way): (usize, Way)| {
            let pairs: Vec<(f64, f64, f64)> = trials
                .iter()
                .filter_map(|(_, ways)| {
                    let (own, uniform) = (ways[place].trained?, ways[0].trained?);
                    Some((own.of(objective), own.id_end, own.of(objective) - uniform.of(objective)))
                })
                .collect();
            let column = |of: fn(&(f64, f64, f64)) -> f64| pairs.iter().map(of).collect::<Vec<f64>>();
            let apart = column(|pair| pair.2);
            let predicted: Vec<f64> = trials.iter().map(|(_, ways)| ways[place].predicted.of(objective)).collect();
            Comparison {
                way: way.name(),
                trained: Quartiles::of(&column(|pair| pair.0)),
                predicted: median(&predicted),
                id_end: median(&column(|pair| pair.1)),
                less_uniform: median(&apart),
                interval: Resamples::of(apart.len()).interval_of_median(&apart),
                seeds: apart.len(),
            }
        };
        let mut ways: Vec<Comparison> = Way::all().enumerate().map(row).collect();
        let value = |way: &Comparison| way.trained.map_or(f64::INFINITY, |q| q.median);
        ways.sort_by(|a, b| value(a).total_cmp(&value(b)));
        Compared { objective: word(objective), ways }
    };
    Objective::ALL.into_iter().map(of).collect()
}

fn schedules((seed, ways): &(u32, Vec<Tried>)) -> Value {
    let way = |tried: &Tried| {
        json!({
            "way": tried.way.name(),
            "fractions": tried.fractions,
            "predicted": tried.predicted,
            "trained": tried.trained,
        })
    };
    json!({"seed": seed, "ways": ways.iter().map(way).collect::<Vec<_>>()})
}

fn tell(compared: &[Compared], seeds: usize, terms: Terms) {
    say!(
        "{} of the weight to old data, spent over {} segments; medians of {seeds} seeds. Old-task loss:",
        percent(terms.budget),
        terms.segments
    );
    for Compared { objective, ways } in compared {
        let what = match *objective {
            "end" => "after the last step",
            "average" => "in the mean over time",
            _ => "at its worst",
        };
        say!("\n{what}");
        say!("{:<26}{:<30}{:<12}{:<12}less uniform", "", "trained", "predicted", "ID loss");
        for way in ways {
            let number = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), short);
            let trained = way.trained.map_or_else(
                || "none".to_owned(),
                |q| format!("{} ({} to {})", short(q.median), short(q.q25), short(q.q75)),
            );
            let interval = way
                .interval
                .map_or_else(|| ", no interval".to_owned(), |i| format!(" ({} to {})", signed(i.low), signed(i.high)));
            let apart = way.less_uniform.map_or_else(String::new, |d| format!("{}{interval}", signed(d)));
            say!(
                "{:<26}{trained:<30}{:<12}{:<12}{}",
                way.way.replace('_', " "),
                number(way.predicted),
                number(way.id_end),
                if way.way == "uniform" { String::new() } else { apart }
            );
        }
    }
}

/// One file of settings per objective, which `lethe run` reads.
fn leave(folder: &Path, spec: &CheckedSpec, seed: u32, ways: &[Tried]) -> Result<(), Failure> {
    use crate::experiments::fields::FIELDS;
    for tried in ways {
        let Way::Prescribed(objective) = tried.way else { continue };
        let steps = spec.fine_tuning_steps as usize;
        let mut start = 0;
        let pieces: Vec<String> = tried
            .fractions
            .iter()
            .enumerate()
            .map(|(segment, p)| {
                let piece = format!("{p}@{start}");
                start += steps / tried.fractions.len() + usize::from(segment < steps % tried.fractions.len());
                piece
            })
            .collect();
        let mut text = format!(
            "# Replay prescribed by the kernel of seed {seed} for the old task's loss {}.\nx = \"dynamics\"\n",
            match objective {
                Objective::End => "after the last step",
                Objective::Average => "in the mean over time",
                Objective::Worst => "at its worst",
            }
        );
        let kept = FIELDS.iter().filter(|field| !matches!(field.key, "p" | "rs" | "w" | "rl" | "s"));
        for field in kept {
            let value = (field.show)(spec);
            if !value.is_empty() {
                text.push_str(&format!("{} = \"{value}\"\n", field.name));
            }
        }
        text.push_str(&format!(
            "widths = \"{}\"\nseeds = \"{seed}\"\nschedule = \"{}\"\n",
            spec.widths[0],
            pieces.join(",")
        ));
        files::write(&folder.join(format!("schedule-{}.toml", word(objective))), text.as_bytes())?;
    }
    Ok(())
}

/// Applies a function to every seed, on all cores; results in the order of the seeds.
fn on_all_cores<T: Send>(seeds: &[u32], of: impl Fn(u32) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((place, &seed)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, seeds.get(place)?)))
                {
                    let found = of(seed);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((place, found));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, found)| found).collect()
}
