//! A job that was broken off goes on as if it had not been; what is no place in a job is refused.

use lethe::data::World;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Event, Experiment, Job, JobCheckpoint, JobRun, Mitigated, Spec};
use lethe::model::{Activation, Parameterisation};
use lethe::train::OptimiserKind;
use proptest::prelude::*;

/// Small jobs of every world, optimiser, batch, schedule, weighting and stop rule, planned, predicted and mitigated ones
/// among them.
fn any_spec() -> impl Strategy<Value = CheckedSpec> {
    let network = (0..4usize, 0..3usize, 1u32..20, 0u32..3, 0..7usize);
    let training = (0..4usize, 0u32..9, prop_oneof![0.001..0.1f64, 0.1..30.0f64], prop_oneof![Just(0.0), 0.05..0.9f64]);
    let steps = (0u32..50, 0u32..50, 3u32..8);
    let mixture = (any::<bool>(), any::<bool>(), any::<bool>(), proptest::collection::vec(0.0..=1.0f64, 1..4));
    (network, training, steps, mixture).prop_map(|(network, training, steps, mixture)| {
        let name = ["replay", "ntk", "curriculum", "mitigations"][training.1 as usize % 4];
        let mut spec = Spec::defaults(Experiment::named(name).unwrap());
        spec.world = World::all().nth(network.4).unwrap();
        spec.inputs = network.2 % 5;
        if spec.experiment.mitigates() {
            let few = ["added@0.1", "l2@0.3", "ewc@2", "distil@0.5", "ogd@2", "freeze@1", "interpolate@0.4", "rate@1"];
            spec.mitigations =
                few.iter().skip(network.2 as usize % 5).step_by(3).filter_map(|m| Mitigated::read(m)).collect();
        }
        spec.activation = [Activation::Relu, Activation::Tanh, Activation::Erf, Activation::Linear][network.0];
        spec.parameterisation =
            [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield][network.1];
        (spec.widths, spec.seeds) = (vec![network.2], vec![network.3]);
        use OptimiserKind::{Adam, Gd, Momentum, Sgd};
        (spec.optimiser, spec.batch) = ([Gd, Sgd, Momentum, Adam][training.0], training.1);
        (spec.learning_rate, spec.stop_loss) = (training.2, training.3);
        (spec.pretraining_steps, spec.fine_tuning_steps, spec.samples) = steps;
        let weights = |some: bool| if some { vec![(1.0, 2), (0.25, steps.2 - 2)] } else { Vec::new() };
        (spec.new_weights, spec.old_weights) = (weights(mixture.0), weights(mixture.1));
        if mixture.2 {
            spec.schedule = vec![(0, mixture.3[0]), (7, 0.0), (20, 0.3)];
        } else {
            spec.replay = mixture.3;
            spec.replay.dedup();
        }
        spec.relinearise = if mixture.0 { steps.1 / 2 } else { 0 };
        if spec.experiment.prescribes() {
            spec.segments = 1 + steps.2 % 4;
        }
        spec.repair(&Limits::NATIVE).0
    })
}

fn job(spec: &CheckedSpec) -> Job {
    Job { seed: spec.seeds[0], width: spec.widths[0] }
}

fn to_end(mut run: JobRun, work: f64) -> Vec<Event> {
    let mut events = Vec::new();
    while !run.is_done() {
        events.extend(run.advance(work));
    }
    events
}

