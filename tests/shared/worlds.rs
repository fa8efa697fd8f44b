//! Worlds draw the same everywhere, and what their documentation says.

use crate::{digest, test};
use lethe::data::{Examples, Setting, Tasks, World};
use lethe::seed::Seed;

fn setting() -> Setting {
    Setting {
        inputs: 1,
        samples: 256,
        means: [-1.0, 1.0],
        standard_deviation: 0.2,
        new_label: -0.2,
        label_noise: 0.0,
        clusters: 4,
        similarity: 0.5,
        tasks: 4,
        angle: 45.0,
        share: 0.5,
    }
}

fn draw(world: &str, setting: &Setting, seed: u64) -> Tasks {
    (World::named(world).unwrap().draw)(setting, Seed::new(seed))
}

/// Everything that a world draws.
fn sets(tasks: &Tasks) -> Vec<&Examples> {
    let new = tasks.new.iter().flat_map(|task| [&task.train, &task.test]);
    new.chain([&tasks.old_train, &tasks.old_test]).collect()
}

#[test]
fn the_two_clouds_have_the_same_bits_everywhere() {
    let values: Vec<f64> = (0..16)
        .map(|seed| draw("gaussians", &setting(), seed))
        .flat_map(|tasks| {
            let new = tasks.new.into_iter().next().unwrap();
            [new.train.x, tasks.old_train.x, new.test.x, tasks.old_test.x].concat()
        })
        .map(f64::from)
        .collect();
    assert_eq!(values.len(), 16 * 4 * 256);
    assert_eq!(digest(values), "4040f0f1c69f94e0");
}

#[test]
fn every_world_has_the_same_bits_everywhere() {
    let of = |world: World| {
        let setting = Setting { inputs: world.inputs as usize, label_noise: 0.1, ..setting() };
        let tasks = draw(world.name, &setting, 3);
        let values = sets(&tasks).into_iter().flat_map(|set| set.x.iter().chain(&set.y)).map(|&v| f64::from(v));
        format!("{} {}", world.name, digest(values.collect::<Vec<_>>()))
    };
    let digests: Vec<String> = World::all().map(of).collect();
    assert_eq!(digests, DIGESTS);
}

const DIGESTS: [&str; 7] = [
    "gaussians 2132e0ef9b2f514c",
    "clusters 29b028cfd2026f35",
    "teacher 7968a32c6601dbf7",
    "rotated 6157df06966fc743",
    "permuted 7fac2391b79df9a4",
    "partial fcd7e2cb900c4176",
    "gradual 7d9b24bf3a2df931",
];

#[test]
fn every_world_has_as_many_examples_as_it_is_asked_for() {
    for world in World::all() {
        for (inputs, samples) in [(world.inputs, 7), (world.inputs_range.0, 2), (world.inputs_range.1, 12)] {
            let setting = Setting { inputs: inputs as usize, samples, ..setting() };
            let tasks = draw(world.name, &setting, 0);
            assert_eq!(tasks.new.len(), if world.is_sequence { setting.tasks - 1 } else { 1 }, "{world:?}");
            for set in sets(&tasks) {
                assert_eq!((set.x.len(), set.y.len()), (samples * inputs as usize, samples), "{world:?}");
            }
            assert!(tasks.new.iter().all(|task| task.before.is_some() == world.overwrites), "{world:?}");
            assert!(tasks.line.iter().all(|point| point.len() == inputs as usize), "{world:?}");
            let [train, test] = [&tasks.new[0].train.x, &tasks.new[0].test.x];
            assert_ne!(train, test, "test points are drawn afresh: {world:?}");
        }
    }
}

#[test]
fn seeds_share_nothing() {
    for world in World::all() {
        let setting = Setting { inputs: world.inputs as usize, ..setting() };
        let [a, b] = [0, 1].map(|seed| draw(world.name, &setting, seed));
        let pairs = sets(&a).into_iter().zip(sets(&b)).map(|(a, b)| (a.x.clone(), b.x.clone()));
        for (a, b) in pairs {
            assert!(a.iter().zip(&b).filter(|(a, b)| a == b).count() < 3, "{world:?}");
        }
    }
}

/// Mean of the points of a set, coordinate by coordinate, of every `period`-th from the `first` on.
fn mean(set: &Examples, inputs: usize, first: usize, period: usize) -> Vec<f64> {
    let points: Vec<&[f32]> = set.x.chunks_exact(inputs).skip(first).step_by(period).collect();
    (0..inputs).map(|k| points.iter().map(|p| f64::from(p[k])).sum::<f64>() / points.len() as f64).collect()
}

#[test]
fn clusters_lie_at_a_root_mean_square_distance_of_two() {
    let setting = Setting { inputs: 5, clusters: 6, samples: 30_000, standard_deviation: 0.1, ..setting() };
    let tasks = draw("clusters", &setting, 1);
    let mut centres: Vec<Vec<f64>> = (0..3).map(|k| mean(&tasks.new[0].train, 5, k, 3)).collect();
    centres.extend((0..3).map(|k| mean(&tasks.old_train, 5, k, 3)));
    let square = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let pairs = (0..6).flat_map(|i| (0..i).map(move |j| (i, j)));
    let squares: Vec<f64> = pairs.map(|(i, j)| square(&centres[i], &centres[j])).collect();
    let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    // A mean of 10,000 points is off by 0.001.
    assert!((rms - 2.0).abs() < 0.01, "{rms}");
    let middle = |k: usize| centres.iter().map(|centre| centre[k]).sum::<f64>().abs();
    assert!((0..5).all(|k| middle(k) < 0.03));
    let [a, b] =
        [-1.0, 1.0].map(|s| tasks.line[0].iter().zip(&tasks.line[1]).map(|(o, d)| o + s * d).collect::<Vec<_>>());
    assert!(square(&a, &centres[0]) < 1e-3 && square(&b, &centres[3]) < 1e-3, "the line goes through both");
}

