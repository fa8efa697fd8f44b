//! Runs the jobs of a spec on the device that was asked for.

mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;

use indicatif::{ProgressBar, ProgressStyle};

use super::cli::{DeviceChoice, Failure};
use crate::error::{Problem, Problems};
use crate::experiments::job::work;
use crate::experiments::{CheckedSpec, Results};
use crate::platform::now_millis;
use crate::record::Timing;

/// A finished run.
pub struct Ran {
    pub results: Results,
    pub timing: Timing,
    /// What computed, in words.
    pub device: String,
}

/// Runs every job; progress goes to standard error.
///
/// # Errors
/// A device that is not there, or that gives out.
pub fn execute(spec: &CheckedSpec, device: DeviceChoice) -> Result<Ran, Failure> {
    if let Some(reason) = spec.only_on_cpu().filter(|_| device != DeviceChoice::Cpu) {
        return Err(refused(device.name(), format!("cpu for this run: {}", reason.sentence())));
    }
    let started = now_millis();
    let bar = ProgressBar::new(work(spec) as u64);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} %, {msg}, {eta} left") {
        bar.set_style(style);
    }
    let (results, workers, device) = match device {
        DeviceChoice::Cpu => cpu::run(spec, &bar),
        #[cfg(feature = "gpu")]
        DeviceChoice::Gpu => gpu::run(spec, &bar, gpu::open()?)?,
        #[cfg(feature = "cuda")]
        DeviceChoice::Cuda if spec.is_deep() => return Err(refused("cuda", "cpu or gpu for deep networks".to_owned())),
        #[cfg(feature = "cuda")]
        DeviceChoice::Cuda => gpu::run(spec, &bar, gpu::open_cuda()?)?,
        #[cfg(not(feature = "gpu"))]
        DeviceChoice::Gpu => return Err(not_built("gpu")),
        #[cfg(not(feature = "cuda"))]
        DeviceChoice::Cuda => return Err(not_built("cuda")),
    };
    bar.finish_and_clear();
    Ok(Ran { results, timing: Timing { seconds: (now_millis() - started) / 1e3, workers }, device })
}

#[cfg(not(all(feature = "gpu", feature = "cuda")))]
fn not_built(feature: &str) -> Failure {
    let accepted = format!("cpu in this build; `cargo build --release --features {feature}` makes one that has it");
    refused(feature, accepted)
}

fn refused(device: &str, accepted: String) -> Failure {
    Failure::Input(Problems(vec![Problem::new("device", device, accepted)]))
}
