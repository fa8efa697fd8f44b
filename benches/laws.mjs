// The experiment `laws` in the built page: the default run on two workers, a thousand resamples of its fits, and steps of LoRA
// in one worker, beside PEFT eager in a process of its own in turns.
//
// node benches/laws.mjs; see benches/README.md. It measures dist/ as `make site` left it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { serve } from '../scripts/serve.mjs';
import { needChromium } from '../scripts/setup/browsers.mjs';
import { checkout } from '../scripts/setup/cache.mjs';
import { needPackages } from '../scripts/setup/npm.mjs';
import { main, Refusal, say } from '../scripts/setup/run.mjs';

const DIST = join(checkout, 'dist');
const WORKERS = 2;
const MOST_SECONDS = 90; // the default run, evaluations included
const MOST_RESAMPLING = 3; // a thousand resamples
const LEAST_SHARE = 1 / 6; // of PEFT's tokens a second, one worker
const [ROUNDS, STEPS] = [4, 40];
// The default base, and a step of 8 windows of 32 tokens.
const RANK = 8, SEQUENCES = 8, TIME = 32;
const CONFIG = {
  vocab_size: 357, hidden_size: 48, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4,
  num_key_value_heads: 4, max_position_embeddings: TIME, tie_word_embeddings: false,
};
const TOKENS = SEQUENCES * TIME;

/** PEFT, or null where no Python has it. */
async function startPeer() {
  const python = process.env.LETHE_TORCH_PYTHON;
  if (!python) return null;
  const child = spawn(python, [join(checkout, 'benches/llama_peer.py'), String(availableParallelism())], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Refusal(`${python} benches/llama_peer.py ended; does it have torch, transformers and peft?`);
    return value;
  };
  const version = (await line()).replace('ready: ', '');
  return {
    version,
    seconds: async () => {
      child.stdin.write(`${JSON.stringify({ config: CONFIG, rank: RANK, sequences: SEQUENCES, time: TIME, steps: STEPS })}\n`);
      return JSON.parse(await line()).seconds;
    },
    close: () => child.kill(),
  };
}

/** In the page: the default run, from the press of Run to its fits. */
async function defaultRun() {
  const begin = performance.now();
  const report = await window.lethe.laws.run('#v=1&x=laws');
  const all = (performance.now() - begin) / 1000;
  return { all, training: window.lethe.laws.state().seconds, headline: report.headline };
}

/** In the page: the laws of the run's table fitted, and a thousand resamples, with the warm-up that imported tables have. */
async function resampled() {
  const { laws } = window.lethe;
  await laws.forget();
  await laws.import('default.csv', await laws.csv(), { skipBadRows: true });
  const begin = performance.now();
  const { statements } = await laws.own();
  return { seconds: (performance.now() - begin) / 1000, statements };
}

/** In the page: seconds of a step, the fastest of some turns without a measurement, in a worker of its own; null where the run
 * ends before there are so many. */
async function stepOf({ RANK, rounds }) {
  const { desk, base } = window.letheTraining;
  const trainer = desk();
  const file = 'medium-0';
  await trainer.ask({ base: { file, bytes: await base(file) } });
  await trainer.ask({ begin: { link: `#v=1&x=laws&r=${RANK}&s=0&ft=4000`, cell: 0, seed: 0 } });
  let [fastest, last] = [Infinity, 0];
  for (let round = 0; round < rounds;) {
    const begin = performance.now();
    const { step, events, done } = await trainer.ask({ advance: { millis: 200 } });
    const taken = step - last;
    last = step;
    if (done) {
      fastest = null;
      break;
    }
    if (events.length > 0 || taken === 0) continue;
    fastest = Math.min(fastest, (performance.now() - begin) / 1000 / taken);
    round += 1;
  }
  trainer.end(new Error('measured'));
  return fastest;
}

await main(async () => {
  if (!existsSync(join(DIST, 'index.html'))) throw new Refusal('dist/ is not built: run `make site` first');
  await needPackages();
  const chromium = await needChromium();
  // Only now is its package there.
  const { launchChromium } = await import('../scripts/chromium.mjs');
  const server = await serve({ mounts: { '/': DIST } });
  const browser = await launchChromium(chromium);
  const peer = await startPeer();
  try {
    const context = await browser.newContext();
    await context.addInitScript((cores) => {
      Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => cores });
    }, WORKERS);
    const page = await context.newPage();
    await page.goto(`${server.origin}/`);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    await page.waitForFunction(() => window.lethe?.laws);
    say(`Chromium ${browser.version()}; ${peer ? `${peer.version}, eager, ${availableParallelism()} threads` : 'SKIPPED the comparison: LETHE_TORCH_PYTHON names no Python'}`);
    const run = await page.evaluate(defaultRun);
    console.log(`default run, ${WORKERS} workers: ${run.all.toFixed(1)} s, of which training and measuring ${run.training.toFixed(1)} s   target < ${MOST_SECONDS}`);
    const { seconds, statements } = await page.evaluate(resampled);
    const told = (id) => statements.find((each) => each.id === id)?.text ?? '';
    if (!told('line').includes('1,000 resamples') || !told('powers')) throw new Refusal('the joint law of its runs was not resampled a thousand times');
    console.log(`the joint law of its table, first fit and a thousand resamples: ${seconds.toFixed(2)} s   target < ${MOST_RESAMPLING}`);
    let [own, theirs] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      const step = await page.evaluate(stepOf, { RANK, rounds: 4 });
      if (step === null) throw new Refusal('a run of 4,000 steps ended before four turns of nothing but training');
      own = Math.min(own, step);
      if (peer) theirs = Math.min(theirs, await peer.seconds());
    }
    const ratio = peer ? `, PEFT ${(TOKENS / theirs).toFixed(0)}: ratio ${(theirs / own).toFixed(2)}   target > ${LEAST_SHARE.toFixed(2)}` : '';
    console.log(`steps of LoRA in one worker: ${(TOKENS / own).toFixed(0)} tokens a second${ratio}`);
  } finally {
    peer?.close();
    await browser.close();
    await server.close();
  }
});
