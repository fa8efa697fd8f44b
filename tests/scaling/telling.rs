//! What is said of runs.

use lethe::experiments::scaling::{Checkpoint, Ending, Event, Job, Losses, Results, checkpoints, jobs};
use lethe::laws::{Bootstrap, Observation, Observations, published};
use lethe::report::scaling::{Fitted, figures, figures_of, of_runs, report};

use crate::{results, spec};

/// Results whose losses a formula gives: (rank, step, seed) to (L_ft, L_f).
fn made(ranks: &[u32], of: impl Fn(f64, f64, u32) -> (f64, f64)) -> Results {
    let spec = spec(|spec| (spec.ranks, spec.seeds) = (ranks.to_vec(), vec![0, 1, 2]));
    let mut made = Results::new(spec.clone());
    for job in jobs(&spec) {
        let rank = f64::from(spec.ranks[job.cell as usize]);
        for step in checkpoints(spec.steps) {
            let (x, y) = of(rank, f64::from(step.max(1)), job.seed);
            let losses = Losses::from_values([x as f32, y as f32, 0.1, 0.1, 0.9]);
            made.take(
                job,
                Event::Checkpoint(Box::new(Checkpoint { step, losses, abilities: None, texts: Vec::new() })),
            );
        }
        made.take(job, Event::Ended(Ending::Complete));
    }
    made
}

fn noise(rank: f64, step: f64, seed: u32) -> f64 {
    let label = format!("{rank} {step} {seed}");
    lethe::seed::Seed::new(9).fork(&label).stream().normal()
}

fn said(results: &Results) -> String {
    report(results, &Fitted::of_results(results), None).headline
}

/// The slope that is told.
fn slope(results: &Results) -> f64 {
    let told = report(results, &Fitted::of_results(results), None);
    let line = told.statements.iter().find(|statement| statement.id == "line").expect("a line");
    line.values.iter().find(|(name, _)| *name == "slope").expect("its slope").1
}

#[test]
fn a_line_that_all_ranks_share_is_told_as_one() {
    // One in twenty is told apart by chance.
    let draws = 8;
    let shared = (0..draws).filter(|draw| {
        let results = made(&[1, 2, 4, 8, 16, 32], |rank, step, seed| {
            let x = 1.0 + 3.0 * libm::pow(rank, -0.1) * libm::pow(step, -0.4);
            (x, 3.0 - 0.5 * x + 0.004 * noise(rank, step, 3 * draw + seed))
        });
        let headline = said(&results);
        assert!(headline.contains("No stopping point is seen to escape"), "{headline}");
        assert!((slope(&results) + 0.5).abs() < 0.02, "{headline}");
        headline.contains("No rank is seen to escape")
    });
    let shared = shared.count();
    assert!(shared >= 6, "{shared} of {draws}");
}

#[test]
fn ranks_on_curves_of_their_own_are_told_apart() {
    let results = made(&[1, 2, 4, 8, 16, 32], |rank, step, seed| {
        let x = 1.0 + 3.0 * libm::pow(step, -0.4);
        (x, 3.0 - 0.5 * x + 0.05 * libm::log(rank) + 0.004 * noise(rank, step, seed))
    });
    let headline = said(&results);
    assert!(headline.contains("Ranks do not share one curve"), "{headline}");
}

#[test]
fn a_bend_is_a_stopping_point() {
    let results = made(&[1, 2, 4, 8, 16, 32], |rank, step, seed| {
        let x = 1.0 + 3.0 * libm::pow(rank, -0.02) * libm::pow(step, -0.4);
        (x, 3.0 - 0.5 * x + 0.6 * (x - 1.4) * (x - 1.4) + 0.002 * noise(rank, step, seed))
    });
    let headline = said(&results);
    assert!(headline.contains("A stopping point escapes the line: after"), "{headline}");
}

#[test]
fn fewer_than_six_runs_do_not_tell_of_stopping_points() {
    let results = made(&[1, 32], |rank, step, seed| {
        let x = 1.0 + 3.0 * libm::pow(rank, -0.02) * libm::pow(step, -0.4);
        (x, 3.0 - 0.5 * x + 0.6 * (x - 1.4) * (x - 1.4) + 0.002 * noise(rank, step, seed))
    });
    let mut five = Results::new(results.spec.clone());
    for (job, trace) in results.traces().take(5) {
        trace.points.iter().for_each(|point| five.take(job, Event::Checkpoint(Box::new(point.clone()))));
        five.take(job, Event::Ended(Ending::Complete));
    }
    let headline = said(&five);
    assert!(headline.contains("Whether a stopping point escapes the line, these runs do not tell."), "{headline}");
}