/// The job read back from the bytes that a checkpoint is kept as.
fn through_bytes(spec: &CheckedSpec, run: &JobRun) -> Option<JobRun> {
    let bytes = postcard::to_stdvec(&run.checkpoint()?).unwrap();
    let read: JobCheckpoint = postcard::from_bytes(&bytes).unwrap();
    Some(JobRun::resume(spec, read).expect("what a job wrote fits its spec"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_job_broken_off_at_any_points_reports_the_same_bits(
        spec in any_spec(), slice in 1.0..2000.0f64, breaks in proptest::collection::vec(0..120usize, 1..5)
    ) {
        let whole = to_end(JobRun::new(&spec, job(&spec)), 1e9);
        let (mut run, mut events, mut slices) = (JobRun::new(&spec, job(&spec)), Vec::new(), 0);
        while !run.is_done() {
            if breaks.contains(&slices) && let Some(again) = through_bytes(&spec, &run) {
                prop_assert_eq!(again.work_done(), run.work_done());
                run = again;
            }
            events.extend(run.advance(slice));
            slices += 1;
        }
        // As bytes: -0 is not 0, and a NaN would equal itself.
        prop_assert_eq!(postcard::to_stdvec(&events).unwrap(), postcard::to_stdvec(&whole).unwrap());
    }

    #[test]
    fn a_rewound_job_reports_its_phase_again(spec in any_spec(), slice in 1.0..2000.0f64, slices in 0..120usize) {
        let whole = to_end(JobRun::new(&spec, job(&spec)), 1e9);
        let (mut run, mut events) = (JobRun::new(&spec, job(&spec)), Vec::new());
        for _ in 0..slices {
            events.extend(run.advance(slice));
        }
        if run.is_done() {
            return Ok(());
        }
        prop_assert_eq!(&to_end(run.rewound(true), slice), &whole);
        let again = run.rewound(false);
        let ended = events.iter().rposition(|event| matches!(event, Event::Ended { .. })).map_or(0, |last| last + 1);
        prop_assert!(again.work_done() <= run.work_done());
        prop_assert!(ended > 0 || again.work_done() == 0.0);
        prop_assert_eq!(&to_end(again, slice), &whole[ended..]);
    }

    #[test]
    fn no_bytes_are_a_panic(spec in any_spec(), at in 0.0..1.0f64, byte in any::<u8>(), slices in 0..60usize) {
        let mut run = JobRun::new(&spec, job(&spec));
        (0..slices).for_each(|_| drop(run.advance(300.0)));
        let Some(checkpoint) = run.checkpoint() else { return Ok(()) };
        let mut bytes = postcard::to_stdvec(&checkpoint).unwrap();
        let place = (at * bytes.len() as f64) as usize;
        bytes[place] = byte;
        if let Ok(read) = postcard::from_bytes::<JobCheckpoint>(&bytes)
            && let Some(run) = JobRun::resume(&spec, read)
        {
            to_end(run, 1e9);
        }
    }
}

/// A job of three branches, far enough to have ended pre-training, and its spec.
fn three_branches() -> (CheckedSpec, JobRun) {
    let mut spec = Spec::defaults(Experiment::named("replay").unwrap());
    (spec.widths, spec.seeds, spec.replay) = (vec![5], vec![0], vec![0.0, 0.1, 0.5]);
    (spec.samples, spec.pretraining_steps, spec.fine_tuning_steps) = (8, 30, 40);
    let spec = spec.check(&Limits::PAGE).unwrap();
    let mut run = JobRun::new(&spec, job(&spec));
    while !run.advance(1e9).iter().any(|event| matches!(event, Event::Ended { .. })) {}
    (spec, run)
}

fn branch_of(event: &Event) -> Option<u32> {
    match event {
        Event::Checkpoint { branch, .. } | Event::Ended { branch, .. } => *branch,
        Event::Predicted { branch, .. }
        | Event::Gap { branch, .. }
        | Event::Planned { branch, .. }
        | Event::Tasks { branch, .. }
        | Event::Looked { branch, .. } => Some(*branch),
    }
}

#[test]
fn branches_under_way_at_once_are_each_gone_on_with() {
    let (spec, run) = three_branches();
    let whole = to_end(JobRun::new(&spec, job(&spec)), 1e9);
    // Takes one branch some slices on, by declaring the ones before it ended.
    let alone = |branch: u32, slices: usize| {
        let before = JobCheckpoint { open: Vec::new(), ended: (0..branch).collect(), ..run.checkpoint().unwrap() };
        let mut run = JobRun::resume(&spec, before).unwrap();
        let events: Vec<Event> = (0..slices).flat_map(|_| run.advance(200.0)).collect();
        (events, run.checkpoint().unwrap().open.remove(0))
    };
    let ((first, open_first), (third, open_third)) = (alone(0, 4), alone(2, 9));
    assert!(open_first.network.step > 0 && open_third.network.step > open_first.network.step);
    let several = JobCheckpoint { open: vec![open_third, open_first], ..run.checkpoint().unwrap() };
    let run = JobRun::resume(&spec, several.clone()).unwrap();
    assert_eq!(run.checkpoint(), Some(several), "nothing is lost before a step is made");
    let rest = to_end(run, 1e9);
    for (branch, before) in [(0, first), (1, Vec::new()), (2, third)] {
        let of = |events: &[Event]| -> Vec<Event> {
            events.iter().filter(|event| branch_of(event) == Some(branch)).cloned().collect()
        };
        assert_eq!([before, of(&rest)].concat(), of(&whole), "branch {branch}");
    }
}

#[test]
fn a_planned_branch_under_way_is_gone_on_with_and_refused_where_it_is_none() {
    let mut spec = Spec::defaults(Experiment::named("curriculum").unwrap());
    (spec.widths, spec.seeds, spec.segments) = (vec![5], vec![0], 3);
    (spec.samples, spec.pretraining_steps, spec.fine_tuning_steps) = (8, 30, 40);
    let spec = spec.check(&Limits::PAGE).unwrap();
    let whole = to_end(JobRun::new(&spec, job(&spec)), 1e9);
    let mut run = JobRun::new(&spec, job(&spec));
    let mut events = Vec::new();
    // To the middle of a prescribed branch.
    while !events.iter().any(|event| matches!(event, Event::Checkpoint { branch: Some(5), point } if point.step == 10))
    {
        events.extend(run.advance(1e3));
    }
    let here = run.checkpoint().unwrap();
    let again = JobRun::resume(&spec, here.clone()).unwrap();
    assert_eq!(again.checkpoint().as_ref(), Some(&here), "no schedule is planned again");
    events.extend(to_end(again, 1e9));
    assert_eq!(events, whole);

    type Spoil = fn(&mut JobCheckpoint);
    let wrong: [(&str, Spoil); 2] = [
        ("a planned branch without its schedule", |c| c.open[0].underway = None),
        ("a planned branch that was not told of", |c| {
            c.open[0].reported = 0;
            c.open[0].network.step = 0;
        }),
    ];
    for (what, spoil) in wrong {
        let mut spoiled = here.clone();
        spoil(&mut spoiled);
        assert!(JobRun::resume(&spec, spoiled).is_none(), "{what}");
    }
    let other = JobCheckpoint { open: vec![here.open[0].clone()], ..three_branches().1.checkpoint().unwrap() };
    assert!(JobRun::resume(&three_branches().0, other).is_none(), "a schedule where none is planned");
}

#[test]
fn what_is_no_place_in_a_job_is_refused() {
    let (spec, mut run) = three_branches();
    (0..5).for_each(|_| drop(run.advance(1e3)));
    let good = run.checkpoint().unwrap();
    assert!(JobRun::resume(&spec, good.clone()).is_some());
    type Spoil = fn(&mut JobCheckpoint);
    let wrong: [(&str, Spoil); 20] = [
        ("another seed", |c| c.job.seed = 1),
        ("another width", |c| c.job.width = 6),
        ("no such branch", |c| c.open[0].branch = Some(3)),
        ("no such ended branch", |c| c.ended = vec![7]),
        ("a branch that is open and ended", |c| c.ended = vec![0]),
        ("a branch ended twice", |c| c.ended = vec![1, 1]),
        ("a branch open twice", |c| c.open = vec![c.open[0].clone(), c.open[0].clone()]),
        ("nothing left to do", |c| (c.open, c.ended) = (Vec::new(), vec![0, 1, 2])),
        ("a branch before the end of pre-training", |c| c.pretrained = None),
        ("pre-training after its end", |c| c.open[0].branch = None),
        ("an ended branch without pre-training", |c| (c.pretrained, c.open, c.ended) = (None, Vec::new(), vec![0])),
        ("steps beyond the phase", |c| c.open[0].network.step = 41),
        ("steps beyond the next checkpoint", |c| c.open[0].network.step = 39),
        ("steps before the last checkpoint", |c| c.open[0].network.step = 0),
        ("more checkpoints than there are", |c| c.open[0].reported = u32::MAX),
        ("parameters of another width", |c| c.open[0].network.parameters.w2.push(0.0)),
        ("moments that the optimiser has not", |c| {
            let parameters = c.open[0].network.parameters.clone();
            c.open[0].network.moments.push(parameters);
        }),
        ("a parameter that is no number", |c| c.open[0].network.parameters.b1[2] = f32::NAN),
        ("an infinite pre-trained parameter", |c| {
            c.pretrained.iter_mut().for_each(|network| network.b2 = f32::INFINITY);
        }),
        ("work that is no number", |c| c.work_done = f64::NAN),
    ];
    for (what, spoil) in wrong {
        let mut spoiled = good.clone();
        spoil(&mut spoiled);
        assert!(!spoiled.fits(&spec), "{what}");
        assert!(JobRun::resume(&spec, spoiled).is_none(), "{what}");
    }
}
