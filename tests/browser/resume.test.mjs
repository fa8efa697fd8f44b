// Going back and going on: rewind a paused run, continue one that a reload broke off, with storage
// blocked, full of garbage, or of another build. tests/workers/saved.rs has the same laws for every order.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, reach, recordOf, settle, texts, told } from './runs.mjs';

const LONG = '#v=1&x=dynamics&w=512&s=0..47'; // several seconds: it is kept from the second one on
const SHORT = '#v=1&x=dynamics&w=16&pre=60&ft=40&n=16&s=0..4';
const KEPT_MS = 60_000;

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const progress = (page) => page.evaluate(() => document.getElementById('progress').value);
const off = (page, id) => page.locator(`#${id}`).getAttribute('aria-disabled');

/** What lies in the browser's store: the runs, and the number of bytes of each job. */
const stored = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const request = indexedDB.open('lethe', 1);
  request.onupgradeneeded = () => request.transaction.abort(); // nobody has made it yet
  request.onerror = () => resolve({ runs: [], jobs: [] });
  request.onsuccess = () => {
    const stores = request.result.transaction(['runs', 'jobs']);
    const [runs, jobs] = [stores.objectStore('runs').getAll(), stores.objectStore('jobs').getAll()];
    stores.oncomplete = () => {
      request.result.close();
      resolve({ runs: runs.result, jobs: jobs.result.map((bytes) => bytes.length) });
    };
    stores.onabort = () => reject(stores.error);
  };
}));

/** Changes every value of a store by a function of the page. */
const spoil = (page, store, change) => page.evaluate(([name, body]) => new Promise((resolve, reject) => {
  const request = indexedDB.open('lethe', 1);
  request.onsuccess = () => {
    const transaction = request.result.transaction(name, 'readwrite');
    transaction.objectStore(name).openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      cursor.update(new Function('value', body)(cursor.value));
      cursor.continue();
    };
    transaction.oncomplete = () => {
      request.result.close();
      resolve();
    };
    transaction.onabort = () => reject(transaction.error);
  };
}), [store, change]);

async function untilKept(page, seeds) {
  const start = Date.now();
  for (;;) {
    const { runs, jobs } = await stored(page);
    if (runs.length === 1 && runs[0].done >= seeds && jobs.length >= seeds) return runs[0];
    assert.ok(Date.now() - start < KEPT_MS, `only ${JSON.stringify(runs)} was kept`);
    await page.waitForTimeout(100);
  }
}

/** Opens a document of the origin without the program. */
async function stepAside(page) {
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto(`${lab.origin}/LICENSE-MIT.txt`);
}

/** Breaks a run off: opens the lab again at another address, so that nothing begins by itself. */
async function comeBack(page, hash = '') {
  await page.goto('about:blank');
  await page.goto(`${lab.origin}/${hash}`);
  await settle(page);
}

const offer = (page) => page.locator('#offer p');

