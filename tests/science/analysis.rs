//! What the kernel of one network says, against NumPy, against training, and where there is little to say.

use lethe::experiments::analysis::Analysis;
use lethe::experiments::analysis::NoPlan;
use lethe::experiments::analysis::prescription::Terms;
use lethe::experiments::{Event, Job, JobRun};
use lethe::kernel::TheoryError;
use lethe::kernel::optimum::Objective;
use lethe::report::theory::TheoryReport;
use serde_json::Value;

use crate::spec;

fn analysed(link: &str) -> Analysis {
    let spec = spec(link);
    Analysis::of(&spec, Job { seed: spec.seeds[0], width: spec.widths[0] }).unwrap()
}

/// The largest difference over the largest number.
fn apart(found: impl IntoIterator<Item = f64>, wanted: &Value) -> f64 {
    let wanted: Vec<f64> = wanted.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    let size = wanted.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), wanted.len());
    found.iter().zip(&wanted).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs())) / size
}

#[test]
fn numpy_says_the_same_of_a_network() {
    let golden: Value = serde_json::from_str(include_str!("../golden/theory_analysis.json")).unwrap();
    let analysis = analysed(golden["link"].as_str().unwrap());
    let p = golden["replay"].as_f64().unwrap();
    // NumPy pre-trains in f64, the engine in f32: 40 steps of rounding.
    let tolerance = 1e-5;
    assert!(apart(analysis.outputs().to_vec(), &golden["outputs"]) < tolerance);
    for (row, wanted) in analysis.kernel().rows().into_iter().zip(golden["kernel"].as_array().unwrap()) {
        assert!(apart(row.to_vec(), wanted) < tolerance);
    }
    let number = |key: &str| golden[key].as_f64().unwrap();
    let close = |found: f64, key: &str| (found / number(key) - 1.0).abs() < 10.0 * tolerance;
    let spectrum = analysis.spectrum(p).unwrap();
    assert!(apart(spectrum.eigenvalues[..6].to_vec(), &golden["eigenvalues"]) < tolerance);
    assert!(close(spectrum.effective_rank, "effective_rank"));
    assert!(close(analysis.rate_bound(&analysis.modes(p).unwrap()).unwrap(), "rate_bound"));
    let early = analysis.early(p).unwrap();
    assert!(close(early.drift_per_step, "drift_per_step"));
    assert!(close(early.slowdown.unwrap(), "slowdown"));
    let steps: Vec<u32> = (0..=60).collect();
    let curve = analysis.along(&[p], &steps).unwrap();
    // The reduction leaves out a millionth of the trace.
    assert!(apart(curve.old_task, &golden["old_task"]) < 10.0 * tolerance);
    assert!(apart(curve.new_task, &golden["new_task"]) < 10.0 * tolerance);
}

const SMALL: &str = "#v=1&x=ntk&w=64&n=32&pre=400&ft=100&p=0,0.05,1&s=2";

#[test]
fn its_curves_are_those_of_the_experiment() {
    let asked = spec(SMALL);
    let job = Job { seed: 2, width: 64 };
    let analysis = Analysis::of(&asked, job).unwrap();
    let measured = analysis.measured(&asked.replay).unwrap();
    let mut run = JobRun::new(&asked, job);
    let mut places = [0; 3];
    while !run.is_done() {
        for event in run.advance(f64::INFINITY) {
            match event {
                Event::Checkpoint { branch: Some(branch), point } => {
                    let (branch, place) = (branch as usize, places[branch as usize]);
                    assert_eq!(measured[branch].steps[place], point.step);
                    assert_eq!(measured[branch].old_task[place], f64::from(point.measures.old_loss));
                    assert_eq!(measured[branch].new_task[place], f64::from(point.measures.id_loss));
                    places[branch] += 1;
                }
                Event::Predicted { branch, point } => {
                    let curve = analysis.predicted(asked.replay[branch as usize]).unwrap();
                    let place = curve.steps.iter().position(|&step| step == point.step).unwrap();
                    // The reduction leaves out a millionth of the trace; predictions are told in f32.
                    let (found, wanted) = (curve.old_task[place], f64::from(point.measures.old_loss));
                    assert!((found / wanted - 1.0).abs() < 1e-3, "{found} against {wanted} at {}", point.step);
                }
                _ => {}
            }
        }
    }
    assert!(places.iter().all(|&count| count > 10));
}

