//! Replay aimed by prediction: who knows what, what is replayed, what it comes to.

use std::collections::BTreeSet;

use lethe::associations::{replay_order, replay_weights};
use lethe::data::language::TaskKind;
use lethe::experiments::associations::{
    Aim, Arm, CheckedSpec, Findings, Job, Outcome, Predicted, ReplaySplit, Replayed, Results, Row, Run, Spec, Subject,
    World, acted, jobs,
};
use lethe::experiments::scaling::Limits;
use lethe::figure::Cell;
use lethe::report::associations::figures;
use lethe::seed::Seed;

use crate::{results, small, spec, subject};

/// Turned clusters, every arm, a few steps.
fn turned(seeds: &[u32]) -> CheckedSpec {
    spec(|spec| {
        (spec.world, spec.tasks, spec.examples, spec.steps) = (World::Rotated, 6, 60, 40);
        (spec.arms, spec.seeds, spec.acted) = (Arm::CHOSEN.to_vec(), seeds.to_vec(), 2);
        (spec.observed, spec.temperature, spec.replay_ratio) = (5, 0.2, 0.125);
    })
}

fn replayed(outcome: Outcome) -> Replayed {
    match outcome {
        Outcome::Replayed(replayed) => replayed,
        other => panic!("a run with replay was asked for: {other:?}"),
    }
}

#[test]
fn weights_are_the_softmax_and_draws_follow_them() {
    let (rises, temperature) = ([0.3, -0.2, 0.0, 0.9, 0.3], 0.4);
    let sizes: Vec<f64> = rises.iter().map(|rise: &f64| libm::exp(rise / temperature)).collect();
    let all: f64 = sizes.iter().sum();
    let weights = replay_weights(&rises, temperature);
    for (weight, size) in weights.iter().zip(&sizes) {
        assert!((weight - size / all).abs() < 1e-15, "{weights:?}");
    }
    // Whatever is added to all changes nothing, and nothing overflows.
    let shifted = replay_weights(&rises.map(|rise| rise + 1e6), temperature);
    assert!(
        shifted.iter().zip(&weights).all(|(a, b)| (a - b).abs() < 1e-6) && replay_weights(&[1e15, 0.0], 1e-4)[0] == 1.0
    );
    // The first two draws without replacement, against w_i w_j / (1 - w_i): five standard errors.
    let draws = 40_000;
    let mut seen = [[0u32; 5]; 5];
    for number in 0..draws {
        let order = replay_order(&rises, temperature, Seed::new(number));
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 5);
        seen[order[0]][order[1]] += 1;
    }
    for (i, j) in (0..5).flat_map(|i| (0..5).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        let expected = weights[i] * weights[j] / (1.0 - weights[i]);
        let (share, error) = (f64::from(seen[i][j]) / draws as f64, (expected / draws as f64).sqrt());
        assert!((share - expected).abs() < 5.0 * error, "{i} then {j}: {share} and {expected}");
    }
}

#[test]
fn held_out_examples_are_never_replayed_and_every_arm_replays_as_many() {
    let spec = turned(&[0, 3]);
    let results = results(&spec, &subject(&spec));
    for seed in [0, 3] {
        let split = ReplaySplit::new(&spec, results.examples.len(), seed);
        let both: BTreeSet<usize> = split.pool.iter().chain(&split.held_out).copied().collect();
        assert_eq!((both.len(), split.pool.len() + split.held_out.len()), (results.examples.len(), both.len()));
        for task in acted(&spec) {
            for arm in spec.all_arms() {
                let run = results.replayed(task, seed, arm).unwrap();
                // An eighth of 40 steps of 8 points.
                assert_eq!(run.replayed.len(), if arm == Arm::None { 0 } else { 40 }, "{arm:?}");
                assert!(run.replayed.iter().all(|&column| split.pool.contains(&(column as usize))), "{arm:?}");
                // Nothing twice before all of the pool was replayed.
                let first = &run.replayed[..run.replayed.len().min(split.pool.len())];
                assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len(), "{arm:?}");
            }
        }
    }
    assert_ne!(ReplaySplit::new(&spec, 60, 0), ReplaySplit::new(&spec, 60, 3));
}

