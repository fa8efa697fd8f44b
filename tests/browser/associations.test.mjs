// The view "who forgets what": a run by link, its picture in every order and by keys, predictions at any number of columns, the
// visitor's own matrix in small and in the size of the paper's with what is known of it otherwise, settings, the lab beside it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { checkout } from '../../scripts/setup/cache.mjs';
import { assertAccessible } from './accessibility.mjs';
import { assertClean, longTasks, openPage, startLab } from './lab.mjs';
import { command } from './native.mjs';

const EMPTY = '#v=1&x=associations';
const NETWORKS = '#v=1&x=associations&wo=rotated&nt=12&n=40&w=16&ft=60';
const LANGUAGE = '#v=1&x=associations&m=small&tk=safety&n=8&ft=4&bs=2';
const LONG = '#v=1&x=associations&m=small&tk=changed,newcomers&n=8&ft=60';
const FINISHED_MS = 120_000;
const FROZEN_MS = 250; // one task of the page, with the workers computing on as many cores beside it

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const fetched = (watch) => watch.requests.filter((url) => /\/language_worker|\/bases\//.test(url));
const told = (page) => page.evaluate(() => window.lethe.associations.state());

/** Waits until the run is at one of some phases. */
async function phase(page, ...wanted) {
  const is = (names) => names.includes(window.lethe?.associations?.state().phase);
  await page.waitForFunction(is, wanted, { timeout: FINISHED_MS }).catch(async (error) => {
    throw new Error(`it is at ${JSON.stringify(await told(page))}, not ${wanted}`, { cause: error });
  });
}

/** Waits until everything about a matrix is shown. */
const shown = (page, part) => page.waitForFunction((name) => {
  const place = document.querySelector(`#associations [data-part=${name}]`);
  return place.dataset.turn !== undefined && !place.hidden;
}, part, { timeout: FINISHED_MS });

const part = (page, explorer, name) => page.locator(`#associations [data-part=${explorer}] [data-part=${name}]`);

/** How many colours a picture has, at most a hundred. */
const colours = (page, explorer) => part(page, explorer, 'frame').locator('canvas').evaluate((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const found = new Set();
  for (let at = 0; at < data.length && found.size < 100; at += 4) found.add(data.slice(at, at + 4).join());
  return found.size;
});

/** Keeps the page's workers in `window.started`, with a mark on those that were asked some question. */
const marking = (question, mark) => (context) => context.addInitScript(([asked, name]) => {
  window.started = [];
  window.Worker = class extends window.Worker {
    constructor(...given) {
      super(...given);
      window.started.push(this);
    }

    postMessage(message, ...rest) {
      if (message?.ask?.associations?.[asked]) this[name] = true;
      super.postMessage(message, ...rest);
    }
  };
}, [question, mark]);

/** A matrix as NumPy writes it. */
function npy(rows, columns, at) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11, ' ');
  const bytes = Buffer.alloc(10 + padded.length + 1 + 4 * rows * columns);
  bytes.write('\x93NUMPY\x01\x00', 0, 'latin1');
  bytes.writeUInt16LE(padded.length + 1, 8);
  bytes.write(`${padded}\n`, 10, 'latin1');
  const entries = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) entries[row * columns + column] = at(row, column);
  Buffer.from(entries.buffer).copy(bytes, 11 + padded.length);
  return bytes;
}

/** Numbers that look drawn, and are the same every time. */
function draws(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

test('nothing of it is fetched before its view is opened, and its tab runs nothing', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, '/#v=1&x=dynamics&w=4&n=8&pre=10&ft=10&s=0');
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  assert.deepEqual(fetched(watch), [], 'before it is opened');
  assert.match(await page.locator('#associations-tab').getAttribute('title'), /fetches a program of [\d.]+ [KM]B/);
  await page.locator('#associations-tab').click();
  await phase(page, 'idle');
  assert.equal(await page.locator('#associations').isVisible(), true);
  assert.equal(await page.locator('#laws, #figures, #theory').filter({ visible: true }).count(), 0, 'the others are hidden');
  assert.deepEqual(fetched(watch).filter((url) => url.includes('/bases/')), [], 'no base model before a run');
  assert.equal(await page.locator('#associations-tab').getAttribute('aria-current'), 'page');
  assert.match(await part(page, 'panel', 'size-of-run').textContent(), /^68 runs of 100 steps/);
  assert.equal(await page.locator('#asc-s').inputValue(), '0,1', 'two seeds, so that there is a ceiling');
  assertClean(watch);
  await close();
});

