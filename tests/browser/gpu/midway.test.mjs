// A run that comes to the GPU in the middle, by choice or by another visit, or goes back there: its jobs go on
// from where they stand, wherever that is. `tests/workers/` has the same laws for every order of events.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage } from '../lab.mjs';
import { finish, reach, recordOf, settle, told } from '../runs.mjs';
import { TOLERANCE, difference, startGpuLab } from './gpu_lab.mjs';

// Some seconds of the CPU, in jobs of three branches.
const LONG = '#v=1&x=replay&w=96&p=0,0.1,0.5&n=96&pre=6000&ft=4000&s=0..7';
// So long for one worker that it is kept, which a run is from its second second on, with much left to do.
const KEPT = '#v=1&x=replay&w=96&p=0,0.1,0.5&n=96&pre=6000&ft=4000&s=0..19';
// More points than one portion tells at every checkpoint: 120 jobs of eight branches, small enough for a program.
const MANY = '#v=1&x=replay&w=4&p=0,0.05,0.1,0.2,0.3,0.4,0.5,0.6&n=8&pre=60&ft=40&s=0..119';
const PATIENCE = { timeout: 300_000 };

let lab;
before(async () => {
  lab = await startGpuLab();
});
after(() => lab?.close());

const progress = (page) => page.evaluate(() => document.querySelector('progress').value);
const past = (page, share) => page.waitForFunction((least) => document.querySelector('progress').value > least, share, PATIENCE);
const rewindable = (page, yes) => page.waitForFunction(
  (wanted) => document.getElementById('rewind').hasAttribute('aria-disabled') !== wanted, yes, PATIENCE);

/** Puts down what the page tells its workers: what jobs are begun with, and what workers refuse. */
async function listen(context) {
  await context.addInitScript(() => {
    window.heard = { starts: 0, refused: 0, rewound: 0 };
    const { Worker } = window;
    window.Worker = class extends Worker {
      constructor(...options) {
        super(...options);
        this.addEventListener('message', ({ data }) => {
          if (data.Failed) window.heard.refused += 1;
        });
      }

      postMessage(message, ...rest) {
        if (message.Start) window.heard.starts += 1;
        if (message.Rewind) window.heard.rewound += 1;
        return super.postMessage(message, ...rest);
      }
    };
  });
}
const heard = (page) => page.evaluate(() => window.heard);

/** The record of a run on the CPU alone. */
async function exact(link) {
  const { page, close } = await openPage(lab, `/${link}&dev=cpu`);
  await finish(page);
  const record = await recordOf(page);
  assert.equal(record.engine, 'fused-cpu');
  await close();
  return record;
}

/** Fails unless the run has ended on the GPU, with the CPU's numbers and no refusal on the way. */
async function assertEnded(page, watch, expected) {
  await finish(page);
  const record = await recordOf(page);
  assert.match(record.engine, /fused-gpu/);
  const apart = difference(expected, record);
  assert.ok(apart <= TOLERANCE, `${apart} apart`);
  expected.series.forEach((own, k) => {
    assert.deepEqual(record.series[k].fine_tuning.map(({ steps }) => steps), own.fine_tuning.map(({ steps }) => steps), 'every point once');
  });
  assert.equal((await heard(page)).refused, 0, 'a state was refused');
  assert.equal((await told(page)).gpu_fault, null);
  assert.deepEqual((await told(page)).notices, []);
  assertClean(watch);
}

/** In the page: whether a run lies in the browser's store. */
const kept = () => new Promise((resolve) => {
  const request = indexedDB.open('lethe', 1);
  request.onupgradeneeded = () => request.transaction.abort(); // nobody has made it yet
  request.onerror = () => resolve(false);
  request.onsuccess = () => {
    const count = request.result.transaction('jobs').objectStore('jobs').count();
    count.onsuccess = () => {
      request.result.close();
      resolve(count.result > 0);
    };
  };
});

const choose = async (page, label) => {
  await page.locator('#device-button').click();
  await page.getByLabel(label, { exact: true }).check();
  await page.keyboard.press('Escape');
};

test('a run that is given to the GPU in the middle goes on there', async () => {
  const expected = await exact(LONG);
  const { page, watch, close } = await openPage(lab, `/${LONG}`, { prepare: listen });
  // Late enough for states to have been asked for, and for some jobs to be in one of several branches.
  await page.waitForFunction(() => window.lethe?.state().seeds_done >= 1, null, PATIENCE);
  const before = await progress(page);
  await choose(page, 'GPU');
  await page.waitForFunction(() => window.lethe.state().engine === 'fused-gpu');
  assert.ok(before < 0.9, `the CPU was too fast: ${before}`);
  await assertEnded(page, watch, expected);
  await close();
});

test('a run that a reload broke off is continued on the GPU', async () => {
  const expected = await exact(KEPT);
  const prepare = async (context) => {
    await listen(context);
    await context.addInitScript(() => Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 }));
  };
  const { page, watch, close } = await openPage(lab, `/${KEPT}&dev=cpu`, { prepare });
  while (!await page.evaluate(kept)) await page.waitForTimeout(100);
  await page.goto('about:blank');
  await page.goto(`${lab.origin}/`);
  await settle(page);
  await choose(page, 'GPU');
  await page.locator('#continue').click();
  await page.waitForFunction(() => window.lethe.state().engine === 'fused-gpu');
  await assertEnded(page, watch, expected);
  await close();
});

test('a run of which much is untold is rewound on the GPU and ends at the same', async () => {
  const expected = await exact(MANY);
  const { page, watch, close } = await openPage(lab, `/${MANY}&dev=gpu`, { prepare: listen });
  for (const share of [0.3, 0.6, 0.8]) {
    await past(page, share);
    await page.evaluate(() => document.getElementById('pause').click()); // where the run has just ended it does nothing
    await reach(page, 'paused', 'finished');
    if ((await told(page)).phase === 'finished') break;
    await rewindable(page, true);
    await page.locator('#rewind').click();
    await page.waitForTimeout(300);
    await page.locator('#run').click();
  }
  await assertEnded(page, watch, expected);
  assert.ok((await heard(page)).rewound >= 100, `${(await heard(page)).rewound} jobs were rewound`);
  await close();
});