#[test]
fn without_replay_a_run_is_its_row() {
    let networks = turned(&[1]);
    let mut language = Spec::clone(&small(&[TaskKind::Safety, TaskKind::Text], &[1]));
    (language.arms, language.acted) = (vec![Arm::Random], 1);
    for spec in [networks, language.check(&Limits::NATIVE).unwrap()] {
        let subject = subject(&spec);
        for task in acted(&spec) {
            let task = task as u32;
            let outcome = |job| Run::new(&subject, &spec, job, Aim::Nothing).unwrap().finish();
            let Outcome::Row(row) = outcome(Job::Row { task, seed: 1 }) else { panic!("a row") };
            let none = replayed(outcome(Job::Replay { task, seed: 1, arm: Arm::None }));
            assert!(none.row == row && none.replayed.is_empty() && none.task_loss.is_finite());
            let random = replayed(outcome(Job::Replay { task, seed: 1, arm: Arm::Random }));
            assert!(random.row != row && !random.replayed.is_empty());
        }
    }
}

#[test]
fn equal_jobs_have_equal_bits_whichever_others_run() {
    let (alone, among) = (turned(&[3]), turned(&[0, 3]));
    let (one, other) = (subject(&alone), subject(&among));
    let (one, other) = (results(&alone, &one), results(&among, &other));
    for task in acted(&alone) {
        for arm in alone.all_arms() {
            assert_eq!(one.replayed(task, 3, arm), other.replayed(task, 3, arm), "{arm:?}");
            assert_eq!(one.scored(task, 3, arm), other.scored(task, 3, arm), "{arm:?}");
        }
    }
}

/// Results whose every row is a planted one: what the desk makes of them, without a model.
fn planted(spec: &CheckedSpec, subject: &Subject, rise: impl Fn(u32, usize) -> f32) -> Results {
    let mut results = Results::new(spec.clone(), subject);
    let (rows, columns) = (subject.tasks().len(), subject.examples().len());
    for job in jobs(spec) {
        let outcome = match job {
            Job::Row { task, .. } => {
                let rise = (0..columns).map(|column| rise(task, column)).collect();
                Outcome::Row(Row { rise, is_right: vec![true; columns], diverged: None })
            }
            Job::Prediction { .. } => {
                let rise = (0..rows * columns).map(|k| (k % 7) as f32).collect();
                Outcome::Prediction(Predicted { rise, preconditioned: None })
            }
            Job::Replay { .. } => continue,
        };
        results.take(job, outcome);
    }
    results
}

#[test]
fn arms_know_what_they_may_and_no_more() {
    let spec = turned(&[0]);
    let subject = subject(&spec);
    let (seed, task) = (0, acted(&spec)[0] as u32);
    let split = ReplaySplit::new(&spec, subject.examples().len(), seed);
    let seen: BTreeSet<usize> =
        split.observed(&spec, task as usize, seed).into_iter().map(|place| split.pool[place]).collect();
    assert!((1..=5).contains(&seen.len()));
    let z = |task: u32, column: usize| libm::sinf((task as f32 + 1.0) * 0.1 + column as f32 * 0.37);
    let aim = |results: &Results, arm| results.aim(Job::Replay { task, seed, arm }).unwrap();
    let plain = planted(&spec, &subject, z);
    // Whatever held-out examples do, whatever other tasks that are acted on do, nothing changes.
    let unseen = planted(&spec, &subject, |of, column| {
        let is_hidden = split.held_out.contains(&column) || (of != task && acted(&spec).contains(&(of as usize)));
        if is_hidden { 9.0 } else { z(of, column) }
    });
    for arm in Arm::ALL {
        assert_eq!(aim(&plain, arm), aim(&unseen, arm), "{arm:?}");
    }
    // What the row itself holds is known to the truth alone, but for the entries that are looked at.
    let own =
        planted(&spec, &subject, |of, column| if of == task && !seen.contains(&column) { 9.0 } else { z(of, column) });
    for arm in Arm::ALL {
        assert_eq!(aim(&plain, arm) == aim(&own, arm), arm != Arm::Truth, "{arm:?}");
    }
    // Those that are looked at, to the arms that complete the row: the online one measures for itself.
    let looked =
        planted(&spec, &subject, |of, column| if of == task && seen.contains(&column) { 9.0 } else { z(of, column) });
    for arm in Arm::ALL {
        let completes = matches!(arm, Arm::Additive | Arm::Neighbours | Arm::Factorisation | Arm::SoftImpute);
        assert_eq!(aim(&plain, arm) != aim(&looked, arm), completes || arm == Arm::Truth, "{arm:?}");
    }
    // What stands for rises has their spread.
    let Aim::Rises(products) = aim(&plain, Arm::Gradients) else { panic!("rises") };
    let mean = products.iter().sum::<f64>() / products.len() as f64;
    let sd = (products.iter().map(|rise| (rise - mean) * (rise - mean)).sum::<f64>() / products.len() as f64).sqrt();
    assert!(mean.abs() < 1e-9 && (0.6..0.8).contains(&sd), "{mean} {sd}: sines have a standard deviation of .71");
    // Nothing is known before it is measured.
    let nothing = Results::new(spec.clone(), &subject);
    assert!(nothing.aim(Job::Replay { task, seed, arm: Arm::Truth }).is_none());
    assert!(nothing.ready().iter().all(|(job, _)| !matches!(job, Job::Replay { .. })));
}