test('the run of a link ends in a picture with its noise ceiling', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${NETWORKS}`);
  await phase(page, 'finished');
  await shown(page, 'explorer');
  const { done, jobs, failure, notices } = await told(page);
  assert.deepEqual([done, jobs, failure, notices], [26, 26, null, []]);
  assert.equal(await page.evaluate(() => location.hash), NETWORKS, 'the address keeps the link');
  assert.equal(await part(page, 'explorer', 'shape').textContent(), '12 tasks × 40 examples');
  assert.ok(await colours(page, 'explorer') > 20, 'the picture has colours');
  const held = await part(page, 'explorer', 'held').textContent();
  assert.match(held, /tasks alone.*examples alone.*additive.*rank 1.*multiplicative.*rank 5.*noise ceiling, mean of 2 seeds/s);
  const r2 = await page.evaluate(() => window.lethe.associations.ask({ reconstruction: { source: 'mean', rank: 3 } }));
  const ranks = r2.reconstruction.ranks.map((each) => each.r2);
  assert.ok(ranks.length === 3 && ranks[0] < ranks[1] && ranks[1] < ranks[2] && ranks[2] <= 1, String(ranks));
  assert.ok(r2.ceiling.of_mean > 0 && r2.ceiling.of_mean <= 1 && r2.seeds === 2);
  const sources = await part(page, 'explorer', 'source').locator('option').allTextContents();
  assert.ok(sources.includes('Predicted before any step') && sources.includes('Seed 1'), sources.join('; '));
  await part(page, 'explorer', 'source').selectOption('predicted');
  await shown(page, 'explorer');
  assert.doesNotMatch(await part(page, 'explorer', 'held').textContent(), /noise ceiling, mean/, 'a prediction has no seeds beside it');
  assertClean(watch);
  await close();
});

test('runs with replay follow all others, and what aiming buys is told', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${NETWORKS}`);
  await phase(page, 'finished');
  for (const arm of ['online', 'truth']) await page.locator(`#associations [data-setting=arm] [value=${arm}]`).check();
  // Of twelve tasks two are left to learn from.
  await page.waitForFunction((link) => location.hash === link, `${NETWORKS}&arm=online,truth&na=10`);
  await page.locator('#associations details', { has: page.locator('#asc-na') }).last().locator('summary').click();
  await page.locator('#asc-na').fill('4');
  await page.locator('#asc-na').press('Tab');
  await page.waitForFunction((link) => location.hash === link, `${NETWORKS}&arm=online,truth&na=4`);
  await part(page, 'panel', 'run').click();
  await phase(page, 'running');
  await phase(page, 'finished');
  const { done, jobs, failure, notices } = await told(page);
  // 12 rows and a prediction, then 4 tasks with each of four arms; of two seeds.
  assert.deepEqual([done, jobs, failure, notices], [58, 58, null, []]);
  const statements = await page.locator('#associations > .laws-body > [data-part=statements] li').allTextContents();
  for (const words of [/Random replay (of|saves nothing)/, /Replay by online .* random replay/, /Replay by truth .* random replay/]) {
    assert.ok(statements.some((text) => words.test(text)), `${words}: ${statements.join(' | ')}`);
  }
  assert.match(await page.locator('#associations [data-part=drawn]').textContent(), /What aiming replay buys/);
  const record = JSON.parse(await page.evaluate(() => window.lethe.associations.ask({ record: { seconds: 1, workers: 1 } })));
  const schema = JSON.parse(readFileSync(join(checkout, 'docs', 'associations-record.schema.json'), 'utf8'));
  const valid = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schema);
  assert.ok(valid(record), JSON.stringify(valid.errors));
  assert.equal(record.replays.length, 32);
  assert.ok(record.replays.filter(({ arm }) => arm !== 'none').every(({ replayed }) => replayed.length > 0), 'examples are replayed');
  assertClean(watch);
  await close();
});

test('a record and a link are reproduced exactly; a record is looked at without a run', { timeout: 3 * FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${NETWORKS}`, { acceptDownloads: true });
  await phase(page, 'finished');
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'panel', name).click()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  };
  const record = await saved('save-record');
  const { fingerprint, link } = await told(page);
  assert.match(record.name, /^lethe-associations-.*\.json$/);
  assert.equal(JSON.parse(record.text).fingerprint, fingerprint);
  const csv = await saved('save-csv');
  assert.equal(csv.text.trim().split('\n').length, 13, 'a line of names and one for each task');
  assert.match(csv.text, /^,point 0,/);
  const statements = await page.locator('#associations > .laws-body > [data-part=statements] li').allTextContents();
  assert.ok(statements.length >= 3, 'there are statements');
  for (const text of statements) assert.doesNotMatch(text, /NaN|undefined|inf\b/, text);
  const figures = page.locator('#associations > .laws-body > [data-part=drawn] figure');
  for (const figure of await figures.all()) assert.ok(await figure.locator('svg > title').textContent(), 'a figure has a title');
  await close();

  const again = await openPage(lab, `/${EMPTY}`);
  await phase(again.page, 'idle');
  const open = (text) => again.page.locator('#associations [data-part=open-record]').setInputFiles({ name: 'record.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await open(record.text);
  await phase(again.page, 'finished');
  await again.page.waitForFunction(() => document.getElementById('associations-verdict').textContent === 'Reproduced exactly');
  await part(again.page, 'explorer', 'source').locator('option', { hasText: 'Record: Mean over 2 seeds' }).waitFor({ state: 'attached' });
  await open('{"schema": 1}');
  await again.page.waitForFunction(() => /This record was not opened\./.test(document.querySelector('#associations [data-part=record-error]').textContent));
  assertClean(again.watch);
  await again.close();

  const shared = await openPage(lab, `/${link}`);
  await phase(shared.page, 'finished');
  assert.equal(await shared.page.locator('#associations-verdict').textContent(), 'Reproduced exactly');
  assertClean(shared.watch);
  await shared.close();
  assertClean(watch);
});

test('a tiny Llama is measured in the workers, row by row, and the same again after a reload', { timeout: 2 * FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LANGUAGE}`);
  await phase(page, 'finished');
  await shown(page, 'explorer');
  const matrix = () => page.evaluate(async () => {
    const { ask } = window.lethe.associations;
    const { rows, columns } = await ask({ matrix: { source: 'mean' } });
    const cells = [];
    for (let column = 0; column < columns; column += 7) cells.push(await ask({ cell: { source: 'mean', row: rows - 1, column } }));
    return { rows, columns, cells };
  });
  const first = await matrix();
  assert.equal(first.rows, 2);
  assert.ok(first.columns > 40 && first.cells.some(({ value }) => Math.abs(value) > 1e-4), 'something has moved');
  assert.ok(first.cells.every(({ seeds, row_kind: kind }) => seeds.length === 2 && kind === 'safety'));
  await page.reload();
  await phase(page, 'finished');
  await shown(page, 'explorer');
  assert.deepEqual(await matrix(), first);
  assertClean(watch);
  await close();
});

