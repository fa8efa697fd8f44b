// How the built page's pool of CPU workers scales, beside bare workers of the same engine in turns.
//
// node benches/scaling.mjs; see benches/README.md. It measures dist/ as `make site` left it.
import { existsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { serve } from '../scripts/serve.mjs';
import { needChromium } from '../scripts/setup/browsers.mjs';
import { checkout } from '../scripts/setup/cache.mjs';
import { needPackages } from '../scripts/setup/npm.mjs';
import { main, Refusal, say } from '../scripts/setup/run.mjs';
import { BARE, buildBareEngine } from './browser/bare.mjs';

const DIST = join(checkout, 'dist');
const CPU_WORKER = /\/worker-[0-9a-f]+_loader\.js/;
const LEAST = 0.85; // of k times one worker
const MOST = 16; // workers of the page, however many cores there are
// Many short rounds, of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS = 10;
const JOBS_PER_WORKER = 16;
const WIDTH = 64, SAMPLES = 256, PRE = 2000, FT = 500; // as long as a default run
// Fine-tuning without replay sees the examples of one class.
const WORK_OF_JOB = WIDTH * SAMPLES * (2 * PRE + FT);

const cores = availableParallelism();
const busy = loadavg()[0];
const counts = [...new Set([1, 2, 4, 8, MOST, cores])].filter((k) => k <= Math.min(cores, MOST)).sort((a, b) => a - b);

await main(async () => {
  if (!existsSync(join(DIST, 'index.html'))) throw new Refusal('dist/ is not built: run `make site` first');
  await needPackages();
  const chromium = await needChromium();
  // Only now is its package there.
  const { launchChromium } = await import('../scripts/chromium.mjs');
  await buildBareEngine();
  const server = await serve({ mounts: { '/': DIST, '/bare/': BARE } });
  const browser = await launchChromium(chromium);
  try {
    const lanes = [];
    for (const k of counts) lanes.push(await openLane(browser, server.origin, k));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const lane of lanes) await turn(lane, round);
    }
    print(browser, lanes);
  } finally {
    await browser.close();
    await server.close();
  }
});

/** A page that believes in `k` cores, and `k` bare workers in a page of their own. */
async function openLane(browser, origin, k) {
  const context = await browser.newContext();
  await context.addInitScript((cores) => {
    Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => cores });
  }, k);
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  const bare = await context.newPage();
  await bare.goto(`${origin}/bare/`);
  await bare.evaluate(startBare, { k, WIDTH, SAMPLES });
  return { k, page, bare, pool: Infinity, alone: Infinity };
}

/** One round of both; round 0 starts the workers and is not counted. */
async function turn(lane, round) {
  const { k, page, bare } = lane;
  const first = round * JOBS_PER_WORKER * MOST;
  const seeds = `${first}..${first + JOBS_PER_WORKER * k - 1}`;
  // New seeds each time, so that nothing is there already.
  const link = `#v=1&x=dynamics&dev=cpu&w=${WIDTH}&act=tanh&n=${SAMPLES}&pre=${PRE}&ft=${FT}&s=${seeds}`;
  await page.bringToFront();
  const pool = await page.evaluate(timeRun, link);
  const workers = page.workers().filter((worker) => CPU_WORKER.test(worker.url())).length;
  if (workers !== k) throw new Error(`the page has ${workers} CPU workers instead of ${k}`);
  await bare.bringToFront();
  const steps = Math.round((JOBS_PER_WORKER * WORK_OF_JOB) / (WIDTH * 2 * SAMPLES));
  const alone = await bare.evaluate((steps) => window.timeBare(steps), steps);
  if (round === 0) return;
  lane.pool = Math.min(lane.pool, pool);
  lane.alone = Math.min(lane.alone, alone);
}

/** In the page: milliseconds from asking for a run to its end. */
async function timeRun(link) {
  const root = document.documentElement;
  const begin = performance.now();
  return new Promise((ended, failed) => {
    const observer = new MutationObserver(() => {
      const { state } = root.dataset;
      if (state === 'running' || state === 'loading') return;
      observer.disconnect();
      if (state === 'finished') ended(performance.now() - begin);
      else failed(new Error(`the run ended as ${state}`));
    });
    window.lethe.run(link);
    observer.observe(root, { attributeFilter: ['data-state'] });
  });
}

/** In the bare page: workers that train one network each, without a pool or a figure. */
async function startBare({ k, WIDTH, SAMPLES }) {
  const ask = (worker, question) =>
    new Promise((answered, failed) => {
      worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : answered(data));
      worker.onerror = (event) => failed(new Error(event.message));
      worker.postMessage(question);
    });
  const work = { networks: 1, samples: 2 * SAMPLES, width: WIDTH, relu: false, rate: 0.002 };
  const workers = Array.from({ length: k }, () => new Worker('engine.js'));
  const all = (steps) => Promise.all(workers.map((worker) => ask(worker, { ...work, steps })));
  await all(0);
  window.timeBare = async (steps) => {
    const begin = performance.now();
    await all(steps);
    return performance.now() - begin;
  };
}

function print(browser, lanes) {
  const speed = (k, milliseconds) => (JOBS_PER_WORKER * k * WORK_OF_JOB) / milliseconds / 1e6;
  const [one] = lanes;
  say(`Chromium ${browser.version()}, ${cores} cores; runs of ${JOBS_PER_WORKER} networks per worker, width ${WIDTH}, tanh`);
  console.log('          the page\'s pool                                                  bare workers (the floor)');
  console.log('workers   1e9 units/s   ns per unit   times one   per worker   target     ns per unit   times one   per worker');
  for (const { k, pool, alone } of lanes) {
    const half = (milliseconds, base) => {
      const times = speed(k, milliseconds) / speed(1, base);
      return [(1 / speed(k, milliseconds)).toFixed(3).padStart(11), times.toFixed(2).padStart(11), (times / k).toFixed(2).padStart(12)];
    };
    const goal = k === 1 ? '' : `>= ${LEAST}`;
    const ours = [String(k).padStart(7), speed(k, pool).toFixed(3).padStart(13), ...half(pool, one.pool)];
    console.log(`${ours.join(' ')}   ${goal.padStart(7)}   ${half(alone, one.alone).join(' ')}`);
  }
  if (busy > cores / 4) say(`other programs kept ${busy.toFixed(1)} cores busy before this began: read the ratios beside those of the bare workers`);
  if (cores === 1) say('SKIPPED: this machine has one core, so no scaling was measured');
  console.log('A unit is sample x unit x step. Where bare workers reach no more, the machine gives no more.');
}
