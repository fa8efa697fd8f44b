// A worker that dies, hangs, is missing or of another build gives a message and a retry, and the
// page lives. `tests/workers.rs` has the same laws for every order of events.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startLab } from './lab.mjs';

// Says more than the defaults and is no more than a few seconds of work, so it runs by itself.
const LINK = '/#v=1&x=width&w=16,64,128&s=0..19';
const LOADER = /\/worker-[0-9a-f]+_loader\.js$/;
const state = (page, wanted, timeout = 90000) =>
  page.waitForFunction((name) => document.documentElement.dataset.state === name, wanted, { timeout });
const sentence = (page) => page.locator('#said').textContent();
const alert = (page) => page.locator('#alert').textContent();

let lab;
let expected;
before(async () => {
  lab = await startLab();
  const { page, close } = await openPage(lab, LINK);
  await state(page, 'finished');
  expected = await sentence(page);
  assert.match(expected, /\d/);
  await close();
});
after(() => lab?.close());

async function retryToEnd(page) {
  const retry = page.locator('#run');
  assert.equal(await retry.textContent(), 'Retry');
  await retry.click();
  await state(page, 'finished');
  assert.equal(await alert(page), '');
  // The sentence is a live region and follows at its own pace.
  for (let tries = 0; tries < 50 && (await sentence(page)) !== expected; tries += 1) await page.waitForTimeout(100);
  assert.equal(await sentence(page), expected, 'the results after a retry');
}

/** Opens the lab with its worker's loader answered by `answer`, a handler for Playwright's routes. */
async function openWith(answer) {
  const context = await lab.browser.newContext();
  await context.route(LOADER, answer);
  const page = await context.newPage();
  await page.goto(lab.origin + LINK, { waitUntil: 'load' });
  return { page, mend: () => context.unroute(LOADER), close: () => context.close() };
}

test('a worker that dies in the middle of a run is replaced', async () => {
  const { page, close } = await openPage(lab, LINK);
  await page.waitForFunction(() => document.querySelector('progress').value > 0.2);
  await page.workers()[0].evaluate(() => {
    setTimeout(() => { throw new Error('ended by the test'); }, 0);
  });
  await state(page, 'error');
  assert.match(await alert(page), /ended unexpectedly: .*ended by the test/);
  assert.match(await sentence(page), /^Stopped: \d+ of 20 seeds finished and kept\. Press Retry/, 'what the alert does not say');
  await retryToEnd(page);
  await close();
});

test('a worker that hangs is given up after ten seconds and replaced', async () => {
  const { page, close } = await openPage(lab, LINK);
  await page.waitForFunction(() => document.querySelector('progress').value > 0.1);
  await page.workers()[0].evaluate(() => {
    setTimeout(() => { for (;;); }, 0);
  });
  await state(page, 'error');
  assert.match(await alert(page), /has not answered for 10 seconds/);
  await retryToEnd(page);
  await close();
});

test('a worker of another build is given nothing', async () => {
  const { page, mend, close } = await openWith((route) => route.fulfill({
    contentType: 'text/javascript',
    body: `onmessage = () => { throw new Error('it was given work'); };
           postMessage({ Ready: { protocol: 1, build: 'another-build', engine: 'fused-cpu' } });`,
  }));
  await state(page, 'error');
  assert.match(await alert(page), /another-build.*Reload the page/);
  await mend();
  await page.reload();
  await state(page, 'finished');
  assert.equal(await sentence(page), expected);
  await close();
});

test('a worker that cannot be loaded is said to be missing, and a retry loads it', async () => {
  const { page, mend, close } = await openWith((route) => route.fulfill({ status: 404 }));
  await state(page, 'error');
  assert.match(await alert(page), /could not be started/);
  await mend();
  await retryToEnd(page);
  await close();
});

test('a worker that never says that it is ready is given up after ten seconds', async () => {
  const { page, close } = await openWith((route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await state(page, 'error', 20000);
  assert.match(await alert(page), /not ready within 10 seconds/);
  await close();
});
