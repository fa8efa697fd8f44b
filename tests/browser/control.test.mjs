// A run obeys: pause, step, resume, cancel, more seeds; by pointer and by keyboard alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, reach, recordOf, settle, shown, told } from './runs.mjs';

const LONG = '#v=1&x=dynamics&w=256&s=0..23'; // a few seconds: time to press something
const SMALL = '#v=1&x=dynamics&w=16&pre=60&ft=40&n=16&s=0..4';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const progress = (page) => page.evaluate(() => document.getElementById('progress').value);
const untilProgress = (page, least) => page.waitForFunction(
  (value) => document.getElementById('progress').value > value, least, { timeout: 60_000 });

/** Waits until nothing more arrives, and fails if it never stops arriving. */
async function still(page) {
  let last = -1;
  for (let tries = 0; tries < 20; tries += 1) {
    const now = await progress(page);
    if (now === last) return now;
    last = now;
    await page.waitForTimeout(400);
  }
  throw new Error('the progress never came to rest');
}

describe('by pointer', () => {
  test('pause holds, step goes one checkpoint on, resume ends at the same result', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`);
    await untilProgress(page, 0.05);
    await page.locator('#pause').click();
    await reach(page, 'paused');
    assert.equal(await page.locator('#run').textContent(), 'Resume');
    const held = await still(page);
    assert.ok(held < 1);
    await page.waitForTimeout(1000);
    assert.equal(await progress(page), held, 'nothing goes on while paused');

    await page.locator('#step').click();
    await untilProgress(page, held);
    const stepped = await still(page);
    assert.equal(await page.locator('html').getAttribute('data-state'), 'paused');
    assert.ok(stepped > held && stepped < 1, `one step from ${held} to ${stepped}`);

    await page.locator('#run').click();
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(LONG), 'after a pause and a step');
    assertClean(watch);
    await close();
  });

  test('cancel keeps the seeds that are finished, and Run does the rest', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`);
    await page.waitForFunction(() => window.lethe?.state().seeds_done >= 2, null, { timeout: 60_000 });
    await page.locator('#cancel').click();
    await reach(page, 'idle');
    await drawn(page);
    const { seeds_done: kept, more } = await told(page);
    assert.ok(kept >= 2 && kept < 24, `${kept} seeds kept`);
    assert.equal(await page.locator('#status-text').textContent(), `Cancelled at ${kept} of 24 seeds`);
    assert.match(more, new RegExp(`^Cancelled after ${kept} of 24 seeds`));
    await page.locator('#run').click();
    await reach(page, 'running');
    assert.ok((await told(page)).seeds_done >= kept, 'what was finished is not computed again');
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(LONG), 'after a cancel');
    assertClean(watch);
    await close();
  });

  test('ten more seeds give the result of a fresh run with all of them', async () => {
    const { page, watch, close } = await openPage(lab, `/${SMALL}`);
    await finish(page);
    await page.locator('#add-seeds').click();
    await finish(page);
    const link = '#v=1&x=dynamics&w=16&pre=60&ft=40&n=16&s=0..14';
    assertSame(await recordOf(page), nativeRecord(link), 'five seeds and ten');
    assert.equal(await page.evaluate(() => location.hash), nativeRecord(link).link.replace(/&b=.*/, ''));
    assertClean(watch);
    await close();
  });

  test('changed settings are said to be so, and the old result is not passed off as theirs', async () => {
    const { page, watch, close } = await openPage(lab, `/${SMALL}`);
    await finish(page);
    await page.locator('#set-act').selectOption('tanh');
    await drawn(page);
    assert.match(await page.locator('#said').textContent(), /Settings changed; press Run\./);
    assert.equal(await page.locator('#fig-loss').getAttribute('data-stale'), '');
    assert.ok(!(await told(page)).link.includes('fp='));
    await page.locator('#run').click();
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(SMALL.replace('&n=16', '&act=tanh&n=16')), 'tanh');
    assertClean(watch);
    await close();
  });

  test('a text that is not accepted is refused beside its field, and the last good value stays', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    const before = (await told(page)).link;
    await page.locator('#set-s').fill('5..1');
    await page.locator('#set-s').blur();
    await drawn(page);
    assert.match(await page.locator('#err-s').textContent(), /1 to 1024 seeds/);
    assert.equal(await page.locator('#set-s').getAttribute('aria-invalid'), 'true');
    assert.equal((await told(page)).link, before);
    await page.locator('#set-s').fill('3');
    await page.locator('#set-s').blur();
    await drawn(page);
    assert.equal(await page.locator('#err-s').textContent(), '');
    assert.equal((await told(page)).link, `${before}&s=3`);
    assertClean(watch);
    await close();
  });
});

