//! An open GPU.

use cubecl::client::Client;
use cubecl::wgpu::{AutoGraphicsApi, RuntimeOptions, WgpuDevice, WgpuInitError, try_init_setup_async};
use serde::{Deserialize, Serialize};

use super::plan::Room;

/// What there is to know about an adapter before it computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterFacts {
    pub name: String,
    /// `WebGPU`, `Vulkan`, `Metal`, ...
    pub api: String,
    /// `discrete`, `integrated`, `virtual`, `software` or `unknown`.
    pub kind: String,
    /// Bytes of memory that a workgroup has.
    pub workgroup_memory: u32,
    /// Threads that a workgroup may have.
    pub workgroup_threads: u32,
    /// Bytes of the largest buffer that a kernel may be given.
    pub largest_buffer: u64,
}

impl AdapterFacts {
    /// Whether it is a program that plays a GPU: slower than the CPU engine, and never chosen by itself.
    pub fn is_software(&self) -> bool {
        self.kind == "software"
    }

    /// Whether it is Mesa's software rasteriser.
    pub(super) fn is_llvmpipe(&self) -> bool {
        self.name.starts_with("llvmpipe")
    }
}

/// Why there is no GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoGpu {
    /// `no-adapter`, `limits` or `init-failed`.
    pub code: &'static str,
    /// What happened, in a sentence.
    pub text: String,
}

/// Why a GPU gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuFault(pub String);

#[cfg(feature = "autodiff")]
impl From<crate::engine::autodiff::Fault> for GpuFault {
    fn from(fault: crate::engine::autodiff::Fault) -> Self {
        Self(fault.0)
    }
}

impl core::fmt::Display for GpuFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the GPU gives no answer: {}", self.0)
    }
}

/// A device with its queue; clones share it.
#[derive(Clone)]
pub struct Gpu {
    pub(super) client: Client,
    facts: AdapterFacts,
    clock: fn() -> f64,
}

/// What the kernels need of an adapter, as (limit, at least): what WebGPU promises everywhere.
const NEEDED: [(&str, u32); 3] =
    [("storage buffers of a kernel", 8), ("threads of a workgroup", 256), ("bytes of workgroup memory", 16_384)];

impl Gpu {
    /// Opens the most capable adapter; to be called once, since a device cannot be opened twice.
    /// `clock` gives milliseconds; it decides the pace and no result.
    ///
    /// # Errors
    /// Why there is none that can run the kernels.
    pub async fn open(clock: fn() -> f64) -> Result<Self, NoGpu> {
        let device = WgpuDevice::default();
        let options = RuntimeOptions::try_default().map_err(|error| not_opened(&error))?;
        let setup =
            try_init_setup_async::<AutoGraphicsApi>(&device, options).await.map_err(|error| not_opened(&error))?;
        let (info, limits) = (setup.adapter.get_info(), setup.device.limits());
        let facts = AdapterFacts {
            name: info.name,
            api: match info.backend.to_str() {
                "webgpu" => "WebGPU".to_owned(),
                "vulkan" => "Vulkan".to_owned(),
                "metal" => "Metal".to_owned(),
                other => other.to_owned(),
            },
            kind: kind(info.device_type).to_owned(),
            workgroup_memory: limits.max_compute_workgroup_storage_size,
            workgroup_threads: limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x),
            largest_buffer: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
        };
        let offered = [limits.max_storage_buffers_per_shader_stage, facts.workgroup_threads, facts.workgroup_memory];
        for ((limit, needed), offered) in NEEDED.into_iter().zip(offered) {
            if offered < needed {
                let text = format!("The adapter {} offers {offered} {limit}; {needed} are needed.", facts.name);
                return Err(NoGpu { code: "limits", text });
            }
        }
        Ok(Self { client: cubecl::Device::Wgpu(device).client(), facts, clock })
    }

    /// Opens the first CUDA device.
    ///
    /// # Errors
    /// Why there is none; in a build without the feature `cuda` there never is.
    pub fn open_cuda(clock: fn() -> f64) -> Result<Self, NoGpu> {
        /// Bytes of shared memory that a kernel gets without asking for more, on every device.
        const SHARED: usize = 48 << 10;
        let device = cubecl::Device::cuda(0).map_err(|error| NoGpu {
            code: "no-adapter",
            text: format!("No CUDA device could be opened: {error:?}."),
        })?;
        let client = device.client();
        let (hardware, memory) = (&client.properties().hardware, &client.properties().memory);
        let facts = AdapterFacts {
            name: client.properties().identity.name.clone(),
            api: "CUDA".to_owned(),
            kind: "discrete".to_owned(),
            workgroup_memory: hardware.max_shared_memory_size.min(SHARED) as u32,
            workgroup_threads: hardware.max_units_per_cube,
            largest_buffer: memory.max_page_size,
        };
        Ok(Self { client, facts, clock })
    }

    /// The same device, taken for one of another kind: so tests run the kernels of real GPUs on an adapter
    /// that a program plays.
    #[must_use]
    pub fn taken_for(&self, kind: &str) -> Self {
        let mut other = self.clone();
        kind.clone_into(&mut other.facts.kind);
        other
    }

    /// The same device, for tensors: what it computes for burn and for the kernels here, it computes in one queue.
    #[cfg(feature = "autodiff")]
    pub fn as_burn_knows_it(&self) -> burn_tensor::Device {
        burn_tensor::Device::wgpu(burn_tensor::DeviceKind::DefaultDevice)
    }

    /// What the adapter is and offers.
    pub fn facts(&self) -> &AdapterFacts {
        &self.facts
    }

    /// Milliseconds since some fixed moment.
    pub fn now_millis(&self) -> f64 {
        (self.clock)()
    }

    /// What a workgroup may use.
    pub(super) fn room(&self) -> Room {
        Room {
            memory: self.facts.workgroup_memory as usize,
            threads: self.facts.workgroup_threads as usize,
            software: self.facts.is_software(),
        }
    }
}

fn kind(of: cubecl::wgpu::wgpu::DeviceType) -> &'static str {
    use cubecl::wgpu::wgpu::DeviceType;
    match of {
        DeviceType::DiscreteGpu => "discrete",
        DeviceType::IntegratedGpu => "integrated",
        DeviceType::VirtualGpu => "virtual",
        DeviceType::Cpu => "software",
        DeviceType::Other => "unknown",
    }
}

fn not_opened(error: &WgpuInitError) -> NoGpu {
    let code = match error {
        WgpuInitError::AdapterUnavailable { .. } => "no-adapter",
        _ => "init-failed",
    };
    NoGpu { code, text: format!("No GPU could be opened: {error}.") }
}
