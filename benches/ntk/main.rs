//! How fast the empirical tangent kernel is, beside its arithmetic floor and beside google/neural-tangents in the
//! same run.
//!
//! `cargo bench --bench ntk`; see `benches/README.md`.

#[path = "../engine/clock.rs"]
mod clock;
mod peer;
#[path = "../process.rs"]
mod process;
mod work;

use clock::Clock;
use peer::NeuralTangents;
use work::Work;

/// Rounds of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 15;
const POINTS: usize = 1024;

struct Case {
    hidden: &'static [usize],
    /// How many times the peer's speed is asked for.
    least: f64,
    /// The peer's ways of computing that are tried, and how often.
    peer: &'static [(&'static str, usize)],
}

const CASES: [Case; 2] = [
    Case { hidden: &[4096], least: 1.0, peer: &[("JACOBIAN_CONTRACTION", ROUNDS)] },
    // Seconds each: two rounds.
    Case { hidden: &[512, 512, 512], least: 10.0, peer: &[("JACOBIAN_CONTRACTION", 2), ("NTK_VECTOR_PRODUCTS", 1)] },
];

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let clock = Clock::measure();
    println!("{cores} cores, {}, {:.2} GHz (estimated)", work::instructions(), clock.gigahertz());
    println!("Empirical NTK of {POINTS} one-dimensional points, ReLU, f32; milliseconds");
    let mut peer = NeuralTangents::start();
    match &peer {
        Ok(peer) => println!("{}", peer.version()),
        Err(problem) => println!("SKIPPED: neural-tangents is left out: {problem}"),
    }
    println!("{:>14}  one core   {cores} cores (floor)   neural-tangents   ratio   target   difference", "hidden");
    for Case { hidden, least, peer: ways } in CASES {
        let work = Work::new(POINTS, hidden);
        let one = fastest(ROUNDS, || work.seconds(1));
        let mut ours = fastest(ROUNDS, || work.seconds(cores));
        let name = hidden.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
        let floor = work.floor_ms(clock.gigahertz()) / cores as f64;
        let Ok(peer) = &mut peer else {
            println!("{name:>14} {:>9.1} {:>9.1} ({floor:.1})", one * 1e3, ours * 1e3);
            continue;
        };
        for &(way, rounds) in ways {
            let mut difference = f64::NAN;
            let theirs = fastest(rounds, || {
                let answer = peer.kernel(&work, way);
                difference = work.difference(&answer.row);
                ours = ours.min(work.seconds(cores));
                answer.seconds
            });
            println!(
                "{name:>14} {:>9.1} {:>9.1} ({floor:.1}) {:>17.1} {:>7.1} {:>8} {difference:>12.1e}   {way}",
                one * 1e3,
                ours * 1e3,
                theirs * 1e3,
                theirs / ours,
                format!(">= {least}"),
            );
        }
    }
}

/// The least of some rounds of a timed piece of work, in seconds.
fn fastest(rounds: usize, mut timed: impl FnMut() -> f64) -> f64 {
    (0..rounds).map(|_| timed()).fold(f64::INFINITY, f64::min)
}
