// The page starts wherever it is hosted, and asks nobody else for anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

for (const path of ['/', '/sub/', '/sub/index.html', '/sub']) {
  test(`the page starts at ${path} with no error`, async () => {
    const { page, watch, close } = await openPage(lab, path);
    await page.waitForLoadState('networkidle');
    assert.match(await page.title(), /Lethe/);
    assert.ok(watch.requests.some((url) => /\/page-[0-9a-f]+_bg\.wasm$/.test(url)), 'the page fetched its wasm');
    assertClean(watch);
    await close();
  });
}

test('the worker that the page names is there and speaks first', async () => {
  const { page, watch, close } = await openPage(lab, '/sub/');
  const message = await page.evaluate(() => new Promise((resolve, reject) => {
    const name = document.querySelector('meta[name="lethe-worker"]').content;
    const worker = new Worker(new URL(name, document.baseURI), { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`the worker failed: ${event.message}`));
    setTimeout(() => reject(new Error('the worker said nothing for 20 s')), 20000);
  }));
  assert.ok(message !== undefined && message !== null);
  assertClean(watch);
  await close();
});

test('a policy guards the page, and a script from elsewhere is refused', async () => {
  const { page, watch, close } = await openPage(lab, '/');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.intruder = true';
    document.head.append(script);
    const picture = new Image();
    picture.src = 'http://example.invalid/pixel.png';
  });
  for (let tries = 0; watch.violations.length < 2 && tries < 50; tries += 1) await page.waitForTimeout(100);
  assert.equal(await page.evaluate(() => window.intruder), undefined);
  assert.equal(watch.violations.length, 2, `refused: ${watch.violations.join('; ')}`);
  await close();
});

test('the lane without a GPU has no adapter', async () => {
  const { page, close } = await openPage(lab, '/');
  assert.equal(await page.evaluate(async () => (navigator.gpu ? await navigator.gpu.requestAdapter() : null)), null);
  await close();
});
