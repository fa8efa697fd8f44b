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
const ROUNDS = 3;
const DISPATCHES = 1000, SETTLED = 200, FEW = 16;

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
    const speed = await page.evaluate(compare, { NETWORKS, SAMPLES, WIDTH, RATE, ROUNDS, GRADIENTS: Object.keys(GRADIENTS) });
    printSpeed(speed);
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

/** In the page: both workers in turns, the fastest round of each. */
async function compare({ NETWORKS, SAMPLES, WIDTH, RATE, ROUNDS, GRADIENTS }) {
  const engine = window.startWorker('gpu.js');
  const { adapter, starts, x, y } = await engine({ ask: 'open', networks: NETWORKS, samples: SAMPLES, width: WIDTH, rate: RATE });
  const { stepsPerDispatch } = await engine({ ask: 'begin', networks: NETWORKS });
  const floors = await engine({ ask: 'floors', stepsPerDispatch });
  const steps = 8, cpuSteps = 4000;
  const perUnit = (milliseconds, networks, steps) => (milliseconds * 1e6) / (networks * SAMPLES * WIDTH * steps);

  const burn = window.startWorker('burn.js');
  const peers = {};
  let ours = Infinity, cpu = Infinity, losses;
  for (const gradient of GRADIENTS) {
    await burn({ work: { networks: NETWORKS, width: WIDTH, x, y, starts, rate: RATE, gradient }, steps: 1 });
    let [fastest, loss] = [Infinity, NaN];
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = await burn({ steps: 1 });
      fastest = Math.min(fastest, perUnit(theirs.milliseconds, NETWORKS, 1));
      loss = theirs.loss;
      ours = Math.min(ours, perUnit((await engine({ ask: 'train', steps })).milliseconds, NETWORKS, steps));
      cpu = Math.min(cpu, perUnit((await engine({ ask: 'cpu', steps: cpuSteps })).milliseconds, 1, cpuSteps));
    }
    peers[gradient] = { ns: fastest, loss };
  }
  await engine({ ask: 'begin', networks: NETWORKS });
  await engine({ ask: 'train', steps: 1 + ROUNDS });
  const { loss } = await engine({ ask: 'loss' });
  window.engine = engine;
  return { adapter, stepsPerDispatch, floors, ours, cpu, peers, loss };
}

/** Bytes before and after a thousand dispatches: of the worker's module, of the page's and the GPU's process. */
async function memory(browser, page) {
  const dispatch = (count) => page.evaluate((count) => window.engine({ ask: 'dispatches', count }), count);
  await page.evaluate((networks) => window.engine({ ask: 'begin', networks }), FEW);
  const look = async (count) => ({ ...(await dispatch(count)), ...(await residentBytes(browser)) });
  // The first dispatches fill pools.
  return { before: await look(SETTLED), after: await look(DISPATCHES) };
}

function printSpeed({ floors, stepsPerDispatch, ours, cpu, peers, loss }) {
  console.log(`${NETWORKS} networks x ${SAMPLES} samples x width ${WIDTH}, tanh, ${stepsPerDispatch} steps a dispatch; ns per sample x unit x step`);
  console.log(`fused GPU engine              ${ours.toFixed(2).padStart(9)}   target < ${MOST_NS}   floor: arithmetic ${floors.arithmetic.toFixed(2)}, bytes ${floors.bytes.toFixed(4)}   loss ${loss.toFixed(6)}`);
  console.log(`CPU engine, one worker        ${cpu.toFixed(2).padStart(9)}`);
  const fastest = Math.min(...Object.values(peers).map(({ ns }) => ns));
  for (const [gradient, name] of Object.entries(GRADIENTS)) {
    const { ns, loss } = peers[gradient];
    const target = ns === fastest ? `   target >= ${LEAST} times` : '';
    console.log(`burn, ${name.padEnd(24)}${ns.toFixed(2).padStart(9)}   ${(ns / ours).toFixed(1).padStart(6)} times ours   loss ${loss.toFixed(6)}${target}`);
  }
}

function printMemory({ before, after }) {
  console.log(`\nMemory over ${DISPATCHES} dispatches, after ${SETTLED} to settle (target: flat); MB`);
  for (const name of Object.keys(before)) {
    const [from, to] = [before[name], after[name]].map((bytes) => bytes / 1e6);
    console.log(`${name.padEnd(24)}${from.toFixed(1).padStart(9)} -> ${to.toFixed(1)}   (${to >= from ? '+' : ''}${(to - from).toFixed(1)})`);
  }
}
