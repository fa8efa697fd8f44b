//! How fast the joint law is fitted a thousand times, beside SciPy's `least_squares` on the same data.
//!
//! `cargo bench --bench laws`; see `benches/README.md`.

#[path = "../../tests/laws/grid.rs"]
#[expect(dead_code, reason = "the tests use other kinds of noise, too")]
mod grid;
mod peer;

use std::time::Instant;

use grid::{Noise, noisy};
use lethe::laws::published::ALL;
use lethe::laws::{Bootstrap, Observations, Robust, fit_joint_law};

/// Rounds of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 3;
const RESAMPLES: usize = 1000;
/// Resamples that the peer, which is slower, is timed on.
const OF_PEER: usize = 40;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    println!("Bootstrap by run of the joint law: 132 observations, 11 coordinates; fits per second");
    let mut rows: Vec<(&str, Observations)> = Vec::new();
    for of in ALL {
        rows.push((of.name, noisy(&of, Noise::Both, 0)));
    }
    println!("{:>10}  one core   {cores} cores   seconds per {RESAMPLES}   SciPy, one core   ratio   target", "data");
    for (name, observations) in &rows {
        let fit = fit_joint_law(observations, Robust::Squares).expect("the grid can be fitted");
        let bootstrap = Bootstrap::new(observations, Some(&fit)).expect("six runs");
        let one = fastest(|| seconds(&bootstrap, 1, RESAMPLES / 4)) * 4.0;
        let all = fastest(|| seconds(&bootstrap, cores, RESAMPLES));
        let rate = |seconds: f64| RESAMPLES as f64 / seconds;
        print!("{name:>10} {:>9.0} {:>9.0} {all:>18.2}", rate(one), rate(all));
        let weights: Vec<Vec<u32>> = (0..OF_PEER).map(|index| bootstrap.times(index)).collect();
        match peer::seconds(observations, &weights) {
            Ok(seconds) => {
                let theirs = OF_PEER as f64 / seconds;
                println!("   {theirs:>15.1} {:>7.1}   < 1 s", rate(one) / theirs);
            }
            Err(problem) => println!("   SKIPPED: {problem}"),
        }
    }
}

/// How long so many resamples take on so many threads.
fn seconds(bootstrap: &Bootstrap<'_>, threads: usize, resamples: usize) -> f64 {
    let started = Instant::now();
    std::thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || {
                (first..resamples).step_by(threads).for_each(|index| {
                    std::hint::black_box(bootstrap.resample(index));
                });
            });
        }
    });
    started.elapsed().as_secs_f64()
}

fn fastest(mut timed: impl FnMut() -> f64) -> f64 {
    (0..ROUNDS).map(|_| timed()).fold(f64::INFINITY, f64::min)
}
