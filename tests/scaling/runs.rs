//! Runs: what they tune, what they measure, that they depend on nothing else.

use lethe::data::language::{FineTuning, LanguageWorld, Part};
use lethe::experiments::scaling::{
    Ability, Cell, Checkpoint, Ending, Event, Family, Job, Run, Targets, cells, checkpoints, tests_abilities,
};
use lethe::model::Size;
use lethe::model::llama::{Device, Llama, Precision, Weights};
use lethe::native::bases::base;
use lethe::seed::Seed;

use crate::{events, loaded, spec};

#[test]
fn tuned_parameters_are_those_of_the_model() {
    for size in Size::ALL {
        let bytes = base(size, 0).expect("a base");
        let weights = Weights::read(&[("base", bytes)]).expect("its file");
        let model = Llama::load(size.config(), &weights, Precision::F32, &Device::flex().autodiff()).expect("a model");
        for targets in [Targets::All, Targets::Attention, Targets::FeedForward, Targets::Qv] {
            let spec = spec(|spec| spec.targets = targets);
            for family in [Family::Lora(1), Family::Lora(7), Family::Full, Family::Ia3, Family::Top(1), Family::Top(2)]
            {
                let cell = Cell { size, family, replay: 0.0 };
                let tuned = model.clone().tune(&cell.tuning(&spec), &Seed::new(0)).expect("a tuning");
                assert_eq!(cell.parameters(&spec), tuned.trained_parameters(), "{size:?} {family:?} {targets:?}");
                assert_eq!(
                    cell.model_parameters(),
                    model
                        .clone()
                        .tune(&lethe::model::llama::Tuning::Full, &Seed::new(0))
                        .expect("a tuning")
                        .trained_parameters()
                );
            }
        }
    }
}

#[test]
fn a_run_measures_where_it_says() {
    let spec = spec(|spec| (spec.ranks, spec.steps, spec.seeds) = (vec![4], 12, vec![0]));
    let base = loaded(Size::Medium, FineTuning::Orca);
    let all = events(&base, &spec, Job { seed: 0, cell: 0 });
    let points: Vec<_> =
        all.iter().filter_map(|event| if let Event::Checkpoint(point) = event { Some(point) } else { None }).collect();
    assert_eq!(points.iter().map(|point| point.step).collect::<Vec<_>>(), checkpoints(12));
    assert_eq!(all.last(), Some(&Event::Ended(Ending::Complete)));
    for (place, point) in points.iter().enumerate() {
        assert_eq!(point.abilities.is_some(), tests_abilities(place, points.len()));
        assert_eq!(!point.texts.is_empty(), place > 0 && point.abilities.is_some());
    }
    let (start, end) = (points[0].losses, points[points.len() - 1].losses);
    assert!(start.kl.abs() < 1e-6 && start.nll_rise.abs() < 1e-6 && start.agreement == 1.0, "{start:?}");
    assert!(end.fine_tuning < start.fine_tuning && end.kl > 0.0, "{start:?} {end:?}");
    // Cross-entropy is entropy and divergence.
    assert!((end.forgetting - start.forgetting - end.kl).abs() < 1e-5);
    let known = points[0].abilities.as_ref().expect("tested at the start");
    assert!(known.share(Ability::Kept).fraction() >= 0.9, "{known:?}");
    assert_eq!(known.share(Ability::KeptAsBase).fraction(), 1.0);
    assert!(known.share(Ability::Changed).fraction() < 0.2 && known.share(Ability::RefusedHarmful).fraction() >= 0.9);
}

#[test]
fn a_run_depends_on_its_own_settings_alone() {
    let base = loaded(Size::Small, FineTuning::News);
    let small = |ranks: Vec<u32>, seeds: Vec<u32>| {
        spec(|spec| {
            (spec.bases, spec.fine_tuning) = (vec![Size::Small], FineTuning::News);
            (spec.ranks, spec.seeds, spec.steps) = (ranks, seeds, 5);
        })
    };
    let alone = events(&base, &small(vec![2], vec![3]), Job { seed: 3, cell: 0 });
    assert_eq!(alone, events(&base, &small(vec![8, 2], vec![0, 3]), Job { seed: 3, cell: 1 }));
    assert_ne!(alone, events(&base, &small(vec![2], vec![4]), Job { seed: 4, cell: 0 }));
    // Another run leaves the base as it was.
    assert_eq!(alone, events(&base, &small(vec![2], vec![3]), Job { seed: 3, cell: 0 }));
}