describe('rewind', () => {
  test('a run that was paused, stepped, rewound and resumed ends at the same result', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`);
    await page.waitForFunction(() => document.getElementById('progress').value > 0.2);
    assert.equal(await off(page, 'rewind'), 'true', 'nothing is rewound while it runs');
    await page.locator('#pause').click();
    await reach(page, 'paused');
    await page.waitForFunction(() => !document.getElementById('rewind').hasAttribute('aria-disabled'));
    await page.locator('#step').click();
    await page.waitForTimeout(500);
    const before = await progress(page);
    const { seeds_done: kept } = await told(page);
    await page.locator('#rewind').click();
    await page.waitForFunction((value) => document.getElementById('progress').value < value, before);
    assert.match(await page.locator('#announce').textContent(), /^Rewound; /);
    // Networks in their first phase are at their start by now; the others are after a second time.
    await page.locator('#rewind').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('rewind').hasAttribute('aria-disabled'));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'rewind', 'the focus stays');
    assert.equal((await told(page)).seeds_done, kept, 'finished networks are kept');
    await page.locator('#step').click();
    await page.waitForFunction(() => !document.getElementById('rewind').hasAttribute('aria-disabled'));
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('b');
    await page.waitForFunction(() => document.getElementById('rewind').hasAttribute('aria-disabled'));
    await page.keyboard.press('r');
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(LONG), 'after rewinding');
    assertClean(watch);
    await close();
  });
});

describe('an unfinished run', () => {
  test('is offered after a reload, and continued it ends at the same result', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`);
    await untilKept(page, 5);
    await comeBack(page);
    assert.match(await offer(page).textContent(), /^An unfinished dynamics run from .*\d.*: (\d+) of 48 seeds\.$/);
    assert.equal(await page.locator('html').getAttribute('data-state'), 'idle', 'nothing goes on by itself');
    const seeds = Number(/(\d+) of 48/.exec(await offer(page).textContent())[1]);
    await page.locator('#continue').click();
    await reach(page, 'running');
    assert.ok((await told(page)).seeds_done >= seeds && seeds >= 5, 'what was finished is not computed again');
    assert.equal(await page.locator('#offer').isVisible(), false);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'run');
    await page.waitForTimeout(600);
    // Once more, by the browser's own reload: the link begins anew by itself, and the offer goes on.
    await page.reload();
    await settle(page);
    assert.match(await offer(page).textContent(), /of 48 seeds/);
    await page.locator('#continue').click();
    await page.waitForFunction(() => document.getElementById('announce').textContent === 'The run goes on');
    assert.ok((await told(page)).seeds_done >= seeds, 'it took the place of what the link had begun');
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(LONG), 'after two reloads');
    await page.waitForTimeout(600);
    assert.deepEqual(await stored(page), { runs: [], jobs: [] }, 'a finished run is kept no longer');
    await comeBack(page);
    assert.equal(await page.locator('#offer').isVisible(), false);
    assertClean(watch);
    await close();
  });

  test('waits while an opened link runs, and can be discarded', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`);
    await untilKept(page, 2);
    await comeBack(page, SHORT);
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(SHORT), 'the link');
    assert.match(await offer(page).textContent(), /of 48 seeds/);
    await page.locator('#discard').click();
    await page.waitForFunction(() => document.getElementById('announce').textContent === 'Discarded');
    assert.equal(await page.locator('#offer').isVisible(), false);
    assert.deepEqual(await stored(page), { runs: [], jobs: [] });
    assertClean(watch);
    await close();
  });

  test('of which parts are spoiled goes on with the rest', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`);
    await untilKept(page, 3);
    await stepAside(page);
    const { jobs } = await stored(page);
    await spoil(page, 'jobs', 'if (value.length % 2) value[value.length >> 1] ^= 4; else value = "garbage"; return value;');
    await comeBack(page);
    await page.locator('#continue').click();
    await finish(page);
    assert.match((await texts(page, '#notices p')).join(' '), new RegExp(`${jobs.length} of the kept networks could not be read`));
    assertSame(await recordOf(page), nativeRecord(LONG), 'from spoiled records');
    assertClean(watch);
    await close();
  });

  test('of another build, or no run at all, is removed', async () => {
    for (const [change, words] of [
      ['value.build = "0.0.1-other"; return value;', /An unfinished run from .* was made by build 0\.0\.1-other/],
      ['value.link = "#v=99&w=x"; return value;', /removed/],
      ['delete value.seeds; return value;', null],
      ['value.when -= 30 * 864e5; return value;', null],
    ]) {
      const { page, watch, close } = await openPage(lab, `/${LONG}`);
      await untilKept(page, 1);
      await stepAside(page);
      await spoil(page, 'runs', change);
      await comeBack(page);
      if (words) assert.match((await texts(page, '#notices p')).join(' '), words);
      assert.equal(await page.locator('#offer').isVisible(), false, change);
      await page.waitForTimeout(300);
      assert.deepEqual(await stored(page), { runs: [], jobs: [] }, change);
      assertClean(watch);
      await close();
    }
  });

  test('is not offered to a second page while the first is at it', async () => {
    const { page, close } = await openPage(lab, `/${LONG}`);
    await untilKept(page, 1);
    const second = await page.context().newPage();
    await second.goto(`${lab.origin}/`);
    await settle(second);
    assert.equal(await second.locator('#offer').isVisible(), false);
    assert.equal((await stored(page)).runs.length, 1, 'and not removed');
    await close();
  });
});

test('with storage blocked everything else works, and a long run is said not to be kept', async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', {
      get() {
        throw new DOMException('The document is sandboxed.', 'SecurityError');
      },
    });
  });
  await comeBack(page, LONG);
  await page.waitForFunction(() => document.getElementById('progress').value > 0.2);
  await page.locator('#pause').click();
  await reach(page, 'paused');
  await page.waitForFunction(() => !document.getElementById('rewind').hasAttribute('aria-disabled'));
  await page.locator('#rewind').click();
  await page.locator('#run').click();
  await finish(page);
  assertSame(await recordOf(page), nativeRecord(LONG), 'with storage blocked');
  await comeBack(page, SHORT);
  await finish(page);
  await page.waitForTimeout(600);
  assert.deepEqual(await texts(page, '#notices p'), [], 'a short run needs no store');
  // Minutes of work, which a reader would not like to lose.
  await page.evaluate(() => window.lethe.run('#v=1&x=width&w=1024&s=0..999'));
  await page.waitForFunction(() => /keeps nothing for this page/.test(document.getElementById('notices').textContent), null, { timeout: 60_000 });
  await page.keyboard.press('Escape');
  assertClean(watch);
  await drawn(page);
  await close();
});
