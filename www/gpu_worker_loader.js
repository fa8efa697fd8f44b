// The GPU worker's beginning: looks for a GPU in the worker that would use it, before anything large is fetched.
// Says { Found } or { Failed } by itself; told "Load", it fetches the engine, saying { Loading } on the way, and
// hands over to it. The messages are those of src/web/protocol.rs.
const BYTES = 0; // size of ./gpu_worker_bg.wasm, which the build writes here: a packed answer does not tell it

// What every WebGPU device must offer; less is a compatibility mode.
const NEEDED = {
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxStorageBuffersPerShaderStage: 8,
};
const ACTED = /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render/i;

const failed = (code, text) => postMessage({ Failed: { token: 0, fault: { code, text } } });

async function look() {
  if (!isSecureContext) {
    return failed('insecure', 'This page came over plain http, and browsers offer WebGPU on https or localhost only. Everything works without it.');
  }
  if (!navigator.gpu) {
    // The page starts this worker under a name that says what it sees itself.
    return self.name === 'page-has-gpu'
      ? failed('worker-no-gpu', 'This browser has WebGPU for pages and not for their workers, where Lethe computes. Some let it be switched on separately.')
      : failed('no-api', 'This browser has no WebGPU: it is too old for it, or has it switched off.');
  }
  let adapter;
  try {
    adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    return failed('no-adapter', `This browser has WebGPU and gave no GPU: ${error.message}.`);
  }
  if (!adapter) {
    return failed('no-adapter', 'This browser has WebGPU and found no GPU that it trusts: its driver is blocked, or hardware acceleration is off.');
  }
  const { info, limits } = adapter;
  for (const [name, needed] of Object.entries(NEEDED)) {
    if (!(limits[name] >= needed)) {
      return failed('limits', `The GPU of this device is too small: ${name} is ${limits[name]}, and Lethe needs ${needed}.`);
    }
  }
  const said = [info?.vendor, info?.architecture, info?.device].filter(Boolean).join(' ');
  const name = info?.description || said || 'a GPU without a name';
  postMessage({
    Found: {
      name,
      software: Boolean(info?.isFallbackAdapter ?? adapter.isFallbackAdapter) || ACTED.test(`${name} ${said}`),
      workgroup_memory: limits.maxComputeWorkgroupStorageSize,
      workgroup_threads: limits.maxComputeInvocationsPerWorkgroup,
      largest_buffer: limits.maxBufferSize,
      engine_bytes: BYTES,
    },
  });
}

/** The engine's wasm with its bytes counted on their way; it is compiled while it arrives. */
async function fetched() {
  const response = await fetch(new URL('./gpu_worker_bg.wasm', import.meta.url));
  if (!response.ok) throw new Error(`its file could not be loaded (status ${response.status})`);
  let bytes = 0;
  let told = 0;
  const counted = response.body.pipeThrough(new TransformStream({
    transform(part, controller) {
      bytes += part.byteLength;
      if (performance.now() - told > 50) {
        told = performance.now();
        postMessage({ Loading: { bytes, of: BYTES } });
      }
      controller.enqueue(part);
    },
  }));
  return new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
}

async function load() {
  try {
    postMessage({ Loading: { bytes: 0, of: BYTES } });
    watchDevices();
    const { default: init } = await import('./gpu_worker.js');
    await init({ module_or_path: await fetched() });
  } catch (error) {
    failed('init-failed', `The GPU engine could not be started: ${error.message ?? error}.`);
  }
}

/** Says so when the browser takes a device away, whatever the engine is waiting for at that moment. */
function watchDevices() {
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...asked) {
    const device = await request.apply(this, asked);
    device.lost.then(({ message }) => {
      failed('device-lost', `The browser took the GPU away${message ? `: ${message.replace(/\.\s*$/, '')}` : ''}.`);
    });
    return device;
  };
}

onmessage = ({ data }) => {
  if (data === 'Load') load();
};
look();