#[test]
fn every_family_trains() {
    let base = loaded(Size::Small, FineTuning::Orca);
    let spec = spec(|spec| {
        (spec.bases, spec.ranks, spec.seeds, spec.steps) = (vec![Size::Small], vec![2], vec![0], 8);
        (spec.families, spec.dropout) = (vec![Family::Full, Family::Ia3, Family::Top(1)], 0.1);
        (spec.windows, spec.replay) = (16, vec![0.0, 0.3]);
    });
    for cell in 0..cells(&spec).len() as u32 {
        let all = events(&base, &spec, Job { seed: 0, cell });
        let losses: Vec<_> = all
            .iter()
            .filter_map(|event| if let Event::Checkpoint(point) = event { Some(point.losses) } else { None })
            .collect();
        let (first, last) = (losses[0], losses[losses.len() - 1]);
        assert!(last.fine_tuning < first.fine_tuning, "{cell}: {first:?} {last:?}");
        assert!(last.kl > 0.0);
    }
}

#[test]
fn a_model_that_blows_up_ends_and_says_where() {
    let base = loaded(Size::Small, FineTuning::Orca);
    let spec = spec(|spec| {
        (spec.bases, spec.ranks, spec.seeds) = (vec![Size::Small], vec![1], vec![0]);
        (spec.families, spec.full_learning_rate, spec.warm_up, spec.steps) = (vec![Family::Full], 1.0, 0, 400);
        spec.alpha = 1000.0;
    });
    let mut ends = Vec::new();
    for cell in [0, 1] {
        let all = events(&base, &spec, Job { seed: 0, cell });
        let steps: Vec<u32> = checkpoints_of(&all).iter().map(|point| point.step).collect();
        match all.last() {
            Some(Event::Ended(Ending::Diverged(step))) => {
                assert!(steps.iter().all(|told| told < step), "{steps:?} {step}")
            }
            Some(Event::Ended(Ending::Complete)) => assert_eq!(steps.last(), Some(&400)),
            other => panic!("{other:?}"),
        }
        assert!(checkpoints_of(&all).iter().all(|point| point.losses.values().iter().all(|loss| loss.is_finite())));
        ends.push(checkpoints_of(&all).last().expect("a checkpoint").losses.kl);
    }
    // Steps of a whole unit leave nothing of what the base knew.
    assert!(ends[1] > 1.0, "{ends:?}");
}

fn checkpoints_of(events: &[Event]) -> Vec<&Checkpoint> {
    events.iter().filter_map(|event| if let Event::Checkpoint(point) = event { Some(&**point) } else { None }).collect()
}

#[test]
fn seeds_read_windows_of_their_own_also_in_epochs() {
    let base = loaded(Size::Small, FineTuning::Orca);
    let spec = spec(|spec| {
        (spec.bases, spec.ranks, spec.seeds) = (vec![Size::Small], vec![1], vec![0, 1]);
        (spec.families, spec.windows, spec.steps) = (vec![Family::Full], 16, 6);
    });
    let end = |seed| {
        let all = events(&base, &spec, Job { seed, cell: 1 });
        checkpoints_of(&all).last().expect("a checkpoint").losses
    };
    assert_ne!(end(0), end(1), "nothing but the data sets seeds of full tuning apart");
}

#[test]
fn an_epoch_reads_the_same_windows_again() {
    let world = LanguageWorld::new(Seed::new(0));
    let corpus = world.fine_tuning(FineTuning::Orca, Part::Train);
    let windows = core::num::NonZeroU64::new(16).expect("not zero");
    let epochs = corpus.clone().starting_at(1000).repeating(windows);
    assert_eq!(epochs.batch(0, 8), corpus.batch(125, 8), "it begins at window 1000");
    assert_eq!(epochs.batch(3, 8), epochs.batch(1, 8));
    assert_ne!(epochs.batch(0, 8), epochs.batch(1, 8));
}

#[test]
fn replay_takes_whole_windows_of_a_step() {
    for (p, batch, new) in
        [(0.0, 8, 8), (0.05, 8, 7), (0.2, 8, 6), (0.25, 8, 6), (0.9, 8, 1), (0.9, 2, 1), (0.5, 64, 32)]
    {
        let spec = spec(|spec| (spec.replay, spec.batch) = (vec![p], batch));
        let cell = cells(&spec)[0];
        assert_eq!(cell.new_windows(&spec), new, "p = {p} of {batch}");
        assert_eq!(cell.new_tokens(&spec, 10), u64::from(new) * 320);
    }
}

#[test]
fn jobs_and_bases_that_do_not_fit_are_refused() {
    let base = loaded(Size::Small, FineTuning::Orca);
    let spec = spec(|spec| spec.bases = vec![Size::Small]);
    assert!(Run::new(base.clone(), &spec, Job { seed: 0, cell: 99 }).is_err());
    let other = crate::spec(|_| ());
    let Err(problems) = Run::new(base, &other, Job { seed: 0, cell: 0 }) else { panic!("another size") };
    assert_eq!(problems.0[0].accepted, "medium-0");
}
