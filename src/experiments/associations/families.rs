//! Families of tasks of small networks, by the worlds that the lab has.

use super::rows::part;
use super::spec::{Spec, World};
use crate::data::{self, Examples as Points, Setting, Tasks};
use crate::seed::Seed;

/// Spread of each cluster; centres are 2 apart.
const SPREAD: f64 = 0.5;
/// Clusters of permuted tasks.
const CLUSTERS: usize = 8;
/// Coordinates of a point, and points of a cluster where each is a task of its own, at least.
const INPUTS: usize = 16;
const LEAST: usize = 4;

/// What a network is trained on, what it is tuned on, and what it may forget.
pub(super) struct Family {
    /// Coordinates of a point.
    pub inputs: usize,
    pub pretraining: Points,
    /// One for each row.
    pub tasks: Vec<Points>,
    /// Other points of each, which nothing reads.
    pub tests: Vec<Points>,
    pub upstream: Points,
    /// Kinds of the upstream points.
    pub kinds: Vec<String>,
    /// Labels above it are of the one kind, the others of the other: what is right.
    pub border: f32,
}

impl Family {
    /// That of a spec.
    pub fn draw(spec: &Spec, world: data::World) -> Self {
        let seed = Seed::new(u64::from(spec.base_seed));
        let setting = setting(spec, world);
        let one = |change: &dyn Fn(&mut Setting)| {
            let mut own = setting.clone();
            change(&mut own);
            (world.draw)(&own, seed)
        };
        let drawn = one(&|_| {});
        let parts = (1..=spec.tasks).map(|task| part(spec.tasks, task));
        let first = |drawn: Tasks| drawn.new.into_iter().next().map(|task| (task.train, task.test));
        let (tasks, tests): (Vec<Points>, Vec<Points>) = match spec.world {
            // One draw for each: with the same seed all have the same points and the same old task.
            World::Partial => parts.filter_map(|part| first(one(&|own| own.share = part))).collect(),
            World::Teacher => {
                let turned = |part: f64| libm::cos(core::f64::consts::FRAC_PI_2 * part);
                parts.filter_map(|part| first(one(&|own| own.similarity = turned(part)))).collect()
            }
            World::Clusters => (0..spec.tasks as usize)
                .map(|cluster| {
                    let own = |points| every(points, setting.inputs, cluster, spec.tasks as usize);
                    (own(&drawn.new[0].train), own(&drawn.new[0].test))
                })
                .collect(),
            World::Language | World::Rotated | World::Permuted | World::Gradual => {
                drawn.new.iter().map(|task| (task.train.clone(), task.test.clone())).collect()
            }
        };
        let class = |y: &f32| format!("class {y}");
        let border = if spec.world == World::Teacher { 0.0 } else { 0.5 };
        let old = (drawn.old_train, drawn.old_test);
        // What pre-training teaches of points that tasks relabel.
        let before = drawn.new.into_iter().next().and_then(|task| {
            let [train, test] = task.before?;
            Some((Points { x: task.train.x, y: train }, Points { x: task.test.x, y: test }))
        });
        let (pretraining, upstream, kinds) = match before {
            None => {
                let kinds = old.1.y.iter().map(class).collect();
                (old.0, old.1, kinds)
            }
            Some((train, test)) => {
                let kept = setting.inputs * spec.examples as usize;
                let test = [old.1, test]
                    .map(|all| Points { x: all.x[..kept].to_vec(), y: all.y[..spec.examples as usize].to_vec() });
                let kinds =
                    [vec!["old task".to_owned(); test[0].y.len()], vec!["relabelled".to_owned(); test[1].y.len()]];
                let [kept, relabelled] = test;
                (joined(old.0, train), joined(kept, relabelled), kinds.concat())
            }
        };
        Self { inputs: setting.inputs, pretraining, tasks, tests, upstream, kinds, border }
    }

    /// Whether an output is nearer to its label than to the other side's.
    pub fn is_right(&self, f: f32, y: f32) -> bool {
        (f > self.border) == (y > self.border)
    }
}

fn setting(spec: &Spec, world: data::World) -> Setting {
    let (tasks, examples) = (spec.tasks as usize, spec.examples as usize);
    let of_clusters = spec.world == World::Clusters;
    Setting {
        // So many clusters would lie upon each other in a plane.
        inputs: if of_clusters { INPUTS } else { world.inputs as usize },
        samples: if of_clusters { examples.max(LEAST * tasks) } else { examples },
        means: [-1.0, 1.0],
        standard_deviation: SPREAD,
        new_label: -1.0,
        label_noise: 0.0,
        // As many are relabelled as are not.
        clusters: if of_clusters { 2 * tasks } else { CLUSTERS },
        similarity: 0.0,
        tasks: tasks + 1,
        angle: 180.0 / tasks as f64,
        share: 0.0,
    }
}

/// Points `first`, `first + step` and so on.
fn every(points: &Points, inputs: usize, first: usize, step: usize) -> Points {
    let places = || (first..points.y.len()).step_by(step);
    Points {
        x: places().flat_map(|place| points.x[place * inputs..][..inputs].iter().copied()).collect(),
        y: places().map(|place| points.y[place]).collect(),
    }
}

fn joined(first: Points, second: Points) -> Points {
    Points { x: [first.x, second.x].concat(), y: [first.y, second.y].concat() }
}
