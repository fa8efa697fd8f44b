// Each experiment from a click on Run to the numbers on the screen, which must be those of the
// command line, wherever the page is hosted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, percent, recordOf, settle, shown, signed, texts, told } from './runs.mjs';
import { assertSmooth } from './trace.mjs';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const cellOf = (record, width, replay = 0) =>
  record.summary.cells.find((cell) => cell.width === width && cell.replay === replay);

/** Opens the table of a figure, and gives its rows as lists of texts, the header first. */
async function table(page, figure) {
  await page.locator(`#fig-${figure} [data-act=table]`).click();
  await page.locator('#table-scroll table').waitFor();
  const rows = await page.evaluate(() => [...document.querySelectorAll('#table-scroll tr')]
    .map((row) => [...row.children].map((cell) => cell.textContent)));
  await page.keyboard.press('Escape');
  return rows;
}

/** Presses Run on a quiet page, and waits until all is drawn. */
const pressRun = (page, watch, name) => assertSmooth(lab.browser, page, watch, name, async () => {
  await page.locator('#run').click();
  await finish(page);
  await drawn(page);
});

const spreadRow = ({ median, q25, q75 }) => [median, q25, q75].map(shown);

for (const path of ['/', '/sub/']) {
  test(`one run, pressed at ${path}, shows the numbers of the command line`, async () => {
    const { page, watch, close } = await openPage(lab, path);
    await settle(page);
    await pressRun(page, watch, `one run at ${path}`);

    const record = nativeRecord('#v=1&x=dynamics');
    assertSame(await recordOf(page), record, 'one run');
    const cell = cellOf(record, 64);
    assert.deepEqual(await texts(page, '#said b.old'), [cell.ood_loss_before, cell.ood_loss].map(({ median }) => shown(median)));
    assert.deepEqual(await texts(page, '#said b.new'), [cell.id_loss_before, cell.id_loss].map(({ median }) => shown(median)));
    const { low, high } = cell.forgetting_interval;
    const more = await page.locator('#said-more').textContent();
    assert.ok(more.includes(`Forgetting ${signed(cell.forgetting.median)}, 95 % interval ${signed(low)} to ${signed(high)}`), more);

    const losses = await table(page, 'loss');
    const last = losses.at(-1);
    assert.deepEqual(last.slice(0, 5), ['fine-tuning', '500', ...spreadRow(cell.ood_loss)]);
    assert.deepEqual(last.slice(5, 8), spreadRow(cell.id_loss));
    assert.deepEqual(last.slice(8, 11), spreadRow(cell.overwritten_loss));
    assert.equal(losses.length, 1 + record.series[0].pretraining.steps.length + record.series[0].fine_tuning[0].steps.length);
    const curve = await table(page, 'function');
    const { x, before: was, after: now } = record.functions[0];
    assert.deepEqual(curve.slice(1).map((row) => Number(row[0].replace('−', '-'))), x.map((at) => Number(at.toPrecision(4))));
    assert.deepEqual(curve.slice(1).map((row) => row.slice(1, 3)), x.map((_, k) => [was[k].median, now[k].median].map(shown)));
    assert.equal((await told(page)).link, record.link);
    assertClean(watch);
    await close();
  });

  test(`width, pressed at ${path}, shows the numbers of the command line`, async () => {
    const { page, watch, close } = await openPage(lab, path);
    await settle(page);
    await page.locator('#nav a[data-experiment=width]').click();
    await page.locator('#set-s').fill('0..9');
    await page.locator('#set-s').blur();
    await pressRun(page, watch, `width at ${path}`);

    const record = nativeRecord('#v=1&x=width&s=0..9');
    assertSame(await recordOf(page), record, 'width');
    const { equal_steps: steps, equal_id_loss: loss, equal_effective_time: time } = record.summary.comparisons[0];
    assert.deepEqual(await texts(page, '#said b.old'),
      [steps.points[0], steps.points.at(-1)].map(({ forgetting }) => shown(forgetting.median)));
    const words = {
      rises: 'wider networks forget more', falls: 'wider networks forget less', undecided: 'undecided whether wider networks forget more',
    };
    const said = await page.locator('#said').textContent();
    assert.ok(said.includes(words[steps.slope.verdict]), said);
    const more = await page.locator('#said-more').textContent();
    for (const [name, { slope }] of [['Equal steps', steps], ['Equal loss', loss], ['Equal time', time]]) {
      const { low, high } = slope.interval;
      const wanted = `${name} ${slope.verdict}: ${signed(slope.per_doubling)} per doubling, 95 % interval ${signed(low)} to ${signed(high)}`;
      assert.ok(more.includes(wanted), `"${wanted}" in "${more}"`);
    }
    const rows = await table(page, 'width');
    const column = rows[0].indexOf('equal steps, median');
    assert.deepEqual(rows.slice(1).map((row) => [row[0], row[column]]),
      steps.points.map(({ width, forgetting }) => [String(width), shown(forgetting.median)]), rows[0].join('|'));
    assertClean(watch);
    await close();
  });

  test(`replay, pressed at ${path}, shows the numbers of the command line`, async () => {
    const { page, watch, close } = await openPage(lab, path);
    await settle(page);
    await page.locator('#nav a[data-experiment=replay]').click();
    await pressRun(page, watch, `replay at ${path}`);

    const record = nativeRecord('#v=1&x=replay');
    assertSame(await recordOf(page), record, 'replay');
    const { cells } = record.summary;
    const without = cells[0].forgetting.median;
    const enough = cells.slice(1).find((cell) => 1 - cell.forgetting.median / without >= 0.9);
    assert.deepEqual(await texts(page, '#said b.old'), [without, enough.forgetting.median].map(shown));
    assert.deepEqual(await texts(page, '#said b:not(.old)'),
      [percent(enough.replay), percent(Math.min(1, 1 - enough.forgetting.median / without))]);
    const rows = await table(page, 'replay');
    assert.deepEqual(rows.slice(1), cells.map((cell) => [shown(cell.replay), ...spreadRow(cell.forgetting)]));
    assertClean(watch);
    await close();
  });
}
