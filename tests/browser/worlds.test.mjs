// Worlds: each is chosen by its control, shows the settings that it reads, and comes to the command line's bits;
// a sequence of tasks is told task by task.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { assertAsNative, command, nativeRecord } from './native.mjs';
import { drawn, finish, settle, shown, signed, texts, told } from './runs.mjs';

const SMALL = 'w=16&pre=60&ft=42&n=16&s=0..5';

// Which of the settings that only some worlds read each of them reads, and a link that changes some.
const WORLDS = {
  gaussians: { reads: ['mu', 'sd', 'sdas', 'y1'], link: `#v=1&x=dynamics&${SMALL}` },
  clusters: { reads: ['din', 'k', 'sd', 'sdas', 'y1'], link: '#v=1&x=dynamics&wo=clusters&w=16&pre=60&ft=42&din=3&k=6&n=16&s=0..5' },
  teacher: { reads: ['din', 'mu', 'sim'], link: '#v=1&x=dynamics&wo=teacher&w=16&pre=60&ft=42&sim=0.8&n=16&s=0..5' },
  rotated: { reads: ['din', 'mu', 'nt', 'rot', 'sd', 'sdas'], link: '#v=1&x=dynamics&wo=rotated&w=16&pre=60&ft=42&p=0.1&nt=3&rot=90&n=16&s=0..5' },
  permuted: { reads: ['din', 'k', 'nt', 'sd', 'sdas'], link: `#v=1&x=dynamics&wo=permuted&${SMALL}` },
  partial: { reads: ['mu', 'part', 'sd', 'sdas', 'y1'], link: '#v=1&x=dynamics&wo=partial&w=16&pre=60&ft=42&part=0.3&n=16&s=0..5' },
  gradual: { reads: ['mu', 'nt', 'sd', 'sdas', 'y1'], link: `#v=1&x=dynamics&wo=gradual&${SMALL}` },
};
const OF_WORLDS = ['din', 'k', 'mu', 'nt', 'part', 'rot', 'sd', 'sdas', 'sim', 'y1'];

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** The settings of worlds whose controls are there, open what may hold them. */
const there = (page) => page.evaluate((keys) => {
  document.querySelectorAll('.more-set').forEach((details) => { details.open = true; });
  return keys.filter((key) => document.querySelector(`.ctl[data-key=${key}]`).checkVisibility());
}, OF_WORLDS);

const explained = (page) => page.evaluate(() => [...document.querySelectorAll('#world-text [data-world]')]
  .filter((text) => text.checkVisibility()).map(({ dataset }) => dataset.world));

test('the page offers every world of the command line', async () => {
  const { page, close } = await openPage(lab, '/');
  const offered = await page.evaluate(() => [...document.querySelectorAll('#set-wo option')].map(({ value }) => value));
  const { status, stderr } = command('run', '#v=1&wo=nowhere');
  assert.equal(status, 2);
  assert.ok(stderr.includes(`one of ${offered.join(', ')}`), stderr);
  assert.deepEqual(offered, Object.keys(WORLDS));
  await close();
});

test('controls and explanations come and go with the world', async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await settle(page);
  assert.deepEqual(await there(page), WORLDS.gaussians.reads);
  for (const [world, { reads }] of Object.entries(WORLDS).reverse()) {
    await page.locator('#set-wo').selectOption(world);
    await drawn(page);
    assert.deepEqual(await there(page), reads, world);
    assert.deepEqual(await explained(page), [world]);
    const in_sequence = reads.includes('nt');
    assert.equal(await page.locator('#fig-tasks').isVisible(), in_sequence, world);
    assert.equal(await page.locator('#set-stop').isVisible(), !in_sequence, world);
    const link = world === 'gaussians' ? '#v=1&x=dynamics' : `#v=1&x=dynamics&wo=${world}`;
    assert.equal((await told(page)).link, link);
  }
  assert.deepEqual(await texts(page, '#notices p'), []);
  assertClean(watch);
  await close();
});

