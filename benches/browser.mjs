// The engine against TensorFlow.js in Chromium, one worker each, on the same work in turns.
//
// node benches/browser.mjs; see benches/README.md.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { needChromium } from '../scripts/setup/browsers.mjs';
import { checkout } from '../scripts/setup/cache.mjs';
import { needPackages } from '../scripts/setup/npm.mjs';
import { main, say } from '../scripts/setup/run.mjs';
import { BARE, buildBareEngine } from './browser/bare.mjs';

const TFJS = join(checkout, 'benches/node_modules/@tensorflow');
const FILES = {
  '/': [null, 'text/html'],
  '/engine.js': [join(BARE, 'engine.js'), 'text/javascript'],
  '/engine.wasm': [join(BARE, 'engine.wasm'), 'application/wasm'],
  '/tfjs.js': [join(checkout, 'benches/browser/tfjs.js'), 'text/javascript'],
  '/tf.min.js': [join(TFJS, 'tfjs/dist/tf.min.js'), 'text/javascript'],
  '/tf-backend-wasm.min.js': [join(TFJS, 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js'), 'text/javascript'],
  '/tfjs-backend-wasm-simd.wasm': [join(TFJS, 'tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'), 'application/wasm'],
};
const NETWORKS = 16, SAMPLES = 512, RATE = 0.002;
// Many short rounds, of which the fastest counts: other programs on the machine only ever add time.
const ROUNDS = 60;
const CASES = [
  { width: 64, relu: false, steps: 8, peerSteps: 1, least: 12 },
  { width: 64, relu: true, steps: 16, peerSteps: 1 },
  { width: 512, relu: false, steps: 1, peerSteps: 1 },
];

await main(async () => {
  await needPackages();
  await needPackages('benches');
  const chromium = await needChromium();
  // Only now is its package there.
  const { launchChromium } = await import('../scripts/chromium.mjs');
  await buildBareEngine();
  const server = createServer(async (request, response) => {
    const [path, type] = FILES[request.url] ?? [];
    response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain' });
    response.end(path ? await readFile(path) : '');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const browser = await launchChromium(chromium);
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    say(`Chromium ${browser.version()}, one worker, ${NETWORKS} networks x ${SAMPLES} samples; ns per sample x unit x step`);
    console.log('          width   engine   TensorFlow.js   ratio   target   loss after equal steps: engine, TensorFlow.js');
    for (const each of CASES) console.log(line(each, await page.evaluate(compare, { ...each, NETWORKS, SAMPLES, RATE, ROUNDS })));
  } finally {
    await browser.close();
    server.close();
  }
});

/** In the page: both workers in turns, the fastest round of each. */
async function compare({ width, relu, steps, peerSteps, NETWORKS, SAMPLES, RATE, ROUNDS }) {
  const ask = (worker, question) =>
    new Promise((answered, failed) => {
      worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : answered(data));
      worker.onerror = (event) => failed(new Error(event.message));
      worker.postMessage(question);
    });
  const engine = new Worker('/engine.js');
  const peer = new Worker('/tfjs.js');
  const work = { networks: NETWORKS, samples: SAMPLES, width, relu, rate: RATE };
  const { starts } = await ask(engine, { ...work, steps: 0 });
  let [ours, theirs] = [Infinity, Infinity];
  let theirLoss;
  for (let round = 0; round < ROUNDS; round++) {
    ours = Math.min(ours, (await ask(engine, { ...work, steps })).milliseconds);
    const answer = await ask(peer, { ...work, starts, steps: peerSteps });
    theirs = Math.min(theirs, answer.milliseconds);
    theirLoss = answer.loss;
  }
  const ourLoss = (await ask(engine, { ...work, steps: peerSteps })).loss;
  engine.terminate();
  peer.terminate();
  const ns = (milliseconds, steps) => (milliseconds * 1e6) / (NETWORKS * SAMPLES * width * steps);
  return { ours: ns(ours, steps), theirs: ns(theirs, peerSteps), ourLoss, theirLoss };
}

function line({ width, relu, least }, { ours, theirs, ourLoss, theirLoss }) {
  const cells = [(relu ? 'ReLU' : 'tanh').padStart(8), String(width).padStart(6), ours.toFixed(3).padStart(8), theirs.toFixed(2).padStart(15)];
  const goal = least ? `>= ${least}` : '';
  return `${cells.join(' ')} ${(theirs / ours).toFixed(1).padStart(7)}   ${goal.padStart(6)}   ${ourLoss.toFixed(6)}, ${theirLoss.toFixed(6)}`;
}