#[test]
fn where_a_run_without_replay_diverged_nothing_is_aimed_by_it() {
    let spec = turned(&[0]);
    let subject = subject(&spec);
    let task = acted(&spec)[0] as u32;
    let mut results = planted(&spec, &subject, |_, column| column as f32);
    results.take(Job::Row { task, seed: 0 }, Outcome::Row(Row::diverged(17)));
    let job = |arm| Job::Replay { task, seed: 0, arm };
    let aim = results.aim(job(Arm::Truth)).unwrap();
    assert_eq!(aim, Aim::Lost(17));
    let run = replayed(Run::new(&subject, &spec, job(Arm::Truth), aim).unwrap().finish());
    assert!(run.row.diverged == Some(17) && run.row.rise.is_empty() && run.task_loss.is_nan());
    assert_eq!(results.aim(job(Arm::Random)), Some(Aim::Nothing));
    results.take(job(Arm::Truth), Outcome::Replayed(run));
    assert!(results.scored(task as usize, 0, Arm::Truth).is_none());
}

#[test]
fn an_aim_of_another_job_is_refused() {
    let spec = turned(&[0]);
    let subject = subject(&spec);
    let task = acted(&spec)[0] as u32;
    let refused = |job, aim| Run::new(&subject, &spec, job, aim).err().unwrap().to_string();
    let job = |arm| Job::Replay { task, seed: 0, arm };
    assert!(refused(job(Arm::Truth), Aim::Nothing).contains("truth"));
    assert!(refused(job(Arm::Truth), Aim::Rises(vec![0.0; 2])).contains("aim"));
    assert!(refused(job(Arm::Online), Aim::Rows(vec![0.0; 7])).contains("online"));
    assert!(refused(Job::Replay { task: 0, seed: 0, arm: Arm::Random }, Aim::Nothing).contains("acted on"));
    let mut without = Spec::clone(&spec);
    without.arms = Vec::new();
    let without = without.check(&Limits::NATIVE).unwrap();
    assert!(Run::new(&subject, &without, job(Arm::Random), Aim::Nothing).err().unwrap().to_string().contains("arm"));
    assert!(jobs(&without).iter().all(|job| !matches!(job, Job::Replay { .. })));
}

#[test]
fn too_few_tasks_to_learn_from_are_named() {
    let wrong = |change: &dyn Fn(&mut Spec)| {
        let mut spec = Spec { arms: vec![Arm::Truth], ..Default::default() };
        change(&mut spec);
        spec.check(&Limits::NATIVE).err().unwrap().to_string()
    };
    let told = wrong(&|spec| spec.acted = 32);
    assert!(told.contains("acted") && told.contains("at most 31"), "{told}");
    // The default is no mistake of whoever asks for other tasks.
    let fewer = Spec { arms: vec![Arm::Truth], world: World::Rotated, tasks: 12, ..Default::default() };
    assert_eq!(fewer.check(&Limits::NATIVE).unwrap().acted, 10);
    let told = wrong(&|spec| spec.kinds = vec![TaskKind::Safety]);
    assert!(told.contains("arms") && told.contains("fewer than three"), "{told}");
}

#[test]
fn the_online_arm_starts_as_random_replay_does() {
    let spec = turned(&[0]);
    let results = results(&spec, &subject(&spec));
    // 45 steps: five at random, in which 4 of 40 examples are replayed.
    for task in acted(&spec) {
        let of = |arm| &results.replayed(task, 0, arm).unwrap().replayed;
        assert_eq!(of(Arm::Online)[..4], of(Arm::Random)[..4]);
        assert_ne!(of(Arm::Online), of(Arm::Random));
        for arm in spec.all_arms().into_iter().filter(|&arm| arm != Arm::Random) {
            assert_ne!(of(arm), of(Arm::Random), "{arm:?}");
        }
    }
}