describe('by keyboard alone', () => {
  test('the button that was pressed keeps the focus, whatever it is called then', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    await page.evaluate((link) => { location.hash = `${link}&t=0`; }, LONG);
    await reach(page, 'running');
    await page.keyboard.press('Escape');
    await reach(page, 'idle');
    const press = async (id, ...after) => {
      await page.locator(`#${id}`).focus();
      await page.keyboard.press('Enter');
      await reach(page, ...after);
      await drawn(page);
      assert.equal(await page.evaluate(() => document.activeElement.id), id, `after ${id}`);
    };
    const off = (id) => page.locator(`#${id}`).getAttribute('aria-disabled');
    await press('run', 'running');
    assert.deepEqual([await off('run'), await off('pause')], ['true', null]);
    await press('pause', 'paused');
    assert.deepEqual([await off('run'), await off('pause')], [null, 'true']);
    const held = await still(page);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(500);
    assert.equal(await progress(page), held, 'Enter on Pause does nothing once the run is paused');
    await press('run', 'running');
    await press('cancel', 'idle');
    assert.equal(await off('cancel'), 'true');
    assertClean(watch);
    await close();
  });

  test('R runs, Space pauses and resumes, S steps, Escape cancels', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    await page.evaluate((link) => { location.hash = `${link}&t=0`; }, LONG);
    await untilProgress(page, 0.02);
    await page.keyboard.press('Escape');
    await reach(page, 'idle');
    await page.keyboard.press('r');
    await reach(page, 'running');
    await untilProgress(page, 0.05);
    await page.keyboard.press(' ');
    await reach(page, 'paused');
    const held = await still(page);
    await page.keyboard.press('s');
    await untilProgress(page, held);
    assert.ok(await still(page) < 1);
    await page.keyboard.press(' ');
    await reach(page, 'running');
    await page.keyboard.press('Escape');
    await reach(page, 'idle');
    assertClean(watch);
    await close();
  });

  test('L copies the link and says so, T opens the table, Escape closes it and cancels nothing', async () => {
    const { page, watch, close } = await openPage(lab, `/${LONG}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    await untilProgress(page, 0.02);
    await page.keyboard.press('l');
    await page.waitForFunction(() => document.getElementById('announce').textContent === 'Link copied');
    assert.ok((await page.evaluate(() => navigator.clipboard.readText())).endsWith(LONG));
    await page.keyboard.press('t');
    await page.locator('#table-scroll table').waitFor();
    assert.ok(await page.evaluate(() => document.getElementById('table-dialog').matches(':popover-open')));
    await page.keyboard.press('Escape');
    await page.locator('#table-dialog').waitFor({ state: 'hidden' });
    assert.notEqual(await page.locator('html').getAttribute('data-state'), 'idle');
    await finish(page);
    assertClean(watch);
    await close();
  });

  test('the arrows move a figure\'s cursor, and what it reads are the record\'s numbers', async () => {
    const { page, watch, close } = await openPage(lab, `/${SMALL}`);
    await finish(page);
    const { summary, series } = nativeRecord(SMALL);
    const { median: end } = summary.cells[0].ood_loss;
    // The middle one of five seeds. A logarithmic axis begins at step 1.
    const first = (columns) => columns.map(({ ood_loss: losses }) => losses[1]).sort((a, b) => a - b)[2];
    const atStart = first(series.map(({ pretraining }) => pretraining));
    const atTurn = first(series.map(({ fine_tuning: [branch] }) => branch));
    const cursor = page.locator('#fig-loss .cursor');
    const read = async (key) => {
      await page.keyboard.press(key);
      await drawn(page);
      return cursor.getAttribute('aria-valuetext');
    };
    await cursor.focus();
    const last = await read('End');
    assert.ok(last.startsWith('fine-tuning, step 40: ') && last.includes(`old task ${shown(end)}`), last);
    assert.notEqual(await read('ArrowLeft'), last);
    assert.equal(await read('ArrowRight'), last);
    let text = await read('Home');
    assert.ok(text.startsWith(`pre-training, step 1: old task ${shown(atStart)},`), text);
    for (let tries = 0; tries < 60 && !text.startsWith('fine-tuning'); tries += 1) text = await read('ArrowRight');
    assert.ok(text.startsWith(`fine-tuning, step 1: old task ${shown(atTurn)},`), text);
    assert.equal(await page.locator('#fig-loss .tip').isVisible(), true);
    assertClean(watch);
    await close();
  });

  test('letters can be switched off, stay off, and never act while text is typed', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    await page.locator('#set-s').focus();
    await page.keyboard.type('rst');
    assert.equal((await told(page)).phase, 'idle');
    await page.locator('#set-s').fill('0..15');
    await page.locator('#help-button').click();
    await page.locator('label[for=letter-keys]').click();
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('r');
    await drawn(page);
    assert.equal((await told(page)).phase, 'idle');
    await page.reload();
    await settle(page);
    assert.equal(await page.locator('#letter-keys').isChecked(), false);
    await page.keyboard.press('r');
    await drawn(page);
    assert.equal((await told(page)).phase, 'idle');
    assertClean(watch);
    await close();
  });
});
