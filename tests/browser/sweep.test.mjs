// The sweep: it streams into its map without holding the page up, its numbers are those of the command
// line, and every cell opens to its networks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, percent, recordOf, settle, shown, texts, told } from './runs.mjs';
import { assertSmooth } from './trace.mjs';

const LINK = '#v=1&x=sweep&w=4,8,16,32,64&s=0..47'; // 1,920 small networks: much to show for little work
const WIDTHS = [4, 8, 16, 32, 64];
const SEEDS = 48;

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** The rows of the map's table, the header left out: width, p, median, q25, q75, seeds, blew up. */
async function map(page) {
  await page.locator('#fig-map [data-act=table]').click();
  await page.locator('#table-scroll table').waitFor();
  const rows = await page.evaluate(() => [...document.querySelectorAll('#table-scroll tbody tr')]
    .map((row) => [...row.children].map((cell) => cell.textContent)));
  await page.keyboard.press('Escape');
  return rows;
}

const held = (page) => page.locator('#fig-map .cursor').getAttribute('aria-valuetext');

test('a sweep streams, is never long at anything, and opens cell by cell', { timeout: 300_000 }, async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await settle(page);
  assert.equal(await page.locator('#fig-map').isVisible(), false, 'other experiments have no map');
  let streamed = [];
  await assertSmooth(lab.browser, page, watch, '1,920 networks', async () => {
    await page.evaluate((link) => window.lethe.run(link), LINK);
    await page.waitForFunction((seeds) => {
      const status = window.lethe.state();
      return status.seeds_done >= 2 && status.seeds_done < seeds;
    }, SEEDS, { timeout: 120_000 });
    await drawn(page);
    // The reference, which has other widths, stands there until the first summary is made.
    do streamed = await map(page); while (streamed.length !== 8 * WIDTHS.length && (await told(page)).phase === 'running');
    await finish(page);
    await drawn(page);
  });

  assert.equal(streamed.length, 8 * WIDTHS.length);
  const there = streamed.map((row) => Number(row[5]));
  assert.ok(there.some((seeds) => seeds > 0) && there.every((seeds) => seeds <= SEEDS), `seeds by cell: ${there}`);
  assert.ok(there.some((seeds) => seeds < SEEDS), 'the map was read before the end');

  const record = nativeRecord(LINK);
  assertSame(await recordOf(page), record, 'the sweep');
  const cell = (width, replay) =>
    record.summary.cells.find((other) => other.width === width && other.replay === replay);
  const rows = await map(page);
  const wanted = record.spec.replay.flatMap((p) => WIDTHS.map((width) => {
    const { median, q25, q75, n, diverged } = cell(width, p).forgetting;
    return [String(width), ...[p, median, q25, q75, n, diverged].map(shown)];
  }));
  assert.deepEqual(rows, wanted);

  // The sentence names the fraction whose effect depends on width the most.
  const steepest = record.summary.left_by_replay
    .reduce((a, b) => (Math.abs(b.slope.per_doubling) > Math.abs(a.slope.per_doubling) ? b : a));
  const [narrow, wide] = [steepest.points[0], steepest.points.at(-1)].map(({ share }) => share.median);
  assert.deepEqual(await texts(page, '#said b'), [steepest.replay, narrow, wide].map(percent));

  // By keys: cell by cell, announced; Enter opens one, Escape leaves it.
  const cursor = page.locator('#fig-map .cursor');
  await cursor.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowRight');
  await drawn(page);
  const { median } = cell(8, record.spec.replay[1]).forgetting;
  const said = await held(page);
  assert.equal(said, `width h 8, replay p ${percent(record.spec.replay[1])}: median forgetting ${shown(median)}, from 48 of 48 seeds`);
  assert.equal(await page.evaluate(() => location.hash.includes('&c=')), false);
  await page.keyboard.press('Enter');
  await drawn(page);
  assert.match(await page.evaluate(() => location.hash), /&c=8,1(&|$)/);
  assert.match(await page.locator('#sum-loss').textContent(), /Thin lines: the old task on every seed/);
  const losses = await page.locator('#fig-loss canvas').getAttribute('aria-label');
  assert.ok(losses.includes(`to ${shown(cell(8, record.spec.replay[1]).ood_loss.median)}`), losses);
  await page.keyboard.press('Escape');
  await drawn(page);
  assert.equal(await page.evaluate(() => location.hash.includes('&c=')), false);
  assert.doesNotMatch(await page.locator('#sum-loss').textContent(), /Thin lines/);

  // By pointer: a press opens a cell, the link says which, a seed under the pointer stands out; a second press leaves it.
  const box = await cursor.boundingBox();
  const place = { x: box.width * 0.6, y: box.height * 0.3 };
  await cursor.click({ position: place });
  await drawn(page);
  assert.match(await page.evaluate(() => location.hash), /&c=\d+,\d+(&|$)/);
  const plot = await page.locator('#fig-loss .cursor').boundingBox();
  let thin = '';
  for (let part = 0.3; part < 0.8 && !thin.includes('thin line'); part += 0.04) {
    await page.mouse.move(plot.x + 0.65 * plot.width, plot.y + part * plot.height);
    await drawn(page);
    thin = await page.locator('#fig-loss .tip').textContent();
  }
  assert.match(thin, /thin line: seed \d+/);
  await cursor.click({ position: place });
  await drawn(page);
  assert.equal(await page.evaluate(() => location.hash.includes('&c=')), false);
  assertClean(watch);
  await close();
});

test('a link to a cell opens it', async () => {
  const { page, watch, close } = await openPage(lab, '/#v=1&x=sweep&w=4,16&p=0,0.01&s=0..3&c=16,1');
  await finish(page);
  assert.match(await page.locator('#sum-loss').textContent(), /Thin lines: the old task on every seed/);
  assert.match(await page.locator('#sum-map').textContent(), /every network of the outlined cell/);
  assertClean(watch);
  await close();
});
