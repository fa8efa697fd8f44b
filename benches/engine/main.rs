//! How fast the fused engine trains, beside its arithmetic floor and beside JAX in the same run.
//!
//! `cargo bench --bench engine`; see `benches/README.md`.

mod clock;
mod floor;
mod further;
mod memory;
mod operations;
mod peer;
#[path = "../process.rs"]
mod process;
mod work;

use std::time::Instant;

use clock::Clock;
use floor::floor_ns;
use lethe::engine::fused_cpu::Instructions;
use lethe::engine::{Batches, Outcome};
use lethe::model::Activation;
use lethe::train::{Optimiser, OptimiserKind};
use peer::Jax;
use work::Work;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// Short rounds of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS: usize = 30;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let clock = Clock::measure();
    println!("{cores} cores, {}, {:.2} GHz (estimated)", Instructions::fastest().name(), clock.gigahertz());
    one_core(&clock);
    memory_of_many();
    one_run();
    further::in_space(&clock);
    further::held_back();
    against_jax(cores, &clock);
}

/// Small widths and all activations: what is lost to overheads.
fn one_core(clock: &Clock) {
    println!("\nOne core, one network, 512 samples; ns per sample x unit x step (floor), by instruction set");
    for activation in [Activation::Tanh, Activation::Erf, Activation::Relu, Activation::Linear] {
        for width in [4, 16, 64, 512] {
            print!("{:>8} {width:>4}", format!("{activation:?}"));
            let work = Work::new(1, 512, width, activation, (6_000 / width) as u32);
            for set in Instructions::available() {
                let seconds = fastest(|| work.train_on(set, 1));
                let floor = floor_ns(clock, activation, set);
                print!("   {:>8} {:.3} ({floor:.3})", set.name(), work.ns(seconds));
            }
            println!();
        }
    }
}

/// A sweep's networks at rest.
fn memory_of_many() {
    println!("\nMemory of 1,000 networks in training (Adam, the largest state)");
    for width in [4, 64, 256, 512] {
        let work = Work::new(1, 512, width, Activation::Tanh, 1);
        let before = memory::in_use();
        let networks: Vec<_> = (0..1000).map(|_| work.state(0, OptimiserKind::Adam)).collect();
        let bytes = memory::in_use() - before;
        println!("{width:>13}   {:>6.2} MB, {:>6} bytes each", bytes as f64 / 1e6, bytes / networks.len());
    }
}

/// What one click costs: pre-training and fine-tuning.
fn one_run() {
    println!("\nOne run, width 64, 512 samples, 2000 + 500 steps, one core");
    for activation in [Activation::Tanh, Activation::Relu] {
        let work = Work::new(1, 512, 64, activation, 2000);
        let seconds = fastest(|| {
            let start = Instant::now();
            let mut network = work.state(0, OptimiserKind::Gd);
            let outcome = network.train(&work.examples, 2000, Batches::Full, None);
            network.begin_phase(Optimiser { kind: OptimiserKind::Gd, learning_rate: work::RATE });
            let tuned = network.train(&work.examples, 500, Batches::Full, None);
            assert_eq!((outcome, tuned), (Outcome::Finished, Outcome::Finished));
            start.elapsed().as_secs_f64()
        });
        println!("{:>13}   {:.1} ms", format!("{activation:?}"), seconds * 1e3);
    }
}

/// The same training on all cores, here and in JAX, in turns.
fn against_jax(cores: usize, clock: &Clock) {
    println!("\n{cores} cores, 16 networks x 512 samples; ns per sample x unit x step");
    let mut jax = match Jax::start(true) {
        Ok(jax) => jax,
        Err(problem) => {
            println!("JAX is left out: {problem}");
            return;
        }
    };
    println!("JAX {}", jax.version());
    println!("{:>8} width   engine (floor)      JAX   ratio   target   loss: engine, JAX", "");
    for (width, steps) in [(64, 80), (512, 10)] {
        for activation in [Activation::Tanh, Activation::Relu] {
            let work = Work::new(16, 512, width, activation, steps);
            let mut theirs = f64::INFINITY;
            let mut their_loss = f64::NAN;
            let ours = fastest(|| {
                let answer = jax.train(&work);
                theirs = theirs.min(answer.seconds);
                their_loss = answer.loss;
                work.train_on(Instructions::fastest(), cores)
            });
            println!(
                "{:>8} {width:>5}   {:>6.3} ({:.3}) {:>8.3} {:>7.2}   >= 1.5   {:.6}, {their_loss:.6}",
                format!("{activation:?}"),
                work.ns(ours),
                floor_ns(clock, activation, Instructions::fastest()) / cores as f64,
                work.ns(theirs),
                theirs / ours,
                work.loss(),
            );
        }
    }
}

/// The least of some rounds of a timed piece of work, in seconds.
fn fastest(mut timed: impl FnMut() -> f64) -> f64 {
    (0..ROUNDS).map(|_| timed()).fold(f64::INFINITY, f64::min)
}
