// The fused GPU engine against burn, one tensor operation after the other, on Chromium's software
// adapter; and its memory over a thousand dispatches.
//
// node benches/gpu.mjs; see benches/README.md. No GPU is measured here: cargo bench --bench gpu is for that.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { serve } from '../scripts/serve.mjs';
import { needChromium } from '../scripts/setup/browsers.mjs';
import { checkout, target } from '../scripts/setup/cache.mjs';
import { needPackages } from '../scripts/setup/npm.mjs';
import { main, Refusal, run, say } from '../scripts/setup/run.mjs';
import { needWasmBindgen } from '../scripts/setup/rust.mjs';
import { residentBytes } from './browser/memory.mjs';

const WASM = 'wasm32-unknown-unknown';
const OUT = join(target, 'bench', 'gpu');
const NETWORKS = 256, SAMPLES = 512, WIDTH = 64, RATE = 0.002;
const LEAST = 20, MOST_NS = 10;
const GRADIENTS = { 'by-hand': 'by hand, matrix products', 'by-hand-in-sums': 'by hand, sums', autodiff: 'burn\'s autodiff' };
// The fastest of some rounds counts: other programs on the machine only ever add time. A step of the
// peer takes seconds.
const ROUNDS = 2;
const DISPATCHES = 1000, SETTLED = 200, FEW = 16;
const FLAT_MB = 16; // what a process holds comes and goes by some megabytes

