//! How fast the fused GPU engine trains natively, beside its floors, the CPU engine and JAX in the same run.
//!
//! `cargo bench --bench gpu`, on CUDA `cargo bench --bench gpu --features cuda`; see `benches/README.md`.

#[path = "../engine/clock.rs"]
mod clock;
#[path = "../engine/floor.rs"]
mod cpu_floor;
mod floor;
#[path = "../engine/operations.rs"]
mod operations;
#[path = "../engine/peer.rs"]
mod peer;
#[path = "../process.rs"]
mod process;
mod training;
#[path = "../engine/work.rs"]
mod work;

use std::time::Instant;

use clock::Clock;
use cubecl::future::block_on;
use cubecl::wgpu::WgpuDevice;
use floor::Floor;
use lethe::engine::fused_cpu::Instructions;
use lethe::engine::fused_gpu::Gpu;
use lethe::model::Activation;
use lethe::platform::{NoGpu, now_millis, open_gpu};
use peer::Jax;
use training::Training;
use work::{RATE, Work};

/// Rounds of which the fastest counts: other programs only ever add time.
const ROUNDS: usize = 6;
const SAMPLES: usize = 512;
const LEAST_OF_CPU: f64 = 20.0;
const LEAST_OF_JAX: f64 = 5.0;

/// How much each engine is given; speeds are per step.
struct Size {
    networks: u64,
    width: usize,
    steps: u32,
    cpu_steps: u32,
    jax_steps: u32,
}

const GPU: Size = Size { networks: 4_096, width: 256, steps: 400, cpu_steps: 1, jax_steps: 50 };
/// For a program that plays the GPU on a few cores.
const SOFTWARE: Size = Size { networks: 64, width: 64, steps: 40, cpu_steps: 40, jax_steps: 40 };

fn main() {
    let (gpu, device) = match open() {
        Ok(opened) => opened,
        Err(none) => return loudly(&format!("SKIPPED, nothing was measured. {}", none.text)),
    };
    let facts = gpu.facts();
    println!("adapter: {} ({}, {})", facts.name, facts.api, facts.kind);
    let software = !matches!(facts.kind.as_str(), "discrete" | "integrated" | "virtual");
    if software {
        let what = "THIS IS NO MEASUREMENT OF A GPU. The only adapter is a program that plays one on the processor";
        loudly(&format!("{what}; the problem is made smaller, and no target is held against it."));
    }
    let size = if software { SOFTWARE } else { GPU };
    if let Err(problem) = compare(&gpu, &device, software, &size) {
        loudly(&format!("FAILED: {problem}"));
        std::process::exit(1);
    }
}

/// The CUDA device where this build has CUDA and there is one, else what Vulkan, Metal or DirectX offer.
fn open() -> Result<(Gpu, cubecl::Device), NoGpu> {
    if cfg!(feature = "cuda")
        && let (Ok(gpu), Ok(device)) = (Gpu::open_cuda(now_millis), cubecl::Device::cuda(0))
    {
        return Ok((gpu, device));
    }
    Ok((block_on(open_gpu())?, cubecl::Device::Wgpu(WgpuDevice::default())))
}

fn compare(gpu: &Gpu, device: &cubecl::Device, software: bool, size: &Size) -> Result<(), String> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let clock = Clock::measure();
    let mut jax = Jax::start(false).map_err(|problem| loudly(&format!("JAX is left out: {problem}"))).ok();
    let there = jax.as_ref().is_some_and(|jax| jax.version().contains(" on gpu"));
    if let Some(jax) = &jax {
        println!("JAX {}", jax.version());
    }
    if jax.is_some() && !there {
        loudly("JAX runs on the processor, not on a GPU: its column is no peer of a GPU's.");
    }
    let floor = block_on(Floor::measure(device, software))?;
    println!(
        "{:.1} operations and {:.1} bytes per nanosecond, measured; {cores} cores, {}, {:.2} GHz (estimated)",
        floor.operations_per_ns,
        floor.bytes_per_ns,
        Instructions::fastest().name(),
        clock.gigahertz()
    );
    println!("{} networks x {SAMPLES} samples x width {}; ns per sample x unit x step", size.networks, size.width);
    println!(
        "         GPU engine (arithmetic, bytes)   CPU engine (floor)   ratio   target        JAX   ratio   target"
    );
    for activation in [Activation::Tanh, Activation::Relu] {
        let work = |steps| Work::new(size.networks, SAMPLES, size.width, activation, steps);
        let (ours, on_cpu, for_jax) = (work(size.steps), work(size.cpu_steps), work(size.jax_steps));
        let (mut gpu_ns, mut cpu_ns, mut jax_ns) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
        let begun = Training::begin(gpu, ours.mlp, &ours.examples, &ours.starts, RATE);
        let mut training = block_on(begun).map_err(|fault| fault.0)?;
        let each = training.steps_per_dispatch();
        for _ in 0..ROUNDS {
            let begin = Instant::now();
            block_on(training.train(size.steps)).map_err(|fault| fault.0)?;
            gpu_ns = gpu_ns.min(ours.ns(begin.elapsed().as_secs_f64()));
            cpu_ns = cpu_ns.min(on_cpu.ns(on_cpu.train_on(Instructions::fastest(), cores)));
            if let Some(jax) = &mut jax {
                jax_ns = jax_ns.min(for_jax.ns(jax.train(&for_jax).seconds));
            }
        }
        let target = |least: f64, holds: bool| if holds { format!(">= {least}") } else { "none".to_owned() };
        println!(
            "{:>6} {gpu_ns:>12.4} ({:.4}, {:.6}) {cpu_ns:>13.4} ({:.4}) {:>7.2} {:>8} {jax_ns:>10.4} {:>7.2} {:>8}",
            format!("{activation:?}"),
            floor.arithmetic_ns(activation),
            floor.bytes_ns(SAMPLES, size.width, each),
            cpu_floor::floor_ns(&clock, activation, Instructions::fastest()) / cores as f64,
            cpu_ns / gpu_ns,
            target(LEAST_OF_CPU, !software),
            jax_ns / gpu_ns,
            target(LEAST_OF_JAX, !software && there),
        );
        agree(gpu, &on_cpu, jax.as_mut())?;
    }
    Ok(())
}

/// Prints the losses of both engines and JAX after as many steps from the same start.
fn agree(gpu: &Gpu, work: &Work, jax: Option<&mut Jax>) -> Result<(), String> {
    let begun = Training::begin(gpu, work.mlp, &work.examples, &work.starts, RATE);
    let ended = block_on(async {
        let mut training = begun.await?;
        training.train(work.steps).await?;
        training.loss().await
    });
    let ours = ended.map_err(|fault| fault.0)?;
    let theirs = jax.map_or(String::new(), |jax| format!(", JAX {:.6}", jax.train(work).loss));
    println!("       loss after {} steps: GPU engine {ours:.6}, CPU engine {:.6}{theirs}", work.steps, work.loss());
    Ok(())
}

/// What nobody must miss.
fn loudly(sentence: &str) {
    println!("\n**** {sentence} ****\n");
}
