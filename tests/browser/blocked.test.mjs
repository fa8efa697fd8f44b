// What a browser may refuse: storage, WebAssembly, scripts, parts of the program.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, recordOf } from './runs.mjs';

const LINK = '#v=1&x=dynamics&w=16&pre=60&ft=40&n=16&s=0..4';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** Opens the lab in a fresh context that `prepare` has changed. */
async function openPrepared(prepare, options = {}) {
  const context = await lab.browser.newContext(options);
  await prepare(context);
  const page = await context.newPage();
  await page.goto(`${lab.origin}/${LINK}`, { waitUntil: 'load' });
  return { page, close: () => context.close() };
}

test('with storage blocked the page works, and forgets its look', async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('The document is sandboxed.', 'SecurityError');
      },
    });
  });
  await page.goto('about:blank');
  await page.goto(`${lab.origin}/${LINK}`);
  await finish(page);
  assert.ok(await page.evaluate(() => {
    try {
      return window.localStorage === null;
    } catch {
      return true;
    }
  }), 'storage is blocked');
  assertSame(await recordOf(page), nativeRecord(LINK), 'with storage blocked');
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.locator('#theme-button').click();
  await drawn(page);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), before);
  assertClean(watch);
  await close();
});

test('where the program cannot be loaded, the page says so and keeps the link', async () => {
  const { page, close } = await openPrepared((context) => context.route(/\/page-[0-9a-f]+_bg\.wasm$/, (route) => route.abort()));
  const failure = page.locator('#start-failure');
  await failure.waitFor();
  assert.match(await failure.textContent(), /Lethe did not start\. .*the link in the address bar still holds your run/);
  assert.notEqual(await page.locator('#start-reason').textContent(), '');
  assert.equal(await page.evaluate(() => location.hash), LINK);
  await close();
});

test('where the program\'s script is missing, its name is told', async () => {
  const { page, close } = await openPrepared((context) => context.route(/\/page-[0-9a-f]+\.js$/, (route) => route.fulfill({ status: 404 })));
  await page.locator('#start-failure').waitFor();
  assert.match(await page.locator('#start-reason').textContent(), /\S/);
  await close();
});

test('where the browser has no WebAssembly, the page says so', async () => {
  const { page, close } = await openPrepared((context) => context.addInitScript(() => { delete window.WebAssembly; }));
  await page.locator('#start-failure').waitFor();
  assert.equal(await page.locator('#start-reason').textContent(), 'This browser has no WebAssembly.');
  await close();
});

test('without scripts the page explains itself', async () => {
  const { page, close } = await openPrepared(() => {}, { javaScriptEnabled: false });
  // By its selector: Playwright's search for words leaves out what stands in <noscript>.
  const said = page.locator('noscript .failure');
  await said.waitFor();
  assert.match(await said.innerText(), /it needs JavaScript and WebAssembly/);
  assert.ok(await page.getByRole('heading', { name: 'What you are looking at' }).isVisible());
  await close();
});

test('without the curves computed in advance a run still works', async () => {
  const { page, close } = await openPrepared((context) => context.route('**/reference/*', (route) => route.fulfill({ status: 404 })));
  await finish(page);
  assertSame(await recordOf(page), nativeRecord(LINK), 'without references');
  await close();
});

test('every link inside the page leads somewhere', async () => {
  const { page, close } = await openPage(lab, '/sub/');
  const targets = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')));
  const lost = [];
  for (const target of new Set(targets)) {
    if (target.startsWith('#v=')) continue;
    const found = target.startsWith('#')
      ? await page.locator(`[id="${target.slice(1)}"]`).count() === 1
      : (await page.request.get(new URL(target, page.url()).href)).ok();
    if (!found) lost.push(target);
  }
  assert.deepEqual(lost, []);
  await close();
});
