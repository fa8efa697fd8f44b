// Theory: what the kernel predicts in the page is what it predicts on the command line, bit for bit, and the
// figures say it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, recordOf, shown } from './runs.mjs';

const LINK = '#v=1&x=ntk&w=16,64&p=0,0.1&n=64&s=0..5';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

async function table(page, figure) {
  await page.locator(`#fig-${figure} [data-act=table]`).click();
  await page.locator('#table-scroll table').waitFor();
  const rows = await page.evaluate(() => [...document.querySelectorAll('#table-scroll tr')]
    .map((row) => [...row.children].map((cell) => cell.textContent)));
  await page.keyboard.press('Escape');
  return { head: rows[0], rows: rows.slice(1) };
}

test('predictions are made in the page as on the command line, and every figure that has them shows them', { timeout: 180_000 }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LINK}`);
  await finish(page);
  await drawn(page);
  const record = nativeRecord(LINK);
  assertSame(await recordOf(page), record, 'a predicted run');

  assert.equal(await page.locator('#fig-gap').isVisible(), true);
  assert.equal(await page.locator('#fig-map').isVisible(), false, 'no map of a few cells');
  const cells = record.summary.cells.filter(({ replay }) => replay === 0);
  const gap = await table(page, 'gap');
  assert.deepEqual(gap.rows.map((row) => row.slice(0, 2)),
    cells.map(({ width, drift_relative_error }) => [String(width), shown(drift_relative_error.median)]));

  const loss = await table(page, 'loss');
  const column = loss.head.indexOf('old task, predicted');
  assert.ok(column > 0, `the losses have a predicted column: ${loss.head}`);
  const predicted = loss.rows.filter((row) => row[0] === 'fine-tuning').map((row) => row[column]);
  assert.ok(predicted.length > 20 && predicted.every((text) => /\d/.test(text)), 'at every checkpoint of fine-tuning');

  const replay = await table(page, 'replay');
  assert.equal(replay.head.at(-1), 'predicted');
  assert.match(await page.locator('#said-more').textContent(), /The error goes as width to the power/);
  // The GPU computes no predictions, whatever is wished.
  assert.deepEqual(record.engine, 'fused-cpu');
  assertClean(watch);
  await close();
});

test('schedules are prescribed in the page as on the command line', { timeout: 180_000 }, async () => {
  const link = '#v=1&x=curriculum&w=64&n=64&s=0..5&sg=10';
  const { page, watch, close } = await openPage(lab, `/${link}`);
  await finish(page);
  const record = nativeRecord(link);
  assertSame(await recordOf(page), record, 'a curriculum');
  assert.equal(record.series[0].spending.length, 7);
  assert.match(await page.locator('#said').textContent(), /^Spending 1\u00a0% of the weight on old data: /);
  assert.equal(await page.locator('.ctl[data-key=sg]').isVisible(), true);
  assert.equal(await page.locator('#set-sg').inputValue(), '10');
  assertClean(watch);
  await close();
});

test('other experiments have no predictions', async () => {
  const { page, close } = await openPage(lab, '/#v=1&x=width&w=4,8&n=16&pre=50&ft=20&s=0..1');
  await finish(page);
  assert.equal(await page.locator('#fig-gap').isVisible(), false);
  assert.equal(await page.locator('.ctl[data-key=rl]').isVisible(), false);
  assert.equal(await page.locator('.ctl[data-key=sg]').isVisible(), false);
  await close();
});
