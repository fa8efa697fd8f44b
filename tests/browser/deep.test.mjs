// Deep networks: their worker is fetched for them alone, trains, pauses and goes on, and agrees with the command line.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { command, nativeRecord } from './native.mjs';
import { drawn, finish, reach, recordOf, settle, texts, told } from './runs.mjs';

const SETTINGS = 'pre=100&ft=60&n=32';
const DEEP = `#v=1&x=dynamics&w=16&d=3&${SETTINGS}&s=0..3`;
const SHALLOW = `#v=1&x=dynamics&w=16&${SETTINGS}&s=0..3`;
const LONG = '#v=1&x=dynamics&w=32&d=3&act=tanh&n=64&s=0..5';
const LOADER = /\/deep_worker-[0-9a-f]+_loader\.js$/;
// Products of matrices are summed in an order of the processor's own: 128-bit registers in the browser, up to 512
// natively. Largest relative difference of a loss between both, with 1e-4 as the least loss that counts: 1.3e-5 was seen.
const TOLERANCE = 2e-4;

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const fetched = ({ requests }) => requests.some((url) => url.includes('/deep_worker'));

/** The largest relative difference of any measured loss of two records. */
function difference(own, other) {
  assert.equal(own.series.length, other.series.length);
  const losses = (record) => record.series.flatMap(({ pretraining, fine_tuning }) => [pretraining, ...fine_tuning]
    .flatMap(({ id_loss, ood_loss }) => [...id_loss, ...ood_loss]));
  const [here, there] = [losses(own), losses(other)];
  assert.equal(here.length, there.length);
  assert.ok(here.length > 100 && here.every(Number.isFinite));
  return Math.max(...here.map((value, k) => Math.abs(value - there[k]) / Math.max(Math.abs(there[k]), 1e-4)));
}

test('a shallow run never fetches the deep worker, a deep one does, and back again all is as before', async () => {
  const { page, watch, close } = await openPage(lab, `/${SHALLOW}`);
  await finish(page);
  assert.ok(!fetched(watch));
  const shallow = (await told(page)).fingerprint;
  assert.equal(await page.locator('#device-name').textContent(), 'CPU, exact');
  await page.evaluate((link) => { location.hash = link; }, DEEP);
  await page.waitForFunction(() => window.lethe.state().engine === 'autodiff');
  await finish(page);
  assert.ok(fetched(watch));
  assert.equal(await page.locator('#device-name').textContent(), 'CPU, deep networks');
  assert.match(await page.locator('#device-now').textContent(), /engine of deep networks/);
  assert.equal((await recordOf(page)).engine, 'autodiff');
  await page.evaluate((link) => { location.hash = link; }, SHALLOW);
  await page.waitForFunction(() => window.lethe.state().engine === 'fused-cpu');
  await finish(page);
  assert.equal((await told(page)).fingerprint, shallow);
  assertClean(watch);
  await close();
});

describe('agreement with the command line', () => {
  for (const more of ['', '&act=tanh', '&bl=residual', '&bl=resnorm', '&bl=norm&opt=adam', '&par=ntk&lr=0.05', '&opt=sgd&bs=8']) {
    test(`depth 3${more}`, async (t) => {
      const link = `${DEEP}${more}`;
      const { page, watch, close } = await openPage(lab, `/${link}`);
      await finish(page);
      const [own, other] = [await recordOf(page), nativeRecord(link)];
      const found = difference(own, other);
      t.diagnostic(`largest relative difference ${found.toExponential(1)}, fingerprints ${own.fingerprint === other.fingerprint ? 'equal' : 'differ'}`);
      assert.ok(found <= TOLERANCE, `${found}`);
      await page.goto('about:blank');
      await page.goto(`${lab.origin}/${other.link}`);
      await finish(page);
      assert.match(await page.locator('#verdict').getAttribute('data-verdict'), /^(exact|tolerance)$/);
      assertClean(watch);
      await close();
    });
  }

  test('a link made in the page verifies on the command line', async () => {
    const { page, close } = await openPage(lab, `/${DEEP}`);
    await finish(page);
    const { link } = await recordOf(page);
    const { status, stdout } = command('verify', link);
    assert.equal(status, 0, stdout);
    await close();
  });
});