#[test]
fn families_are_held_against_the_line_of_the_least_replay() {
    let point = |family: &str, seed: u32, replay: f64, steps: f64| {
        let x = 1.0 + 3.0 * libm::pow(steps, -0.4);
        let own = if family == "lora" { -0.2 * replay } else { 0.0 };
        Observation {
            parameters: 100.0,
            steps,
            fine_tuning_loss: x,
            forgetting: 3.0 - 0.5 * x + own + 0.002 * noise(f64::from(seed), steps, 1),
            replay: Some(replay),
            run: Some(format!("{family} {seed} {replay}")),
            family: Some(family.to_owned()),
            ..Observation::default()
        }
    };
    let mut rows = Vec::new();
    for seed in 0..6 {
        for steps in [50.0, 80.0, 120.0, 180.0, 250.0] {
            rows.push(point("lora", seed, 0.0, steps));
            rows.push(point("lora", seed, 0.9, steps));
            rows.push(point("full", seed + 10, 0.0, steps));
        }
    }
    let fitted = Fitted::of(&Observations::gather(rows), 50.0);
    let found = fitted.found.as_ref().expect("runs");
    assert_eq!(found.families.len(), 1);
    assert!(found.families[0].offset.abs() < 0.005, "{:?}", found.families);
    assert_eq!(found.families[0].runs_reference, 6);
    let told = of_runs(&fitted, None);
    let replay = told.statements.iter().find(|statement| statement.id == "replay").expect("replay was varied");
    assert!(replay.text.contains("90\u{a0}% of replay \u{2212}0.18 nats of forgetting"), "{}", replay.text);
}

#[test]
fn nothing_is_told_before_there_is_something() {
    let spec = spec(|_| ());
    let empty = Results::new(spec);
    let fitted = Fitted::of_results(&empty);
    let told = report(&empty, &fitted, None);
    assert!(told.headline.starts_with("So far, on 0 of 18 runs:"), "{}", told.headline);
    assert_eq!(told.warnings.len(), 1);
    for figure in figures(&empty, &fitted).iter().filter(|figure| figure.id != "published") {
        assert!(figure.panels.iter().all(|panel| panel.empty.is_some()), "{}", figure.id);
    }
}

#[test]
fn a_diverged_run_is_told_and_left_out() {
    let mut results = made(&[1, 2, 4, 8, 16, 32], |rank, step, _| (2.0 / step + 0.1 / rank, 1.0 - 1.0 / step));
    let job = Job { seed: 1, cell: 2 };
    results.forget(job);
    let losses = Losses::from_values([9.0, 9.0, 9.0, 9.0, 0.0]);
    results.take(job, Event::Checkpoint(Box::new(Checkpoint { step: 1, losses, abilities: None, texts: Vec::new() })));
    results.take(job, Event::Ended(Ending::Diverged(3)));
    let fitted = Fitted::of_results(&results);
    let told = report(&results, &fitted, None);
    assert!(told.warnings.iter().any(|warning| warning.contains("blew up at step 3 with rank 4, seed 1")));
    assert!(fitted.observations.rows().iter().all(|(_, row)| row.forgetting < 2.0));
}

#[test]
fn anyones_runs_are_told_with_intervals() {
    let mut rows = Vec::new();
    for rank in published::RANKS {
        for (steps, (x, y)) in published::steps()
            .into_iter()
            .zip(published::OPEN_ORCA.curve(f64::from(rank) * published::PARAMETERS_PER_RANK, &published::steps()))
        {
            rows.push(Observation {
                parameters: f64::from(rank) * published::PARAMETERS_PER_RANK,
                steps,
                fine_tuning_loss: x,
                forgetting: y + 0.008 * noise(f64::from(rank), steps, 0),
                run: Some(format!("rank {rank}")),
                ..Observation::default()
            });
        }
    }
    let fitted = Fitted::of(&Observations::gather(rows), 50.0);
    let found = fitted.found.as_ref().expect("a grid like the paper's");
    let bootstrap = Bootstrap::new(&found.observations, found.joint.as_ref()).expect("six runs");
    let resamples: Vec<_> = (0..200).map(|index| bootstrap.resample(index)).collect();
    let told = of_runs(&fitted, Some(&bootstrap.intervals(&resamples)));
    assert!(
        told.headline.starts_with("Each nat of fine-tuning loss that is gained costs 1.8 nats"),
        "{}",
        told.headline
    );
    let line = told.statements.iter().find(|statement| statement.id == "line").expect("the line");
    assert!(line.text.contains("200 resamples") && line.values.iter().any(|(name, _)| *name == "slope_low"));
    let figures = figures_of(&fitted);
    assert_eq!(
        figures.iter().map(|figure| figure.id.as_str()).collect::<Vec<_>>(),
        ["own-exchange", "own-over-steps", "own-published"]
    );
    assert!(figures.iter().all(|figure| figure.table.rows.len() > 20));
}

#[test]
fn a_real_run_says_what_was_lost() {
    let results = results(&spec(|spec| (spec.ranks, spec.seeds, spec.steps) = (vec![2, 8], vec![0], 20)));
    let fitted = Fitted::of_results(&results);
    let told = report(&results, &fitted, None);
    for id in ["learned", "lost"] {
        assert!(told.statements.iter().any(|statement| statement.id == id), "{id}: {told:?}");
    }
    let all = figures(&results, &fitted);
    assert_eq!(
        all.iter().map(|figure| figure.id.as_str()).collect::<Vec<_>>(),
        ["exchange", "over-steps", "abilities", "published"]
    );
    for figure in &all {
        assert!(!figure.summary.is_empty() && !figure.table.rows.is_empty(), "{}", figure.id);
    }
}