#[test]
fn a_teacher_like_the_first_teaches_the_same() {
    let of = |similarity| draw("teacher", &Setting { inputs: 4, similarity, samples: 4000, ..setting() }, 2);
    let same = of(1.0);
    let before = same.new[0].before.clone().unwrap();
    let largest = same.new[0].train.y.iter().zip(&before[0]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(largest < 1e-6, "{largest}");
    // Over teachers, labels of unrelated ones do not correlate; those of like ones do.
    let correlation = |similarity: f64| {
        let product = |seed| {
            let tasks = draw("teacher", &Setting { inputs: 4, similarity, samples: 64, ..setting() }, seed);
            let before = tasks.new[0].before.clone().unwrap();
            let pairs = tasks.new[0].train.y.iter().zip(&before[0]).map(|(&a, &b)| f64::from(a) * f64::from(b));
            pairs.sum::<f64>()
        };
        let squares = |seed| {
            let tasks = draw("teacher", &Setting { inputs: 4, similarity, samples: 64, ..setting() }, seed);
            tasks.new[0].train.y.iter().map(|&a| f64::from(a) * f64::from(a)).sum::<f64>()
        };
        (0..200).map(product).sum::<f64>() / (0..200).map(squares).sum::<f64>()
    };
    let [none, half, most] = [0.0, 0.5, 0.9].map(correlation);
    assert!(none.abs() < 0.15 && half > none && most > 0.6, "{none}, {half}, {most}");
}

#[test]
fn rotated_tasks_are_turned_by_their_angle() {
    let setting = Setting { inputs: 4, tasks: 3, angle: 30.0, samples: 20_000, ..setting() };
    let tasks = draw("rotated", &setting, 0);
    for (t, set) in [&tasks.old_train, &tasks.new[0].train, &tasks.new[1].train].into_iter().enumerate() {
        let angle = (30.0 * t as f64).to_radians();
        for (class, x) in [(0, -1.0), (1, 1.0)] {
            let expected = [x * libm::cos(angle), x * libm::sin(angle), 0.0, 0.0];
            let centre = mean(set, 4, class, 2);
            assert!(centre.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 0.01), "{t}: {centre:?}");
        }
        assert!(set.y.iter().enumerate().all(|(i, &y)| y == (i % 2) as f32));
    }
}

#[test]
fn permuted_tasks_have_the_same_clusters_in_another_order() {
    let setting = Setting { inputs: 6, tasks: 3, samples: 20_000, clusters: 2, ..setting() };
    let tasks = draw("permuted", &setting, 0);
    let sorted = |set: &Examples, first| {
        let mut centre = mean(set, 6, first, 2);
        centre.sort_by(f64::total_cmp);
        centre
    };
    for first in [0, 1] {
        let old = sorted(&tasks.old_train, first);
        for task in &tasks.new {
            let new = sorted(&task.train, first);
            assert!(old.iter().zip(&new).all(|(a, b)| (a - b).abs() < 0.01), "{old:?}, {new:?}");
            assert_ne!(mean(&task.train, 6, first, 2), mean(&tasks.old_train, 6, first, 2));
        }
    }
}

#[test]
fn a_partial_shift_relabels_its_share_on_one_side() {
    for share in [0.0, 0.2, 0.5, 1.0] {
        let tasks = draw("partial", &Setting { share, samples: 20_000, ..setting() }, 0);
        for set in [&tasks.new[0].train, &tasks.new[0].test] {
            let shifted = set.y.iter().filter(|&&y| y == -0.2).count() as f64 / 20_000.0;
            assert!((shifted - share).abs() < 0.02, "{share}: {shifted}");
            let rightmost = set.x.iter().zip(&set.y).filter(|(_, y)| **y == -0.2).map(|(x, _)| *x).fold(-9.0, f32::max);
            let leftmost = set.x.iter().zip(&set.y).filter(|(_, y)| **y != -0.2).map(|(x, _)| *x).fold(9.0, f32::min);
            assert!(rightmost < leftmost, "{share}");
        }
    }
    let [whole, plain] = ["partial", "gaussians"].map(|world| draw(world, &Setting { share: 1.0, ..setting() }, 5));
    assert_eq!(whole, plain, "all of X1 relabelled is the poster's world");
}

#[test]
fn a_gradual_shift_arrives_at_the_new_label() {
    let tasks = draw("gradual", &Setting { tasks: 5, ..setting() }, 0);
    let labels: Vec<f32> = tasks.new.iter().map(|task| task.test.y[0]).collect();
    assert_eq!(labels, [-0.05, -0.1, -0.15, -0.2].map(|label: f64| label as f32));
    let [one, plain] = ["gradual", "gaussians"].map(|world| draw(world, &Setting { tasks: 2, ..setting() }, 5));
    assert_eq!(one, plain, "one task is the poster's world");
}