#[test]
fn the_parts_of_the_modes_add_up_to_the_forgetting() {
    for replay in [0.0, 0.05, 1.0] {
        let analysis = analysed(SMALL);
        let table = analysis.mode_table(replay).unwrap();
        let sum: f64 = table.modes.iter().map(|mode| mode.forgetting).sum();
        let curve = analysis.predicted(replay).unwrap();
        let told = curve.old_task_end().unwrap() - curve.old_task[0];
        let size = curve.old_task[0].max(told.abs());
        assert!((sum - table.forgetting).abs() < 1e-9 * size, "modes below rounding forget");
        assert!((table.forgetting - told).abs() < 1e-3 * size, "{} against {told}", table.forgetting);
        assert!(table.needed[0] <= table.needed[1] && table.needed[1] <= 2 * 32);
    }
}

#[test]
fn at_first_replay_only_slows_and_then_it_pulls_back() {
    let analysis = analysed("#v=1&x=dynamics&w=256&par=ntk&lr=0.05&n=64&s=0");
    for p in [0.1, 0.5, 0.9] {
        let early = analysis.early(p).unwrap();
        // What pre-training left of the old task's residuals moves, too: a hundredth of the shift.
        assert!((early.slowdown.unwrap() - (1.0 - p)).abs() < 0.05, "p = {p}: {early:?}");
        assert!(early.pull_per_step.unwrap() > 0.0, "p = {p}: {early:?}");
    }
    assert_eq!(analysis.early(0.0).unwrap().slowdown, Some(1.0));
    assert_eq!(analysis.early(0.0).unwrap().pull_per_step, None);
    // A first step of training goes where the first order says.
    let early = analysis.early(0.1).unwrap();
    let before = analysis.losses_at_start().unwrap()[1];
    let after = analysis.along(&[0.1], &[1]).unwrap().old_task[0];
    assert!(after > before && early.drift_per_step < 0.0);
}

#[test]
fn a_prescribed_schedule_keeps_its_terms_and_beats_uniform_replay() {
    let analysis = analysed(SMALL);
    let terms = Terms { budget: 0.02, segments: 5, id_slack: 1.1 };
    let uniform = analysis.foreseen(&[0.02; 5]).unwrap();
    for objective in Objective::ALL {
        let fractions = analysis.prescribed(objective, terms).unwrap();
        let outcome = analysis.foreseen(&fractions).unwrap();
        assert!(objective.of(&outcome) <= objective.of(&uniform), "{objective:?}");
        assert!(outcome.mean_replay <= 0.02 * (1.0 + 1e-12) && outcome.id_end <= 1.1 * uniform.id_end * (1.0 + 1e-6));
        let best = analysis.best_constant(objective, 1.5).unwrap();
        let bound = 1.5 * analysis.foreseen(&[0.0]).unwrap().id_end;
        for share in [0.0, 0.1, 0.3, 0.6, 0.9] {
            let other = analysis.foreseen(&[share]).unwrap();
            let best = objective.of(&analysis.foreseen(&[best]).unwrap());
            assert!(other.id_end > bound || best <= objective.of(&other) * (1.0 + 1e-6), "{objective:?}, {share}");
        }
    }
}

#[test]
fn a_schedule_is_followed_as_it_is_told_and_as_it_is_drawn() {
    let analysis = analysed(SMALL);
    let fractions = [0.0, 0.1, 0.02, 0.0, 0.4];
    let course = analysis.course(5).unwrap();
    let (outcome, looks) = course.followed(&fractions).unwrap();
    assert_eq!(outcome, analysis.foreseen(&fractions).unwrap());
    let steps: Vec<u32> = looks.iter().map(|&(step, _)| step as u32).collect();
    let curve = analysis.along(&fractions, &steps).unwrap();
    let drawn = looks.iter().map(|&(_, losses)| losses);
    for ([old_task, new_task], (old, new)) in drawn.zip(curve.old_task.iter().zip(&curve.new_task)) {
        // The one by quadratic forms, the other point by point: they round differently.
        assert!((old_task - old).abs() < 1e-9 && (new_task - new).abs() < 1e-9, "{old_task} {old}, {new_task} {new}");
    }
    let last = looks.last().unwrap();
    assert_eq!((last.0, last.1), (analysis.spec().fine_tuning_steps as usize, [outcome.old_task_end, outcome.id_end]));
}

#[test]
fn a_front_searched_for_in_few_coordinates_is_that_of_all() {
    let analysis = analysed(SMALL);
    let terms = Terms { budget: 0.02, segments: 5, id_slack: 1.1 };
    let uniform = analysis.foreseen(&[0.02; 5]).unwrap();
    for (objective, outcomes) in analysis.front(terms, &[0.005, 0.02]).unwrap() {
        let found = outcomes[1].as_ref().unwrap();
        let fine = analysis.foreseen(&analysis.prescribed(objective, terms).unwrap()).unwrap();
        let (found_value, fine_value) = (objective.of(found), objective.of(&fine));
        assert!((found_value / fine_value - 1.0).abs() < 0.02, "{objective:?}: {found_value}, {fine_value}");
        assert!(found.id_end <= 1.01 * 1.1 * uniform.id_end, "{objective:?}: the ID bound");
        assert!(
            found_value <= objective.of(outcomes[0].as_ref().unwrap()) * 1.01,
            "{objective:?}: more budget, more loss"
        );
    }
}