/** Spoils one of the outcomes that the browser keeps. */
const spoil = (page) => page.evaluate(() => new Promise((resolve) => {
  const opening = indexedDB.open('lethe-outcomes');
  opening.onsuccess = () => {
    const transaction = opening.result.transaction('outcomes', 'readwrite');
    const store = transaction.objectStore('outcomes');
    store.getAllKeys().onsuccess = ({ target: { result: keys } }) => {
      const last = keys.at(-1);
      store.get(last).onsuccess = ({ target: { result: [job] } }) => store.put([job, [new Uint8Array([1, 2, 3])]], last);
    };
    transaction.oncomplete = () => {
      opening.result.close();
      resolve();
    };
  };
}));

test('a run goes on after a reload with what had ended, and what is given up is forgotten', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
  await phase(page, 'idle');
  await page.evaluate((link) => { location.hash = link; }, LONG);
  await page.waitForFunction(() => window.lethe.associations.state().done > 2, null, { timeout: FINISHED_MS });
  const cells = () => page.evaluate(async () => {
    const { ask } = window.lethe.associations;
    const all = [];
    for (let column = 0; column < 20; column++) all.push((await ask({ cell: { source: 'seed-0', row: 0, column } })).value);
    return all;
  });
  const [{ seconds }, first] = [await told(page), await cells()];
  assert.ok(first.every((value) => value !== null), 'the first row is there');
  await spoil(page);
  await page.reload();
  await phase(page, 'running');
  const { done, seconds: after, notices, failure } = await told(page);
  assert.ok(done >= 2, `${done} runs are there at once`);
  assert.equal(failure, null, 'what is spoiled is trained anew');
  assert.ok(after >= seconds - 2, `the time is counted on: ${after} s after ${seconds} s`);
  assert.deepEqual(notices, [], 'nothing is offered any more');
  await page.waitForFunction(() => window.lethe.associations.report().then(({ done: there }) => there > 2));
  assert.deepEqual(await cells(), first);
  await part(page, 'panel', 'cancel').click();
  await phase(page, 'idle');
  await page.reload();
  await phase(page, 'running');
  assert.ok((await told(page)).done < 2, 'nothing is kept of what was given up');
  await page.evaluate(() => window.lethe.associations.cancel());
  assertClean(watch);
  await close();
});

test('a run pauses, goes on and is given up; a worker that ends is replaced', { timeout: FINISHED_MS }, async () => {
  const prepare = marking('advance', 'isTraining');
  const { page, watch, close } = await openPage(lab, `/${EMPTY}`, { prepare });
  await phase(page, 'idle');
  await page.evaluate((link) => { location.hash = link; }, LONG);
  await phase(page, 'running');
  await page.waitForFunction(() => window.lethe.associations.state().done > 0, null, { timeout: FINISHED_MS });
  await part(page, 'panel', 'pause').click();
  await phase(page, 'paused');
  await page.waitForTimeout(1500); // what trainers are at ends
  const { done } = await told(page);
  await page.waitForTimeout(1000);
  assert.equal((await told(page)).done, done, 'paused');
  await page.evaluate(() => window.started.find(({ isTraining }) => isTraining)
    .onerror(new ErrorEvent('error', { message: 'planted', cancelable: true })));
  await part(page, 'panel', 'run').click();
  await page.waitForFunction((before) => window.lethe.associations.state().done > before + 1, done, { timeout: FINISHED_MS });
  await part(page, 'panel', 'cancel').click();
  await phase(page, 'idle');
  assertClean(watch);
  await close();
});

