//! Fleets on the GPU, for the worker.

use crate::engine::fused_gpu::Gpu;
use crate::experiments::event::Event;
use crate::experiments::fleet::{FleetRun, GpuFault};
use crate::experiments::{CheckedSpec, Job, JobCheckpoint};
use crate::model::Parameters;
use crate::platform::NoGpu;
use crate::web::fleets::Trainer;
use crate::web::protocol::{Code, Fault};

impl Trainer for FleetRun {
    type Device = Gpu;

    fn begin(gpu: &Gpu, spec: &CheckedSpec, jobs: Vec<JobCheckpoint>) -> Self {
        Self::resume(gpu, spec, jobs)
    }

    fn appetite(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job], speed: Option<f64>) -> usize {
        Self::appetite(gpu, spec, jobs, speed)
    }

    fn is_done(&self) -> bool {
        self.is_done()
    }

    fn work_done(&self, job: Job) -> f64 {
        self.work_done(job)
    }

    fn speed(&self) -> Option<f64> {
        self.speed()
    }

    fn pretrained(&self, job: Job) -> Option<&Parameters> {
        self.pretrained(job)
    }

    async fn advance(&mut self, millis: f64) -> Result<Vec<(Job, Event)>, Fault> {
        self.advance(millis).await.map_err(lost)
    }

    async fn checkpoint(&self) -> Result<Vec<JobCheckpoint>, Fault> {
        self.checkpoint().await.map_err(lost)
    }
}

/// What the page is told where no GPU could be opened.
pub fn not_opened(why: NoGpu) -> Fault {
    let code = match why.code {
        "no-adapter" => Code::NoAdapter,
        "limits" => Code::Limits,
        _ => Code::InitFailed,
    };
    Fault::new(code, why.text)
}

/// What the page is told of a GPU that failed; what the driver says of it is for the browser's console.
pub fn lost(fault: GpuFault) -> Fault {
    web_sys::console::warn_1(&fault.to_string().into());
    Fault::new(Code::DeviceLost, "The GPU stopped answering, or the browser took it away.")
}