test('a setting that the next world has no use for is put back, and the page says so', async () => {
  const { page, watch, close } = await openPage(lab, '/#v=1&x=dynamics&wo=rotated&w=16&pre=60&ft=42&rot=90&n=16&s=0');
  await finish(page);
  await page.locator('#set-wo').selectOption('permuted');
  await drawn(page);
  assert.equal((await told(page)).link, '#v=1&x=dynamics&wo=permuted&w=16&pre=60&ft=42&n=16&s=0');
  const notices = await texts(page, '#notices p');
  assert.ok(notices.some((text) => /angle = "90"; accepted: 45 in the world permuted/.test(text)), notices.join('\n'));
  assertClean(watch);
  await close();
});

describe('a link to each world', () => {
  for (const [world, { link }] of Object.entries(WORLDS)) {
    test(`${world}: the same bits as on the command line, the same words, and its copy verifies`, async () => {
      const { page, watch, close } = await openPage(lab, `/${link}`);
      await finish(page);
      assert.equal(await page.locator('#set-wo').inputValue(), world);
      await assertAsNative(lab, page, link);
      assertClean(watch);
      await close();
    });
  }
});

describe('task by task', () => {
  test('the matrix holds the record\'s losses, by table, keys and words', async () => {
    const { page, watch, close } = await openPage(lab, `/${WORLDS.rotated.link}`);
    await finish(page);
    const { summary: { sequences: [told] } } = nativeRecord(WORLDS.rotated.link);
    await page.locator('#fig-tasks [data-act=table]').click();
    const rows = await page.evaluate(() => [...document.querySelectorAll('#table-scroll tr')]
      .map((row) => [...row.children].map((cell) => cell.textContent)));
    await page.keyboard.press('Escape');
    const names = ['old task', 'task 1', 'task 2'];
    assert.deepEqual(rows, [['after', ...names], ...told.matrix.map((losses, row) => [names[row], ...losses.map(shown)])]);

    const { median } = told.backward_transfer;
    const { low, high } = told.backward_transfer_interval;
    const wanted = `backward transfer ${signed(median)} (95 % interval ${signed(low)} to ${signed(high)})`;
    const line = await page.locator('#sum-tasks').textContent();
    assert.ok(line.includes(wanted), `"${wanted}" in "${line}"`);
    assert.deepEqual(await texts(page, '#said b.old'), [Math.abs(median), told.matrix[0][0], told.matrix[2][0]].map(shown));
    assert.deepEqual(await texts(page, '#said b.new'), [shown(told.plasticity.median)]);

    const cursor = page.locator('#fig-tasks .cursor');
    await cursor.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await drawn(page);
    assert.equal(await cursor.getAttribute('aria-valuetext'), `loss on task 1, after task 2: median loss ${shown(told.matrix[2][1])}`);
    await page.keyboard.press('ArrowUp');
    await drawn(page);
    assert.equal(await cursor.getAttribute('aria-valuetext'), `loss on task 1, after task 1: median loss ${shown(told.matrix[1][1])}`);
    assertClean(watch);
    await close();
  });

  test('it stands first in a sequence, and what no world overwrites has no curve', async () => {
    const { page, watch, close } = await openPage(lab, `/${WORLDS.rotated.link}`, { viewport: { width: 320, height: 700 } });
    await finish(page);
    for (const width of [320, 390, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await drawn(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${width} px`);
    }
    const first = () => page.evaluate(() => document.querySelector('#figures figure').id);
    assert.equal(await first(), 'fig-tasks');
    const columns = async () => {
      await page.locator('#fig-loss [data-act=table]').click();
      const head = await texts(page, '#table-scroll th');
      await page.keyboard.press('Escape');
      return head;
    };
    assert.ok((await columns()).every((title) => !title.startsWith('overwritten')), 'nothing is overwritten here');
    assert.match(await page.locator('#sum-loss').textContent(), /The new task is the one in hand: 2 in turn/);
    await page.evaluate((link) => window.lethe.run(link), WORLDS.partial.link);
    await finish(page);
    assert.equal(await first(), 'fig-function');
    assert.equal(await page.locator('#fig-tasks').isVisible(), false);
    assert.ok((await columns()).some((title) => title.startsWith('overwritten')), 'here it is');
    assertClean(watch);
    await close();
  });
});