#[test]
fn what_is_planted_is_what_is_replayed() {
    let spec = turned(&[0]);
    let subject = subject(&spec);
    let split = ReplaySplit::new(&spec, subject.examples().len(), 0);
    let task = acted(&spec)[0] as u32;
    let is_of = |column: usize| column.is_multiple_of(4);
    let planted: Vec<usize> = split.pool.iter().copied().filter(|&column| is_of(column)).collect();
    let rises = split.pool.iter().map(|&column| if is_of(column) { 6.0 } else { 0.0 }).collect();
    // Weights are e^30 to 1: the planted ones come first, each once.
    let run = Run::new(&subject, &spec, Job::Replay { task, seed: 0, arm: Arm::Truth }, Aim::Rises(rises)).unwrap();
    let first: BTreeSet<usize> =
        replayed(run.finish()).replayed.into_iter().take(planted.len()).map(|column| column as usize).collect();
    assert!(planted.len() > 3 && first == planted.into_iter().collect());
}

#[test]
fn where_each_task_forgets_examples_of_its_own_the_truth_beats_random_replay() {
    // The angle decides which points are on the wrong side; a few are replayed out of many.
    let spec = spec(|spec| {
        (spec.world, spec.tasks, spec.examples) = (World::Rotated, 8, 128);
        (spec.arms, spec.seeds, spec.acted) = (vec![Arm::Factorisation, Arm::Truth], vec![0, 1], 4);
        (spec.replay_ratio, spec.temperature) = (0.02, 0.1);
    });
    let found = Findings::of(&results(&spec, &subject(&spec))).replay.unwrap();
    assert_eq!((found.replayed, found.pool), (16, 64));
    let rise = |arm| found.arm(arm).unwrap().rise;
    assert!(rise(Arm::Random) < rise(Arm::None), "{found:?}");
    for arm in [Arm::Factorisation, Arm::Truth] {
        let against = found.arm(arm).unwrap().against_random.as_ref().unwrap();
        // At least a tenth of what random replay saves; seen are six tenths.
        assert!(against.part.unwrap() > 0.1 && against.better >= 6, "{arm:?}: {against:?}");
    }
}

#[test]
fn what_is_told_is_the_paired_difference() {
    let spec = turned(&[0, 1, 2]);
    let subject = subject(&spec);
    let results = results(&spec, &subject);
    let found = Findings::of(&results).replay.unwrap();
    assert_eq!((found.pool, found.held_out, found.replayed, found.steps), (30, 30, 40, 45));
    let score = |task, seed, arm| {
        let run = results.replayed(task, seed, arm).unwrap();
        let held_out = ReplaySplit::new(&spec, 60, seed).held_out;
        held_out.iter().map(|&column| f64::from(run.row.rise[column])).sum::<f64>() / 30.0
    };
    let figures = figures(&results, &Findings::of(&results), &[]);
    let drawn = figures.iter().find(|figure| figure.id == "associations-replay").unwrap();
    let cell = |arm: Arm, key: &str| {
        let column = drawn.table.columns.iter().position(|column| column.key == key).unwrap();
        let own = Cell::from(arm.name().replace('_', " ").as_str());
        drawn.table.rows.iter().find(|row| row[0] == own).unwrap()[column].clone()
    };
    assert_eq!(cell(Arm::Random, "difference"), Cell::Missing);
    for arm in spec.all_arms().into_iter().filter(|&arm| arm != Arm::Random) {
        let own = found.arm(arm).unwrap();
        let told = ["value", "difference", "p"].map(|key| cell(arm, key));
        let against = own.against_random.as_ref().unwrap();
        assert_eq!(told, [own.rise, against.over_tasks.mean, against.over_tasks.p_value].map(Cell::from));
        let by_task: Vec<f64> = acted(&spec)
            .into_iter()
            .map(|task| (0..3).map(|seed| score(task, seed, arm) - score(task, seed, Arm::Random)).sum::<f64>() / 3.0)
            .collect();
        assert!((against.over_tasks.mean - 0.5 * (by_task[0] + by_task[1])).abs() < 1e-12);
        let dots = results.beyond_random(&acted(&spec), arm, &|score| Some(score.rise));
        assert!(dots.len() == 2 && dots.iter().zip(&by_task).all(|(dot, task)| (dot - task).abs() < 1e-12));
        assert!((against.over_seeds.mean - against.over_tasks.mean).abs() < 1e-12);
        assert_eq!((against.over_tasks.n, against.over_seeds.n, against.pairs), (2, 3, 6));
        // Two tasks: both the same way, or not.
        let one_way = by_task[0] * by_task[1] > 0.0;
        assert_eq!(against.over_tasks.p_value, if one_way { 0.5 } else { 1.0 });
        let random = found.arm(Arm::Random).unwrap().rise;
        assert!((own.rise - random - against.over_tasks.mean).abs() < 1e-12);
        if arm != Arm::None {
            let part = (random - own.rise) / (found.arm(Arm::None).unwrap().rise - random);
            assert!((against.part.unwrap() - part).abs() < 1e-9);
        }
    }
}