/// Whatever is said has numbers, and whatever has none says why.
fn speaks(link: &str, replay: f64) -> Vec<(&'static str, String)> {
    let spec = spec(link);
    let report = TheoryReport::of(&spec, Job { seed: spec.seeds[0], width: spec.widths[0] }).unwrap();
    for figure in report.figures(replay) {
        let json = serde_json::to_string(&figure).unwrap();
        assert!(!json.contains("NaN") && !json.contains("inf"), "{link}: {}", figure.id);
        assert!(figure.summary.ends_with('.'), "{link}: {}", figure.summary);
    }
    let statements = report.statements(replay);
    assert_eq!(statements.len(), 7);
    for statement in &statements {
        assert!(statement.values.iter().all(|(_, value)| value.is_finite()), "{link}: {statement:?}");
        assert!(statement.text.ends_with('.') && !statement.text.contains("NaN"), "{link}: {statement:?}");
        assert!(!statement.text.contains("not finite"), "{link}: {statement:?}");
    }
    statements.into_iter().map(|statement| (statement.id, statement.text)).collect()
}

#[test]
fn degenerate_networks_get_limits_or_reasons() {
    let world = "#v=1&x=dynamics&par=ntk&w=16&pre=100&ft=30&s=0";
    for replay in [0.0, 0.3, 1.0] {
        speaks(&format!("{world}&lr=0.05&n=16"), replay);
        // Two examples a class, and copies of one example.
        speaks(&format!("{world}&lr=0.05&n=2"), replay);
        speaks(&format!("{world}&lr=0.05&n=16&sd=0"), replay);
        speaks(&format!("{world}&n=16&opt=momentum&lr=0.005"), replay);
        // Nothing is learned anew.
        speaks(&format!("{world}&lr=0.05&n=16&y1=0"), replay);
        // No pre-training at all.
        speaks("#v=1&x=dynamics&w=1&pre=0&ft=1&n=2&s=0", replay);
    }
    // Fine in pre-training and beyond the bound in fine-tuning, where X1 has all the weight.
    let edge = "#v=1&x=dynamics&par=ntk&w=16&pre=0&ft=30&s=0&n=16&mu=-3,1&lr=0.3";
    let said = speaks(edge, 0.0);
    let text = |id: &str| said.iter().find(|(at, _)| *at == id).map(|(_, text)| text.as_str()).unwrap();
    assert!(text("stability").contains("is not below"), "{said:?}");
    assert!(text("limit").contains("stability bound"), "{said:?}");
    let analysis = analysed(edge);
    assert!(matches!(analysis.foreseen(&[0.0]), Err(NoPlan::Theory(TheoryError::BeyondStability { .. }))));
}

#[test]
fn what_has_no_analysis_is_refused_by_name() {
    let refused = |link: &str, field: &str| {
        let spec = spec(link);
        let why = Analysis::of(&spec, Job { seed: 0, width: 8 }).err().unwrap();
        assert!(matches!(&why, NoPlan::Theory(TheoryError::Wrong(problem)) if problem.field == field), "{why}");
    };
    refused("#v=1&x=dynamics&w=8&opt=adam", "optimiser");
    refused("#v=1&x=dynamics&w=8&n=513", "samples");
    let small = spec("#v=1&x=dynamics&w=8&n=8&pre=10&ft=10");
    let wide = Analysis::of(&small, Job { seed: 0, width: 5000 }).err().unwrap();
    assert!(matches!(&wide, NoPlan::Theory(TheoryError::Wrong(problem)) if problem.field == "widths"), "{wide}");
    let diverged = spec("#v=1&x=dynamics&w=8&n=8&lr=100&pre=100&ft=10");
    let why = Analysis::of(&diverged, Job { seed: 0, width: 8 }).err().unwrap();
    assert!(matches!(why, NoPlan::Diverged(_)), "{why}");
    let analysis = Analysis::of(&small, Job { seed: 0, width: 8 }).unwrap();
    for wrong in [-0.1, 1.5, f64::NAN] {
        assert!(analysis.spectrum(wrong).is_err() && analysis.foreseen(&[0.0, wrong]).is_err());
        assert!(analysis.along(&[wrong], &[1]).is_err() && analysis.destination(wrong).is_err());
    }
    assert!(
        analysis.foreseen(&[]).is_err() && analysis.along(&[], &[1]).is_err() && analysis.along(&[0.0], &[11]).is_err()
    );
    assert!(analysis.best_constant(Objective::End, f64::NAN).is_err());
    assert!(analysis.best_constant(Objective::End, 0.0).is_err());
}
