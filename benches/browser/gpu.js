// The fused GPU engine in a worker of its own.
import init, { Bench } from './gpu/bench_gpu_wasm.js';

let bench;
let memory;

const answers = {
  async open({ networks, samples, width, rate }) {
    ({ memory } = await init());
    bench = await Bench.open(networks, samples, width, rate);
    const examples = Array.from(bench.examples());
    const [x, y] = [examples.slice(0, samples), examples.slice(samples)];
    return { adapter: bench.adapter(), starts: Array.from(bench.starts()), x, y };
  },
  begin: async ({ networks }) => ({ stepsPerDispatch: await bench.begin(networks) }),
  async train({ steps }) {
    const begin = performance.now();
    await bench.train(steps);
    return { milliseconds: performance.now() - begin };
  },
  /** One step a dispatch, each waited for, as a sweep does. */
  async dispatches({ count }) {
    for (let k = 0; k < count; k++) await bench.train(1);
    return { 'worker\'s wasm': memory.buffer.byteLength };
  },
  async cpu({ steps }) {
    const begin = performance.now();
    if (!bench.train_on_cpu(steps)) throw new Error('the CPU engine diverged');
    return { milliseconds: performance.now() - begin };
  },
  loss: async () => ({ loss: await bench.loss() }),
  async floors({ stepsPerDispatch }) {
    const [arithmetic, bytes] = await bench.floors(stepsPerDispatch);
    return { arithmetic, bytes };
  },
};

onmessage = async ({ data }) => {
  try {
    postMessage(await answers[data.ask](data));
  } catch (error) {
    postMessage({ error: error.stack ?? String(error) });
  }
};
