// One link, one result: the page's record holds the bits of the command line's, in every browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasFirefox, runInFirefox } from './firefox.mjs';
import { assertClean, dist, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame } from './runs.mjs';

const SHORT = 'n=16&pre=60&ft=40&s=0..2';

// Every activation, parameterisation, optimiser, rule and kind of schedule at least once; widths on
// both sides of a multiple of the eight lanes.
const LINKS = [
  `x=dynamics&${SHORT}`,
  `x=width&w=1,7,8,9,33&${SHORT}`,
  `x=replay&w=19&act=tanh&p=0,0.001,0.3,1&${SHORT}`,
  `x=width&w=4,17&act=tanh&par=ntk&lr=0.05&${SHORT}`,
  `x=width&w=4,17&act=erf&par=meanfield&g0=0.5&lrw=inv&${SHORT}`,
  `x=dynamics&w=12&act=linear&par=ntk&${SHORT}`,
  `x=replay&w=12&opt=sgd&bs=5&p=0,0.1&${SHORT}`,
  `x=dynamics&w=12&act=tanh&opt=momentum&lr=0.002&p=0.05&${SHORT}`,
  `x=dynamics&w=12&opt=momentum&bs=7&lr=0.002&${SHORT}`,
  `x=width&w=4,12&act=erf&opt=adam&lr=0.003&par=meanfield&${SHORT}`,
  `x=dynamics&w=12&opt=adam&bs=3&p=0.2&${SHORT}`,
  `x=dynamics&w=12&rs=0@0,0.3@10,0.05@25&${SHORT}`,
  `x=dynamics&w=12&n=4&ew1=2x2,0x2&ew2=1x1,3x3&p=0.2&pre=60&ft=40&s=5,9,4294967295`,
  `x=dynamics&w=12&ln=0.3&sd=0.5&sdas=var&mu=-0.5,2&y1=1.5&${SHORT}`,
  `x=width&w=4,32&lr=0.05&stop=0.02&${SHORT}`,
  `x=dynamics&w=64&lr=5&${SHORT}`,
  `x=replay&w=256&lr=3&p=0,0.5&n=16&pre=0&ft=40&s=0..2`,
].map((science) => `#v=1&${science}`);

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** Runs links one after the other in a page and gives their records. Works in any browser's page. */
async function runAll(lethe, links) {
  const records = [];
  for (const link of links) {
    lethe.run(link);
    const end = Date.now() + 60_000;
    for (;;) {
      const state = lethe.state();
      if (state.fingerprint && !state.stale && state.seeds_done === state.seeds) break;
      if (Date.now() > end) throw new Error(`${link} is ${state.phase} after a minute`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    records.push(await lethe.record());
  }
  return records;
}

test('the links cover what they claim to', () => {
  const endings = LINKS.flatMap((link) => nativeRecord(link).series)
    .flatMap(({ pretraining, fine_tuning: branches }) => [pretraining, ...branches])
    .map(({ ending }) => (typeof ending === 'object' && ending ? Object.keys(ending)[0] : String(ending)));
  // "null" is fine-tuning that never began, because pre-training diverged.
  assert.deepEqual([...new Set(endings)].sort(), ['complete', 'diverged', 'null', 'stopped']);
});

describe('in Chromium, equal to the command line in every bit', async () => {
  let records;
  before(async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    records = await page.evaluate(`(${runAll})(window.lethe, ${JSON.stringify(LINKS)})`);
    assertClean(watch);
    await close();
  });
  for (const [index, link] of LINKS.entries()) {
    test(link, () => assertSame(records[index], nativeRecord(link), link));
  }
});

const skip = hasFirefox() ? false : 'SKIPPED: no Firefox on this machine, so no bit was compared there';

describe('in Firefox, equal to the command line in every bit', { skip }, () => {
  let answer;
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lethe-page-'));
    writeFileSync(join(folder, 'index.html'), `<!doctype html><title>Bits</title>
      <iframe src="/lab/" width="1200" height="900"></iframe><script type="module">
      const post = (value) => fetch('/result', { method: 'POST', body: JSON.stringify(value) });
      const frame = document.querySelector('iframe');
      try {
        while (!frame.contentDocument?.documentElement?.hasAttribute('data-ready')) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        const records = await (${runAll})(frame.contentWindow.lethe, ${JSON.stringify(LINKS)});
        await post({ agent: navigator.userAgent, records });
      } catch (error) {
        await post({ failure: String(error) });
      }
    </script>`);
    try {
      answer = await runInFirefox({ mounts: { '/': folder, '/lab/': dist }, path: '/index.html' });
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.equal(answer.failure, undefined);
    assert.match(answer.agent, /Firefox/);
  });
  for (const [index, link] of LINKS.entries()) {
    test(link, () => assertSame(answer.records[index], nativeRecord(link), link));
  }
});