test('a link is read strictly, and what it cannot have is told', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${EMPTY}&wo=rotated&nt=999&zz=1&ft=20`);
  await phase(page, 'idle', 'finished', 'running');
  await page.waitForFunction(() => window.lethe.associations.state().notices.length >= 2);
  const { notices } = await told(page);
  assert.ok(notices.some((words) => /nt = "999"/.test(words)) && notices.some((words) => /zz/.test(words)), notices.join(' '));
  assert.match(await page.evaluate(() => location.hash), /wo=rotated&nt=64&ft=20$/);
  await page.evaluate(() => window.lethe.associations.cancel());

  await page.evaluate((link) => { location.hash = link; }, `${EMPTY}&ft=5000`);
  await page.waitForFunction(() => window.lethe.associations.state().notices.some((words) => /long|asked for/.test(words)));
  assert.equal((await told(page)).phase, 'idle', 'what is long waits');

  if (!await page.locator('#asc-s').isVisible()) await page.locator('#associations .settings > summary').click();
  await page.locator('#asc-s').fill('0,0');
  await page.locator('#asc-s').press('Tab');
  await page.waitForFunction(() => /accepted/.test(document.getElementById('asc-err-s').textContent));
  await page.locator('#asc-wo').selectOption('permuted');
  await page.waitForFunction(() => location.hash.includes('wo=permuted'));
  await page.locator('#asc-s').fill('3');
  await page.locator('#asc-s').press('Tab');
  await page.waitForFunction(() => location.hash.includes('s=3'));
  assert.equal(await page.locator('#associations-link').inputValue(), await page.evaluate(() => location.hash));
  assertClean(watch);
  await close();
});

describe('the visitor’s own matrix', () => {
  const text = (name, lines) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`) });

  /** Rank 1 with a little noise, so that what is where can be told. */
  function lines() {
    const draw = draws(7);
    const head = ['', ...Array.from({ length: 30 }, (_, column) => `example ${column}`)].join(',');
    const row = (_, k) => [`task ${k}`, ...Array.from({ length: 30 }, (__, column) => ((k + 1) * (column - 9) / 100 + 0.01 * draw()).toFixed(5))].join(',');
    return [head, ...Array.from({ length: 12 }, row)];
  }

  async function opened(page, ...files) {
    await page.locator('#associations-own-files').setInputFiles(files);
  }

  test('problems are named by place, then the file is looked at, in every order and by keys', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    const wrong = lines();
    wrong[3] = wrong[3].replace(/,[^,]*$/, ',much');
    await opened(page, text('wrong.csv', wrong));
    const item = page.locator('#associations .own-files > li');
    await item.filter({ hasText: 'line 4, column 31 = "much"; accepted: a number' }).waitFor();
    assert.equal(await page.locator('#associations [data-part=own-explorer]').isVisible(), false);
    await item.locator('[data-act=drop]').click();

    const good = lines();
    good[2] = good[2].replace(/^(task 1,[^,]*),[^,]*/, '$1,');
    await opened(page, text('mine.csv', good));
    await shown(page, 'own-explorer');
    assert.match(await item.textContent(), /mine\.csv 12 tasks × 30 examples, 1 entries missing\./);
    assert.equal(await part(page, 'own-explorer', 'missing').isVisible(), true, 'the legend has what is missing');

    for (const order of ['mean', 'first_singular', 'cluster', 'given']) {
      await part(page, 'own-explorer', 'rows').selectOption(order);
      await part(page, 'own-explorer', 'columns').selectOption(order);
      await page.waitForFunction((wanted) => document.querySelector('#associations [data-part=own-explorer]').dataset.order === wanted, `${order} ${order}`);
      await shown(page, 'own-explorer');
      if (order === 'mean') {
        const names = await part(page, 'own-explorer', 'names').locator('span').allTextContents();
        assert.deepEqual([names[0], names.at(-1)], ['task 11', 'task 0'], 'the most forgetting first');
      }
    }

    const frame = part(page, 'own-explorer', 'frame');
    const spoken = part(page, 'own-explorer', 'spoken');
    await frame.focus();
    await page.keyboard.press('ArrowDown');
    await spoken.filter({ hasText: /^task 0 × example 0: / }).waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await spoken.filter({ hasText: 'task 1 × example 1: missing' }).waitFor({ state: 'attached' });
    await page.keyboard.press('End');
    await spoken.filter({ hasText: /^task 1 × example 29: 0\.\d+ units of the file/ }).waitFor({ state: 'attached' });
    await page.keyboard.press('Control+End');
    await spoken.filter({ hasText: /^task 11 × example 29: / }).waitFor({ state: 'attached' });
    const window_ = () => frame.getAttribute('data-window');
    assert.equal(await window_(), '0 12 0 30');
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await page.waitForFunction(() => Number(document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window.split(' ')[3]) < 14);
    assert.ok(Number((await window_()).split(' ')[2]) > 0, 'about the cursor');
    await page.keyboard.press('Home');
    await spoken.filter({ hasText: /^task 11 × example 0: / }).waitFor({ state: 'attached' });
    await page.waitForFunction(() => document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window.split(' ')[2] === '0');
    await part(page, 'own-explorer', 'zoom-all').click();
    await page.waitForFunction(() => document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window === '0 12 0 30');

    await frame.hover({ position: { x: 2, y: 2 } });
    await part(page, 'own-explorer', 'words').filter({ hasText: /^task 0 × example 0: / }).waitFor();
    await part(page, 'own-explorer', 'overview').locator('summary').click();
    const means = part(page, 'own-explorer', 'means');
    await means.locator('tbody tr').nth(11).waitFor();
    assert.equal(await means.locator('tbody th').first().textContent(), 'task 0');
    assert.equal(await means.locator('thead th').count(), 12, 'all columns, and ten parts of them');
    assertClean(watch);
    await close();
  });

  /** The window: { row, rows, column, columns }. */
  async function inSight(page) {
    const [row, rows, column, columns] = (await part(page, 'own-explorer', 'frame').getAttribute('data-window')).split(' ').map(Number);
    return { row, rows, column, columns };
  }

  /** Waits until so many columns, or fewer, are in sight. */
  const narrowed = (page, most) => page.waitForFunction((columns) => Number(document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window.split(' ')[3]) <= columns, most);

  test('the wheel zooms about the pointer once the picture has the focus, and scrolls the page before', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    await opened(page, text('mine.csv', lines()));
    await shown(page, 'own-explorer');
    const frame = part(page, 'own-explorer', 'frame');
    await frame.scrollIntoViewIfNeeded();
    const place = await frame.boundingBox();
    const at = [place.x + 0.8 * place.width, place.y + 0.5 * place.height];
    await page.mouse.move(...at);
    const before = await page.evaluate(() => scrollY);
    await page.mouse.wheel(0, -200);
    await page.waitForFunction((was) => scrollY < was, before);
    assert.equal((await inSight(page)).columns, 30, 'without the focus it is the page’s');
    await page.evaluate((was) => scrollTo(0, was), before);
    await page.waitForFunction((was) => scrollY === was, before);

    await frame.focus();
    await page.mouse.wheel(0, -400);
    await narrowed(page, 29);
    const near = await inSight(page);
    assert.equal(await page.evaluate(() => scrollY), before, 'the page stays');
    assert.ok(near.column <= 24 && 24 < near.column + near.columns, `what was under the pointer is in sight: ${JSON.stringify(near)}`);
    assert.ok(near.column > 0, 'and not the first columns');
    await page.mouse.wheel(0, 4000);
    await page.waitForFunction(() => document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window === '0 12 0 30');
    assertClean(watch);
    await close();
  });

  test('two fingers zoom, one moves', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`, { hasTouch: true, viewport: { width: 800, height: 900 } });
    await phase(page, 'idle');
    await opened(page, text('mine.csv', lines()));
    await shown(page, 'own-explorer');
    const frame = part(page, 'own-explorer', 'frame');
    await frame.scrollIntoViewIfNeeded();
    const place = await frame.boundingBox();
    const session = await page.context().newCDPSession(page);
    const touch = (type, ...shares) => session.send('Input.dispatchTouchEvent', {
      type, touchPoints: shares.map((share, id) => ({ id, x: place.x + share * place.width, y: place.y + 0.5 * place.height })),
    });
    await touch('touchStart', 0.4);
    await touch('touchStart', 0.4, 0.6);
    for (const apart of [0.15, 0.2, 0.25, 0.3]) await touch('touchMove', 0.5 - apart, 0.5 + apart);
    await touch('touchEnd');
    await narrowed(page, 12);
    const near = await inSight(page);
    assert.equal(near.columns, 10, 'three times as far apart, a third of the columns');
    assert.ok(near.column <= 15 && 14 < near.column + near.columns, 'the middle stays');

    await touch('touchStart', 0.7);
    for (const to of [0.6, 0.5, 0.4]) await touch('touchMove', to);
    await touch('touchEnd');
    await page.waitForFunction((was) => Number(document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window.split(' ')[2]) > was, near.column);
    assert.deepEqual(await inSight(page), { ...near, column: near.column + 3 }, 'a third of ten columns');
    assertClean(watch);
    await close();
  });

  test('an archive of NumPy is dropped, and of its arrays one is chosen', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    const archive = (name) => [...readFileSync(fileURLToPath(new URL(`../golden/${name}`, import.meta.url)))];
    const drop = async (name) => {
      const dropped = await page.evaluateHandle(([file, bytes]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], file));
        return transfer;
      }, [name, archive(name)]);
      await page.locator('#associations [data-part=own-drop]').dispatchEvent('drop', { dataTransfer: dropped });
    };
    const items = page.locator('#associations .own-files > li');
    await drop('associations_stored.npz');
    await shown(page, 'own-explorer');
    assert.match(await items.first().textContent(), /associations_stored\.npz 2 tasks × 3 examples\./);
    const entry = () => page.evaluate(() => window.lethe.associations.askOwn({ cell: { source: 'own', row: 1, column: 2 } }));
    await page.evaluate(() => window.lethe.associations.askOwn({ order: { source: 'own', rows: 'given', columns: 'given' } }));
    assert.equal((await entry()).value, 5);
    await items.first().locator('[data-act=drop]').click();

    await drop('associations_deflated.npz');
    const item = items.filter({ hasText: 'associations_deflated.npz' });
    await item.filter({ hasText: /array = .*accepted: .*y, z/ }).waitFor();
    await item.locator('form input').fill('z');
    await item.locator('form button').click();
    await item.filter({ hasText: '2 tasks × 3 examples.' }).waitFor();
    await shown(page, 'own-explorer');
    await page.evaluate(() => window.lethe.associations.askOwn({ order: { source: 'own', rows: 'given', columns: 'given' } }));
    assert.equal((await entry()).value, 5);
    await close();

    const scripts = await openPage(lab, `/${EMPTY}`);
    await phase(scripts.page, 'idle');
    const sight = await scripts.page.evaluate(async (bytes) => {
      const { askOwn } = window.lethe.associations;
      await askOwn({ import: { name: 'counting.npz', bytes: new Uint8Array(bytes), array: 'z' } });
      return askOwn({ matrix: { source: 'own' } });
    }, archive('associations_deflated.npz'));
    assert.deepEqual([sight.rows, sight.columns, sight.greatest, sight.numbers], [2, 3, 5, 0], 'a script’s matrix stays');
    assertClean(scripts.watch);
    await scripts.close();
    assertClean(watch);
  });

  /** Properties of the tasks, and of the examples in another order, by their names. */
  function properties() {
    const draw = draws(11);
    const tasks = ['name,steps,words', ...Array.from({ length: 12 }, (_, k) => `task ${k},${100 * (k + 1)},${(5 + draw()).toFixed(3)}`)];
    const kinds = ['fact', 'story', 'sum'];
    const of = (k) => `example ${k},${kinds[Math.floor(k / 10)]},${(k % 7) + draw()}`;
    const examples = ['name,kind,length', ...Array.from({ length: 30 }, (_, k) => of(29 - k))];
    return { tasks, examples };
  }

  /** Waits until what is known otherwise is told, up to a factor. */
  const known = (page, rank) => page.waitForFunction((wanted) => document.querySelector('#associations [data-part=own-explorer]').dataset.known === wanted, `own ${rank}`);

  /** Numbers of two answers are equal to rounding. */
  function assertNear(found, wanted, place = '') {
    if (typeof wanted === 'number') {
      assert.ok(Math.abs(found - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), `${place}: ${found}, not ${wanted}`);
    } else if (wanted !== null && typeof wanted === 'object') {
      assert.deepEqual(Object.keys(found).sort(), Object.keys(wanted).sort(), place);
      for (const [key, value] of Object.entries(wanted)) assertNear(found[key], value, `${place}.${key}`);
    } else {
      assert.equal(found, wanted, place);
    }
  }

  test('what is known of tasks and examples tells what the command line does', { timeout: 3 * FINISHED_MS }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lethe-'));
    const written = (name, all) => {
      writeFileSync(join(folder, name), `${all.join('\n')}\n`);
      return join(folder, name);
    };
    const { tasks, examples } = properties();
    const [matrix, ofTasks, ofExamples] = [['mine.csv', lines()], ['tasks.csv', tasks], ['kinds.csv', examples]].map((each) => written(...each));
    const { status, stdout, stderr } = command('associations', 'understand', matrix, '--tasks', ofTasks, '--examples', ofExamples, '--rank', '3', '--json');
    assert.equal(status, 0, stderr);
    const native = JSON.parse(stdout);
    assert.deepEqual([native.correlations.length, native.groups.length], [9, 1], 'three numbers, three factors; one grouping');

    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    const described = page.locator('#associations [data-part=described]');
    assert.equal(await described.isVisible(), false, 'nothing can be described yet');
    await page.locator('#associations-own-files').setInputFiles(matrix);
    await shown(page, 'own-explorer');
    assert.equal(await described.isVisible(), true);
    assert.equal(await part(page, 'own-explorer', 'known').isVisible(), false, 'nothing is known yet');
    await page.locator('#associations-own-tasks').setInputFiles(ofTasks);
    await page.locator('#associations-own-tasks-told').filter({ hasText: 'tasks.csv: numbers steps, words' }).waitFor();
    await page.locator('#associations-own-examples').setInputFiles(ofExamples);
    await page.locator('#associations-own-examples-told').filter({ hasText: 'kinds.csv: numbers length; labels kind' }).waitFor();
    await known(page, 5);
    await part(page, 'own-explorer', 'rank').fill('3');
    await part(page, 'own-explorer', 'rank').press('Tab');
    await known(page, 3);

    const asked = await page.evaluate(async () => {
      const { askOwn } = window.lethe.associations;
      const { correlations } = await askOwn({ factors: { source: 'own', rank: 3, millis: 1 } });
      const { groups } = await askOwn({ together: { source: 'own', millis: 1 } });
      return { correlations, groups };
    });
    assertNear(asked.correlations, native.correlations, 'correlations');
    assertNear(asked.groups, native.groups, 'groups');

    const rows = async (name) => Promise.all((await part(page, 'own-explorer', name).locator('tbody tr').all()).map((line) => line.locator('th, td').allTextContents()));
    const chance = (p) => (p < 1e-4 ? '< 0.0001' : p.toFixed(4));
    const signed = (value, digits) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
    const bounded = ({ coefficient, interval, p_value: p }) => `${signed(coefficient, 3)} (${signed(interval.low, 2)} to ${signed(interval.high, 2)}), p ${chance(p)}`;
    assert.deepEqual(await rows('beside-factors'), native.correlations.map(({ of, property, factor, pearson, spearman }) => [property, of, String(factor), bounded(pearson), bounded(spearman)]));
    const [{ labels, shared_within: shared, by_chance: byChance, p_value: p, pairs }] = native.groups;
    const percent = (value) => `${(100 * value).toFixed(1)} %`;
    assert.deepEqual(await rows('groups'), [['kind', '3', percent(shared), `${percent(byChance.mean)}; 95 of 100 below ${percent(byChance.q95)}`, chance(p)]]);
    assert.ok(p < 0.01, 'examples of a kind stand side by side, and rise from side to side');
    const told = await rows('pairs');
    assert.deepEqual(told.map(([name]) => name).sort(), pairs.map(({ first, second }) => `kind: ${labels[first]} with ${labels[second]}`).sort());

    const frame = part(page, 'own-explorer', 'frame');
    await part(page, 'own-explorer', 'columns').selectOption('given');
    await part(page, 'own-explorer', 'rows').selectOption('given');
    await page.waitForFunction(() => document.querySelector('#associations [data-part=own-explorer]').dataset.order === 'given given');
    await frame.focus();
    await page.keyboard.press('End');
    await part(page, 'own-explorer', 'spoken').filter({ hasText: /^task 0 × example 29 \(sum\): / }).waitFor({ state: 'attached' });
    await assertAccessible(page, 'what is known otherwise');
    await page.setViewportSize({ width: 320, height: 640 });
    const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(sizes[0] <= sizes[1], `${sizes[0]} px in ${sizes[1]}`);

    await described.locator('[data-side=examples] [data-act=drop]').click();
    await page.waitForFunction(() => document.querySelector('#associations [data-part=own-explorer] [data-part=groups]').closest('.table-scroll').hidden);
    await known(page, 3);
    assert.equal((await rows('beside-factors')).length, 6, 'the tasks are still described');
    assertClean(watch);
    await close();
    rmSync(folder, { recursive: true });
  });

  test('properties that are wrong are named as by the command line; those that are right are read again by a new worker', { timeout: 2 * FINISHED_MS }, async () => {
    const prepare = marking('import', 'hasMatrix');
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`, { prepare });
    await phase(page, 'idle');
    await opened(page, text('mine.csv', lines()));
    await shown(page, 'own-explorer');
    const { tasks, examples } = properties();
    const field = page.locator('#associations [data-part=described] [data-side=examples]');
    const wrong = async (all, words) => {
      await page.locator('#associations-own-examples').setInputFiles(text('kinds.csv', all));
      await field.locator('[data-part=error]').filter({ hasText: words }).waitFor();
      assert.equal(await part(page, 'own-explorer', 'known').isVisible(), false);
    };
    await wrong(examples.slice(0, 20), 'kinds.csv = "19 lines below the names"; accepted: 30, one for each');
    await wrong(examples.map((line, k) => (k === 4 ? line.replace('example', 'nothing') : line)), 'kinds.csv = "line 5: nothing 26"; accepted: a name of the matrix');
    await wrong(examples.map((line, k) => (k === 7 ? line.replace(/,[^,]*$/, ',') : line)), 'kinds.csv = "line 8, length: nothing"; accepted: no empty cell');
    await wrong(examples.map((line) => line.replace(/story|sum/, 'fact')), 'kind, groups = "1"; accepted: from two groups');

    await page.locator('#associations-own-examples').setInputFiles(text('kinds.csv', examples));
    await page.locator('#associations-own-tasks').setInputFiles(text('tasks.csv', tasks));
    await page.locator('#associations-own-tasks-told').filter({ hasText: 'numbers steps' }).waitFor();
    await known(page, 5);
    assert.equal(await field.locator('[data-part=error]').textContent(), '');
    const table = async (name) => part(page, 'own-explorer', name).locator('tbody').textContent();
    const before = [await table('groups'), await table('pairs')];
    await page.evaluate(() => window.started.findLast(({ hasMatrix }) => hasMatrix)
      .onerror(new ErrorEvent('error', { message: 'planted', cancelable: true })));
    await part(page, 'own-explorer', 'rank').fill('2');
    await part(page, 'own-explorer', 'rank').press('Tab');
    await known(page, 2);
    assert.deepEqual([await table('groups'), await table('pairs')], before);
    assert.equal(await part(page, 'own-explorer', 'beside-factors').locator('tbody tr').count(), 6, 'three numbers, two factors');
    assertClean(watch);
    await close();
  });

  test('the slider changes the error, live; wrong rows are named', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    await opened(page, text('mine.csv', lines()));
    await shown(page, 'own-explorer');
    const explorer = '#associations [data-part=own-explorer]';
    const settled = (columns) => page.waitForFunction(([place, wanted]) => document.querySelector(place).dataset.observed === `${wanted} 10`, [explorer, columns]);
    const error = async () => {
      const line = part(page, 'own-explorer', 'scores').locator('tr', { hasText: 'factorisation' }).first();
      return Number.parseFloat(await line.locator('td').first().textContent());
    };
    const slider = part(page, 'own-explorer', 'observed');
    await slider.focus();
    await page.keyboard.press('End');
    await settled(14);
    const many = await error();
    assert.match(await slider.getAttribute('aria-valuetext'), /14 of 30 columns \(46\.7 %\)/);
    await page.keyboard.press('Home');
    await settled(1);
    const few = await error();
    assert.ok(many < 0.8 * few, `${many} with many columns, ${few} with one`);
    const chance = part(page, 'own-explorer', 'scores').locator('tr', { hasText: 'random' });
    assert.ok(Number.parseFloat(await chance.locator('td').first().textContent()) > many, 'better than chance');
    await part(page, 'own-explorer', 'observed-drawn').locator('svg > title').waitFor({ state: 'attached' });

    await part(page, 'own-explorer', 'predict').locator('summary', { hasText: 'Which rows' }).click();
    await part(page, 'own-explorer', 'test-rows').fill('40');
    await part(page, 'own-explorer', 'test-rows').press('Tab');
    await part(page, 'own-explorer', 'predict-error').filter({ hasText: 'test rows = "40"; accepted: rows from 0 to 11' }).waitFor();
    await part(page, 'own-explorer', 'test-rows').fill('0,5');
    await part(page, 'own-explorer', 'test-rows').press('Tab');
    await part(page, 'own-explorer', 'scores').filter({ hasText: 'Rows 0,5 predicted' }).waitFor();
    assert.equal(await part(page, 'own-explorer', 'predict-error').textContent(), '');
    assertClean(watch);
    await close();
  });

  test('files of one shape are seeds; another shape, and what is no matrix, is refused', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    const seed = (k) => {
      const draw = draws(k);
      return npy(8, 20, (row, column) => (row + 1) * (column + 1) / 100 + 0.02 * draw());
    };
    const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
    await opened(page, file('0.npy', seed(1)), file('1.npy', seed(2)), file('other.npy', npy(3, 20, () => 1)), file('cut.npy', seed(1).subarray(0, 400)));
    await shown(page, 'own-explorer');
    const items = await page.locator('#associations .own-files > li span').allTextContents();
    assert.match(items[2], /other\.npy = "3 x 20"; accepted: 8 x 20/);
    assert.match(items[3], /bytes of entries/);
    assert.match(await part(page, 'own-explorer', 'held').textContent(), /noise ceiling, mean of 2 seeds/);
    assert.match(await part(page, 'own-explorer', 'scores').filter({ hasText: 'noise of seeds alone' }).textContent(), /random/);
    await page.locator('#associations .own-files [data-act=drop]').nth(1).click();
    await page.waitForFunction(() => /One seed has no noise ceiling/.test(document.querySelector('#associations [data-part=own-explorer] [data-part=held]').textContent));
    assertClean(watch);
    await close();
  });

  test('is read again where the worker that knew it ended', { timeout: FINISHED_MS }, async () => {
    const prepare = marking('import', 'hasMatrix');
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`, { prepare });
    await phase(page, 'idle');
    await opened(page, text('mine.csv', lines()));
    await page.waitForFunction(() => / 10$/.test(document.querySelector('#associations [data-part=own-explorer]').dataset.observed ?? ''));
    const held = await part(page, 'own-explorer', 'held').textContent();
    await page.evaluate(() => window.started.findLast(({ hasMatrix }) => hasMatrix)
      .onerror(new ErrorEvent('error', { message: 'planted', cancelable: true })));
    await part(page, 'own-explorer', 'rows').selectOption('mean');
    await page.waitForFunction(() => document.querySelector('#associations [data-part=own-explorer]').dataset.order === 'mean cluster');
    await shown(page, 'own-explorer');
    await part(page, 'own-explorer', 'rank').fill('4');
    await part(page, 'own-explorer', 'rank').press('Tab');
    await page.waitForFunction((before) => document.querySelector('#associations [data-part=own-explorer] [data-part=held]').textContent !== before, held);
    assert.equal((await part(page, 'own-explorer', 'held').textContent()).replace(/rank 4.*/s, ''), held.replace(/rank 4.*/s, ''));
    assertClean(watch);
    await close();
  });

  test('one of the paper’s size loads and is decomposed without freezing the page', { timeout: 3 * FINISHED_MS }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lethe-'));
    const path = join(folder, 'ftd.npy');
    const [rows, columns] = [85, 141_871];
    const draw = draws(3);
    const drawn = (count) => Array.from({ length: count }, draw);
    const factors = [3, 2, 1].map((size) => ({ u: drawn(rows).map((value) => size * value), v: drawn(columns) }));
    writeFileSync(path, npy(rows, columns, (row, column) => factors.reduce((sum, { u, v }) => sum + u[row] * v[column], 0.1 * draw())));
    const { page, watch, close } = await openPage(lab, `/${EMPTY}`);
    await phase(page, 'idle');
    await page.evaluate(() => {
      const place = document.querySelector('#associations [data-part=own-explorer]');
      const status = place.querySelector('[data-part=map-status]');
      window.said = [];
      new MutationObserver(() => window.said.push([performance.now(), status.textContent])).observe(status, { childList: true, characterData: true, subtree: true });
    });
    const begun = await page.evaluate(() => performance.now());
    await page.locator('#associations-own-files').setInputFiles(path);
    await shown(page, 'own-explorer');
    const took = await page.evaluate(() => performance.now()) - begun;
    const said = await page.evaluate(() => window.said);
    const decomposing = said.filter(([, text]) => /^Decomposing, \d+ %$/.test(text));
    assert.ok(decomposing.length >= 2, 'its progress is told');
    assert.match(await part(page, 'own-explorer', 'sight').textContent(), /columns 1 to|all 141,871 columns; a picture element is the mean of up to \d+ entries/);
    const { reconstruction } = await page.evaluate(() => window.lethe.associations.askOwn({ reconstruction: { source: 'own', rank: 5 } }));
    const [, , third, , fifth] = reconstruction.ranks.map(({ r2 }) => r2);
    assert.ok(third > 0.98 && fifth < 1 && fifth > third, `rank 3 holds ${third}`);

    const frame = part(page, 'own-explorer', 'frame');
    await frame.focus();
    for (let k = 0; k < 6; k++) await page.keyboard.press('+');
    await page.waitForFunction((all) => Number(document.querySelector('#associations [data-part=own-explorer] [data-part=frame]').dataset.window.split(' ')[3]) < all / 10, columns);
    await page.keyboard.press('End');
    await part(page, 'own-explorer', 'spoken').filter({ hasText: /× column \d+: / }).waitFor({ state: 'attached' });
    const blocked = longTasks(watch, begun).map(({ duration }) => duration);
    t.diagnostic(`shown after ${Math.round(took)} ms, decomposed after ${Math.round(decomposing.at(-1)[0] - decomposing[0][0])} ms, longest task ${Math.round(Math.max(0, ...blocked))} ms`);
    assert.ok(blocked.every((duration) => duration < FROZEN_MS), `the page was busy for ${blocked.map(Math.round)} ms`);

    // The first draw is told method by method, and a thousand permutations keep nobody waiting.
    const moved = await page.evaluate(async () => {
      const place = document.querySelector('#associations [data-part=own-explorer]');
      const [slider, scores] = ['observed', 'scores'].map((name) => place.querySelector(`[data-part=${name}]`));
      const seen = [];
      const watching = new MutationObserver(() => seen.push([performance.now(), scores.tBodies[0].rows.length, scores.caption.textContent]));
      watching.observe(scores, { childList: true });
      const from = performance.now();
      slider.value = String(Number(slider.value) + 1);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      while (!seen.some(([, , told]) => /One draw\. /.test(told))) await new Promise((resolve) => { setTimeout(resolve, 20); });
      watching.disconnect();
      return seen.map(([at, rows, told]) => [at - from, rows, told]);
    });
    assert.match(moved[0][2], /One draw, by [1-4] of 5 methods so far/);
    assert.ok(moved.every(([, own], at) => at === 0 || own >= moved[at - 1][1]) && moved.at(-1)[1] === 5, String(moved.map(([, own]) => own)));
    await page.locator('#associations-own-examples').setInputFiles(text('kinds.csv', ['kind', ...Array.from({ length: columns }, (_, k) => `kind ${k % 8}`)]));
    await page.locator('#associations-own-examples-told').filter({ hasText: 'labels kind' }).waitFor();
    const permuted = await page.evaluate(async ([height, width]) => {
      const { askOwn } = window.lethe.associations;
      const from = performance.now();
      let [pictures, slowest] = [0, 0];
      for (let share = 0; share < 1;) {
        ({ share } = await askOwn({ together: { source: 'own', millis: 100 } }));
        const asked = performance.now();
        await askOwn({ picture: { source: 'own', window: { row: 0, rows: height, column: 0, columns: 1000 }, height, width, pooling: 'mean', dark: false, scale: 1 } });
        [pictures, slowest] = [pictures + 1, Math.max(slowest, performance.now() - asked)];
      }
      const { groups } = await askOwn({ together: { source: 'own', millis: 1 } });
      return { took: performance.now() - from, pictures, slowest, group: groups[0] };
    }, [rows, 500]);
    assert.ok(permuted.pictures > 3, 'pictures are drawn between permutations');
    assert.ok(permuted.group.p_value > 0.001 && Math.abs(permuted.group.by_chance.mean / (7 / (columns - 1)) - 1) < 0.05, JSON.stringify(permuted.group.by_chance));
    t.diagnostic(`slider: first method after ${Math.round(moved[0][0])} ms, all after ${Math.round(moved.at(-1)[0])} ms; 1,000 permutations in ${Math.round(permuted.took)} ms, a picture between them after at most ${Math.round(permuted.slowest)} ms`);
    assertClean(watch);
    await close();
    rmSync(folder, { recursive: true });
  });
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 320, height: 640 }]) {
    test(`it is accessible and fits, ${colorScheme}, ${viewport.width} px`, { timeout: FINISHED_MS }, async () => {
      const { page, watch, close } = await openPage(lab, `/${NETWORKS}`, { colorScheme, viewport, reducedMotion: 'reduce' });
      await phase(page, 'finished');
      await shown(page, 'explorer');
      await page.evaluate(() => document.querySelectorAll('#associations details').forEach((fold) => { fold.open = true; }));
      await part(page, 'explorer', 'means').locator('tbody tr').first().waitFor();
      await assertAccessible(page, `who forgets what, ${colorScheme}, ${viewport.width} px`);
      const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(sizes[0] <= sizes[1], `${sizes[0]} px in ${sizes[1]}`);
      assertClean(watch);
      await close();
    });
  }
}