test('pause holds, step and resume go on: the same bits as a run in one piece', async () => {
  const { page, watch, close } = await openPage(lab, `/${LONG}`);
  await finish(page);
  const { fingerprint } = await told(page);
  await close();

  const again = await openPage(lab, `/${LONG}`);
  const progress = () => again.page.evaluate(() => document.getElementById('progress').value);
  await again.page.waitForFunction(() => document.getElementById('progress').value > 0.1, null, { timeout: 60_000 });
  await again.page.locator('#pause').click();
  await reach(again.page, 'paused');
  await again.page.waitForTimeout(500);
  const held = await progress();
  await again.page.waitForTimeout(700);
  assert.equal(await progress(), held, 'nothing goes on while paused');
  await again.page.locator('#step').click();
  await again.page.waitForFunction((value) => document.getElementById('progress').value > value, held, { timeout: 60_000 });
  await again.page.locator('#run').click();
  await finish(again.page);
  assert.equal((await told(again.page)).fingerprint, fingerprint);
  assertClean(watch);
  assertClean(again.watch);
  await again.close();
});

test('a deep worker that dies is replaced, and the result is the same', async () => {
  const { page, close } = await openPage(lab, `/${LONG}`);
  await finish(page);
  const { fingerprint } = await told(page);
  await page.locator('#run').click();
  await page.waitForFunction(() => document.getElementById('progress').value > 0.1 && document.documentElement.dataset.state === 'running');
  await page.workers()[0].evaluate(() => {
    setTimeout(() => { throw new Error('ended by the test'); }, 0);
  });
  await reach(page, 'error');
  assert.match(await page.locator('#alert').textContent(), /ended unexpectedly: .*ended by the test/);
  await page.locator('#run').click();
  await finish(page);
  assert.equal((await told(page)).fingerprint, fingerprint);
  await close();
});

test('a deep worker that cannot be loaded is said to be missing, and a retry loads it', async () => {
  const context = await lab.browser.newContext();
  await context.route(LOADER, (route) => route.abort('internetdisconnected'));
  const page = await context.newPage();
  await page.goto(`${lab.origin}/${DEEP}`);
  await reach(page, 'error');
  assert.match(await page.locator('#alert').textContent(), /could not be started/);
  await context.unroute(LOADER);
  await page.locator('#run').click();
  await finish(page);
  assert.equal((await recordOf(page)).engine, 'autodiff');
  await context.close();
});

test('a deep worker of another build is given nothing', async () => {
  const context = await lab.browser.newContext();
  await context.route(LOADER, (route) => route.fulfill({
    contentType: 'text/javascript',
    body: `onmessage = () => { throw new Error('it was given work'); };
           postMessage({ Ready: { protocol: 1, build: 'another-build', engine: 'autodiff' } });`,
  }));
  const page = await context.newPage();
  await page.goto(`${lab.origin}/${DEEP}`);
  await reach(page, 'error');
  assert.match(await page.locator('#alert').textContent(), /another-build.*Reload the page/);
  await context.close();
});

test('depth and block have controls, and what one layer cannot be is put back and told', async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await settle(page);
  await page.locator('#set-d').fill('2');
  await page.evaluate(() => document.querySelectorAll('.more-set').forEach((details) => { details.open = true; }));
  await page.locator('#set-bl').selectOption('resnorm');
  await drawn(page);
  assert.equal((await told(page)).link, '#v=1&x=dynamics&d=3&bl=resnorm');
  await page.locator('#set-d').fill('0');
  await drawn(page);
  assert.equal((await told(page)).link, '#v=1&x=dynamics&bl=norm');
  const notices = await texts(page, '#notices p');
  assert.ok(notices.some((text) => /block = "resnorm"; accepted: plain or norm with one hidden layer/.test(text)), notices.join('\n'));
  assert.equal(await page.locator('#set-bl').inputValue(), 'norm');
  assert.ok(!fetched(watch), 'before anything runs');
  assertClean(watch);
  await close();
});
