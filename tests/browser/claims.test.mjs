// The presets: each claim of the poster answers, and says what it found. How fast is printed, not
// asserted: a test machine may be busy. The aim on two idle cores is 5 s to a first answer, 30 s to the end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { finish, settle, shown, recordOf, texts, told } from './runs.mjs';

const FOUND = {
  forgets: /^Learning the new task cost the network part of the old one/,
  wider: /^At equal steps, wider networks forget more/,
  replay: /^Giving 3\u00a0% of the weight to old data removes/,
  overlap: /^Giving 10\u00a0% of the weight to old data removes [\d.]+\u00a0% of the forgetting: /,
  ntk: /^At equal steps, wider networks forget less/,
  tanh: /^At equal steps, it is undecided whether wider networks forget more: /,
  both: /^Replay does more the wider the network: giving /,
  kernel: /^Before the first step, the kernel knew what fine-tuning would do: at width 1024 /,
  rich: /^The kernel did not foresee what fine-tuning would do: at width 256 /,
  curriculum: /^Spending 1\u00a0% of the weight on old data: after the last step, back-loaded replay is best, /,
  sequence: /^Later tasks cost the network part of the earlier ones: after 3 new tasks in turn, /,
};

// Minutes on two cores: the same as `both` on more seeds, within the page's limits by tests/science/sweep.rs.
const LONG = ['thousands'];

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

test('every claim of the page is known here', async () => {
  const { page, close } = await openPage(lab, '/');
  const values = await page.evaluate(() => [...document.querySelectorAll('#claims input')].map(({ value }) => value));
  assert.deepEqual(values, [...Object.keys(FOUND), ...LONG]);
  await close();
});

for (const [claim, found] of Object.entries(FOUND)) {
  test(`the claim "${claim}" answers`, async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    const start = Date.now();
    await page.locator(`#claims label:has(input[value=${claim}])`).click();
    await page.waitForFunction(() => {
      const said = document.getElementById('said').textContent;
      return /^So far, on \d+ of \d+ seeds, /.test(said) || window.lethe.state().fingerprint;
    }, null, { timeout: 60_000 });
    const first = (Date.now() - start) / 1000;
    await finish(page);
    const all = (Date.now() - start) / 1000;
    console.log(`${claim}: first answer after ${first.toFixed(1)} s, complete after ${all.toFixed(1)} s`);

    assert.equal(await page.locator(`#claims input[value=${claim}]`).isChecked(), true);
    assert.match(await page.locator('#said').textContent(), found);
    const { summary, spec } = await recordOf(page);
    const numbers = await texts(page, '#said b.old');
    const { points } = summary.comparisons[0]?.equal_steps ?? { points: [] };
    const first64 = summary.cells[0];
    const widest = summary.cells.filter(({ replay }) => replay === first64.replay).at(-1);
    const wanted = {
      dynamics: summary.sequences
        ? [Math.abs(summary.sequences[0].backward_transfer.median), ...[0, 3].map((row) => summary.sequences[0].matrix[row][0])]
        : [first64.ood_loss_before.median, first64.ood_loss.median],
      width: [points[0]?.forgetting.median, points.at(-1)?.forgetting.median],
      replay: [first64.forgetting.median],
      sweep: [],
      ntk: [widest.theory?.predicted_forgetting.median, widest.forgetting.median],
      curriculum: (summary.goals ?? []).flatMap(({ ways }) => {
        const medians = ways.map(({ trained }) => trained.median);
        return [Math.min(...medians), medians[0]];
      }),
    }[spec.experiment].map(shown);
    assert.deepEqual(numbers.slice(0, wanted.length), wanted);
    assert.equal((await told(page)).notices.length, 0);
    assertClean(watch);
    await close();
  });
}
