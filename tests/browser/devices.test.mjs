// The device panel says in words what the page computes with and why, and the reader may choose.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkout } from '../../scripts/setup/cache.mjs';
import { assertAccessible } from './accessibility.mjs';
import { assertClean, openPage, startLab } from './lab.mjs';
import { finish, settle, told } from './runs.mjs';

const RUN = '#v=1&x=replay&w=16&p=0,0.1&n=32&pre=100&ft=100&s=0..3';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const text = (page, id) => page.locator(`#${id}`).textContent();
const until = (page, id, pattern) => page.waitForFunction(
  ([place, source]) => new RegExp(source).test(document.getElementById(place).textContent), [id, pattern.source]);

test('without a GPU the panel says why, and the CPU\'s workers and speed', async () => {
  const { page, watch, close } = await openPage(lab, `/${RUN}`);
  await finish(page);
  await until(page, 'device-why', /why no GPU\?/);
  assert.equal(await text(page, 'device-name'), 'CPU, exact');
  await page.locator('#device-button').click();
  assert.match(await text(page, 'device-reason'), /^Why no GPU: .*found no GPU that it trusts.*\.$/);
  assert.equal(await page.locator('#device-reason').getAttribute('data-code'), 'no-adapter');
  assert.match(await text(page, 'device-now'), /^On this device’s processor.* No GPU can be used\.$/);
  assert.match(await text(page, 'device-cpu'), /^(one worker|\d+ workers)/);
  assert.equal(await text(page, 'device-gpu'), 'none');
  for (const id of ['device-limits', 'device-test']) assert.equal(await page.locator(`#${id}`).isVisible(), false, id);
  await assertAccessible(page, 'the device panel');
  assertClean(watch);
  await close();
});

test('the choice of engine is in the link, and a reload keeps it', async () => {
  const { page, close } = await openPage(lab, `/${RUN}`);
  await finish(page);
  await page.locator('#device-button').click();
  await page.getByLabel('CPU', { exact: true }).check();
  await page.waitForFunction(() => location.hash.includes('&dev=cpu'));
  assert.match(await text(page, 'device-now'), /You chose it\.$/);
  await page.reload();
  await finish(page);
  assert.equal(await page.locator('#engines input:checked').inputValue(), 'cpu');
  await page.locator('#device-button').click();
  await page.getByLabel('Automatic').check();
  await page.waitForFunction(() => !location.hash.includes('dev='));
  await close();
});

test('a GPU is shown with its limits, its test and the engine that was chosen', async () => {
  const context = await lab.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${lab.origin}/`);
  await settle(page);
  const build = await text(page, 'build-id');
  const protocol = Number(/PROTOCOL: u32 = (\d+)/.exec(readFileSync(join(checkout, 'src/web/protocol/mod.rs'), 'utf8'))[1]);
  await context.route(/gpu_worker-.*_loader\.js$/, (route) => route.fulfill({
    contentType: 'text/javascript',
    body: `postMessage({ Found: { name: 'a card', software: false, workgroup_memory: 32768, workgroup_threads: 1024, largest_buffer: 2 ** 31, engine_bytes: 1.5e6 } });
      onmessage = ({ data }) => {
        if (data !== 'Load') return;
        postMessage({ Loading: { bytes: 1e6, of: 1.5e6 } });
        setTimeout(() => {
          postMessage({ Ready: { protocol: ${protocol}, build: '${build}', engine: 'fused-gpu' } });
          postMessage({ Tested: { difference: 2e-6, tolerance: 1e-4 } });
        }, 1000);
      };`,
  }));
  await page.goto(`${lab.origin}/?gpu${RUN}`);
  await finish(page);
  await until(page, 'device-gpu', /^a card; its engine, 1\.5 MB unpacked, is fetched when a run is long enough$/);
  assert.equal(await text(page, 'device-limits'), '1,024 threads of a workgroup share 32 KB; buffers hold up to 2,048 MB');
  await page.locator('#device-button').click();
  await page.getByLabel('CPU', { exact: true }).check();
  await until(page, 'device-gpu', /^a card; its engine, 1\.5 MB unpacked, is not fetched while the CPU is chosen$/);
  await page.getByLabel('GPU', { exact: true }).check();
  await page.evaluate((link) => window.lethe.run(link), RUN.replace('0..3', '0..30'));
  await until(page, 'device-gpu', /^a card; its engine is on its way, 1\.0 of 1\.5 MB$/);
  await until(page, 'device-test', /^agrees with the CPU: largest difference 2e-6, accepted up to 0\.0001$/);
  assert.equal(await text(page, 'device-name'), 'GPU');
  assert.match(await text(page, 'device-now'), /^On this device’s graphics processor\..* You chose it\.$/);
  assert.equal((await told(page)).engine, 'fused-gpu');
  await context.close();
});