await main(async () => {
  await needPackages();
  await needWasmBindgen();
  const chromium = await needChromium();
  // Only now is its package there.
  const { launchChromium } = await import('../scripts/chromium.mjs');
  const { SOFTWARE_GPU, softwareGpu } = await import('../scripts/software-gpu.mjs');
  const adapter = await softwareGpu(chromium);
  if (!adapter) throw new Refusal('SKIPPED: this Chromium has no software WebGPU adapter, so the GPU engine was not compared with burn');
  await build();
  const busy = loadavg()[0];
  const server = await serve({ mounts: { '/': join(checkout, 'benches/browser'), '/gpu/': join(OUT, 'gpu'), '/burn_peer/': join(OUT, 'burn_peer') } });
  const browser = await launchChromium(chromium, SOFTWARE_GPU);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/bench.html`);
    say(`Chromium ${browser.version()}, adapter ${adapter}; a program that plays a GPU, so compare ratios, not times`);
    if (busy > 0.5) say(`other programs kept ${busy.toFixed(1)} cores busy before this began: times are too long, ratios less so`);
    await speed(page);
    printMemory(await memory(browser, page));
  } finally {
    await browser.close();
    await server.close();
  }
});

async function build() {
  const bindgen = (from, name) => run('wasm-bindgen', ['--target', 'web', '--no-typescript', '--out-dir', join(OUT, name), from]);
  say('building the GPU engine for the browser');
  await run('cargo', ['build', '--locked', '--release', '--target', WASM, '--no-default-features', '--features', 'gpu', '--example', 'bench_gpu_wasm']);
  await bindgen(join(target, WASM, 'release/examples/bench_gpu_wasm.wasm'), 'gpu');
  say('building burn for the browser (the first time some ten minutes)');
  const own = join(target, 'burn_peer');
  await run('cargo', ['build', '--locked', '--release', '--target', WASM], { cwd: join(checkout, 'benches/browser/burn_peer'), env: { CARGO_TARGET_DIR: own } });
  await bindgen(join(own, WASM, 'release/burn_peer.wasm'), 'burn_peer');
}

/** In the page: starts both workers; the floors of the device. */
async function open({ NETWORKS, SAMPLES, WIDTH, RATE }) {
  window.engine = window.startWorker('gpu.js');
  window.burn = window.startWorker('burn.js');
  window.opened = await window.engine({ ask: 'open', networks: NETWORKS, samples: SAMPLES, width: WIDTH, rate: RATE });
  const { stepsPerDispatch } = await window.engine({ ask: 'begin', networks: NETWORKS });
  return { stepsPerDispatch, floors: await window.engine({ ask: 'floors', stepsPerDispatch }) };
}

/** In the page: the engines and one peer in turns, the fastest round of each. */
async function compare({ NETWORKS, SAMPLES, WIDTH, RATE, ROUNDS, gradient }) {
  const { engine, burn, opened: { starts, x, y } } = window;
  const steps = 8, cpuSteps = 4000;
  const perUnit = ({ milliseconds }, networks, steps) => (milliseconds * 1e6) / (networks * SAMPLES * WIDTH * steps);
  await engine({ ask: 'begin', networks: NETWORKS });
  // The first step of the peer waits for the compilation of its kernels.
  let theirs = await burn({ work: { networks: NETWORKS, width: WIDTH, x, y, starts, rate: RATE, gradient }, steps: 1 });
  const least = { ours: Infinity, cpu: Infinity, burn: Infinity };
  const time = (name, ns) => { least[name] = Math.min(least[name], ns); };
  for (let round = 0; round < ROUNDS; round++) {
    theirs = await burn({ steps: 1 });
    time('burn', perUnit(theirs, NETWORKS, 1));
    time('ours', perUnit(await engine({ ask: 'train', steps }), NETWORKS, steps));
    time('cpu', perUnit(await engine({ ask: 'cpu', steps: cpuSteps }), 1, cpuSteps));
  }
  await engine({ ask: 'begin', networks: NETWORKS });
  await engine({ ask: 'train', steps: 1 + ROUNDS });
  const { loss } = await engine({ ask: 'loss' });
  return { ...least, loss, theirLoss: theirs.loss };
}

/** Bytes before and after a thousand dispatches: of the worker's module, of the page's and the GPU's process. */
async function memory(browser, page) {
  const dispatch = (count) => page.evaluate((count) => window.engine({ ask: 'dispatches', count }), count);
  await page.evaluate((networks) => window.engine({ ask: 'begin', networks }), FEW);
  const look = async (count) => ({ ...(await dispatch(count)), ...(await residentBytes(browser)) });
  // The first dispatches fill pools.
  return { before: await look(SETTLED), after: await look(DISPATCHES) };
}

async function speed(page) {
  const sizes = { NETWORKS, SAMPLES, WIDTH, RATE, ROUNDS };
  const { stepsPerDispatch, floors } = await page.evaluate(open, sizes);
  console.log(`${NETWORKS} networks x ${SAMPLES} samples x width ${WIDTH}, tanh; ns per sample x unit x step; ${stepsPerDispatch} steps a dispatch`);
  console.log(`the device at best: arithmetic ${floors.arithmetic.toFixed(2)}, bytes ${floors.bytes.toFixed(4)}`);
  console.log('burn\'s gradient              GPU engine (target)   CPU engine, one worker      burn   burn / GPU engine   loss after equal steps: GPU engine, burn');
  const ratios = [];
  for (const [gradient, name] of Object.entries(GRADIENTS)) {
    const { ours, cpu, burn, loss, theirLoss } = await page.evaluate(compare, { ...sizes, gradient });
    ratios.push(burn / ours);
    const cells = [ours.toFixed(2).padStart(12), `(< ${MOST_NS})`.padStart(8), cpu.toFixed(2).padStart(24), burn.toFixed(1).padStart(9), (burn / ours).toFixed(1).padStart(19)];
    console.log(`${name.padEnd(25)}${cells.join(' ')}   ${loss.toFixed(6)}, ${theirLoss.toFixed(6)}`);
  }
  console.log(`against burn at its fastest: ${Math.min(...ratios).toFixed(1)} times (target >= ${LEAST})`);
}

function printMemory({ before, after }) {
  console.log(`\nMemory over ${DISPATCHES} dispatches, after ${SETTLED} to settle (target: flat, which is at most +${FLAT_MB}); MB`);
  const grown = [];
  for (const name of Object.keys(before)) {
    const [from, to] = [before[name], after[name]].map((bytes) => bytes / 1e6);
    console.log(`${name.padEnd(24)}${from.toFixed(1).padStart(9)} -> ${to.toFixed(1)}   (${to >= from ? '+' : ''}${(to - from).toFixed(1)})`);
    if (to - from > FLAT_MB) grown.push(name);
  }
  if (grown.length > 0) throw new Error(`memory is not flat: ${grown.join(', ')}`);
}
