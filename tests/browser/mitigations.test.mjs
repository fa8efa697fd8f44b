// Mitigations: chosen by their checkboxes or by name and strength, compared by the front, the sentence and the record
// of the command line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { assertAsNative, nativeRecord } from './native.mjs';
import { drawn, finish, settle, texts, told } from './runs.mjs';

const ALL = ['replay', 'added', 'l2', 'ewc', 'distil', 'ogd', 'freeze', 'interpolate', 'rate'];
const SMALL = '#v=1&x=mitigations&w=16&pre=200&ft=120&n=32&s=0..5';
const FEW = '#v=1&x=mitigations&w=16&pre=60&ft=40&n=32&s=0..1&mit=replay@0.1,ewc@1';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const parts = (page) => page.evaluate(() => [...document.querySelectorAll('[data-list=mit] input[data-part]')]
  .map((input) => ({ name: input.dataset.part.split('@')[0], entries: input.dataset.part, checked: input.checked, about: document.getElementById(input.getAttribute('aria-describedby')).textContent })));
const rowsOf = (page) => page.evaluate(() => [...document.querySelectorAll('#table-scroll tr')]
  .map((row) => [...row.children].map((cell) => cell.textContent)));

test('every mitigation has a checkbox and a sentence with its source, and all are asked for at first', async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await settle(page);
  assert.ok(!await page.locator('[data-list=mit]').isVisible(), 'only where mitigations are compared');
  assert.ok(!await page.locator('#fig-front').isVisible());
  await page.locator('#nav [data-experiment=mitigations]').click();
  await page.waitForFunction(() => window.lethe.state().link.includes('x=mitigations'));
  await drawn(page);
  const offered = await parts(page);
  assert.deepEqual(offered.map(({ name }) => name), ALL);
  assert.ok(offered.every(({ checked }) => checked));
  for (const { name, about } of offered) {
    assert.match(about, new RegExp(`${name}@`), name);
    assert.match(about, /(19|20)\d\d/, name);
  }
  // What they put in is what the experiment asks for, in its order.
  assert.equal(await page.locator('#set-mit').inputValue(), offered.map(({ entries }) => entries).join(','));
  assert.ok(await page.locator('#fig-front').isVisible());
  assert.ok(!await page.locator('.ctl[data-key=p]').first().isVisible(), 'mitigations bring their own replay');
  assertClean(watch);
  await close();
});

test('a checkbox takes its entries out of the list and puts them in; the list moves the checkboxes', async () => {
  const { page, watch, close } = await openPage(lab, `/${FEW}`);
  await finish(page);
  const checked = async () => (await parts(page)).filter((part) => part.checked).map(({ name }) => name);
  const link = async () => (await told(page)).link;
  assert.deepEqual(await checked(), ['replay', 'ewc']);
  await page.getByLabel('Orthogonal gradient descent').check();
  await drawn(page);
  assert.match(await link(), /&mit=replay@0\.1,ewc@1,ogd@4,ogd@32$/);
  await page.getByLabel('Replay', { exact: true }).uncheck();
  await drawn(page);
  assert.match(await link(), /&mit=ewc@1,ogd@4,ogd@32$/);
  await page.locator('#set-mit').fill('l2@0.5');
  await page.locator('#set-mit').press('Enter');
  await drawn(page);
  assert.deepEqual(await checked(), ['l2']);
  await page.locator('#set-mit').fill('l2@-1');
  await page.locator('#set-mit').press('Enter');
  await drawn(page);
  assert.match(await page.locator('#err-mit').textContent(), /^Not taken: /);
  assert.match(await link(), /&mit=l2@0\.5$/, 'the last good list holds');
  assertClean(watch);
  await close();
});

test('the same bits, words and verdicts as on the command line, and its copy verifies', async () => {
  const { page, watch, close } = await openPage(lab, `/${SMALL}`);
  await finish(page);
  await assertAsNative(lab, page, SMALL);
  assertClean(watch);
  await close();
});

test('the front has a table with every mitigation, and exports', async () => {
  const { page, watch, close } = await openPage(lab, `/${SMALL}`);
  await finish(page);
  await page.locator('#fig-front [data-act=table]').click();
  const rows = await rowsOf(page);
  await page.keyboard.press('Escape');
  const cells = rows.flat().join(' ');
  for (const { mitigation } of nativeRecord(SMALL).summary.matched[0].mitigations) {
    assert.ok(cells.includes(mitigation), `${mitigation} in ${rows.map((row) => row.join(' | ')).join('\n')}`);
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#fig-front [data-act=svg]').click()]);
  assert.match(download.suggestedFilename(), /\.svg$/);
  assert.ok((await page.locator('#sum-front').textContent()).length > 40);
  assert.deepEqual(await texts(page, '#notices p'), []);
  assertClean(watch);
  await close();
});

test('a strength that has no place here is refused by name', async () => {
  const { page, close } = await openPage(lab, '/#v=1&x=mitigations&w=16&pre=60&ft=40&n=16&s=0&mit=ogd@4000,ewc@1');
  await settle(page);
  const notices = await texts(page, '#notices p');
  assert.ok(notices.some((text) => /ogd/.test(text) && /accepted/.test(text)), notices.join('\n'));
  assert.match((await told(page)).link, /&mit=ewc@1/);
  await close();
});
