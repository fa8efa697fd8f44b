// A run on the GPU, here played in software: its numbers are those of the CPU, and it says who computed them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertClean, openPage } from '../lab.mjs';
import { finish, reach, recordOf, told } from '../runs.mjs';
import { ENGINE, TOLERANCE, difference, startGpuLab } from './gpu_lab.mjs';

const RUN = '#v=1&x=replay&w=16,40&p=0,0.1&n=64&pre=200&ft=100&s=0..5';

let lab;
let cpu;
let claim;
before(async () => {
  lab = await startGpuLab();
  const { page, watch, close } = await openPage(lab, `/${RUN}`);
  await finish(page);
  await page.waitForTimeout(2500); // the GPU is looked for a second after the page is up
  assert.deepEqual(watch.requests.filter((url) => ENGINE.test(url)), [], 'a GPU that a program plays is never taken unasked');
  assert.match(await page.locator('#device-gpu').textContent(), /, played by a program; its engine, \d\.\d MB unpacked, is fetched if you choose the GPU$/);
  cpu = await recordOf(page);
  claim = (await told(page)).link;
  assert.equal(cpu.engine, 'fused-cpu');
  await close();
});
after(() => lab?.close());

test('a run on the GPU agrees with the CPU and names its engine', async () => {
  const { page, watch, close } = await openPage(lab, `/${RUN}&dev=gpu`);
  await finish(page);
  const [state, record] = [await told(page), await recordOf(page)];
  assert.equal(state.engine, 'fused-gpu');
  assert.equal(record.engine, 'fused-gpu');
  assert.match(state.fingerprint, /^g/);
  assert.ok(state.gpu_difference <= TOLERANCE, `the test run differs by ${state.gpu_difference}`);
  assert.equal(state.gpu_fault, null);
  assert.match(await page.locator('#device-test').textContent(), /\d/, 'the panel tells the outcome of the test');
  const apart = difference(cpu, record);
  assert.ok(apart <= TOLERANCE, `the run differs by ${apart}`);
  assert.notEqual(apart, 0, 'equal bits: the CPU computed this');
  assert.equal(watch.requests.filter((url) => ENGINE.test(url) && url.endsWith('.wasm')).length, 1);
  assertClean(watch);
  await close();
});

test('a result of the CPU is verified on the GPU within tolerance', async () => {
  const { page, close } = await openPage(lab, `/${claim}&dev=gpu`);
  await finish(page);
  assert.match((await told(page)).verdict, /^within tolerance/);
  assert.equal((await recordOf(page)).engine, 'fused-gpu');
  await close();
});

test('a run on the GPU pauses, steps and goes on', async () => {
  const link = '/#v=1&x=replay&w=64&p=0,0.1&n=64&pre=2000&ft=1000&s=0..7';
  const exact = await openPage(lab, link);
  await finish(exact.page);
  const expected = await recordOf(exact.page);
  await exact.close();
  const { page, close } = await openPage(lab, `${link}&dev=gpu`);
  await page.waitForFunction(() => document.querySelector('progress').value > 0.1, null, { timeout: 120_000 });
  await page.click('#pause');
  await reach(page, 'paused');
  await page.waitForTimeout(500);
  const value = () => page.evaluate(() => document.querySelector('progress').value);
  const rested = await value();
  await page.waitForTimeout(500);
  assert.equal(await value(), rested, 'it trains although it is paused');
  await page.click('#step');
  await page.waitForFunction((before) => document.querySelector('progress').value > before, rested);
  await page.click('#run');
  await finish(page);
  assert.ok(difference(expected, await recordOf(page)) <= TOLERANCE);
  await close();
});

for (const { link, tolerance } of JSON.parse(readFileSync(new URL('random_runs.json', import.meta.url)))) {
  test(`${link} agrees within ${tolerance.toExponential(1)}, as far as rounding goes`, async () => {
    const records = [];
    for (const engine of ['cpu', 'gpu']) {
      const { page, watch, close } = await openPage(lab, `/${link}&dev=${engine}`);
      await finish(page);
      records.push(await recordOf(page));
      assertClean(watch);
      await close();
    }
    assert.deepEqual(records.map(({ engine }) => engine), ['fused-cpu', 'fused-gpu']);
    const apart = difference(...records);
    assert.ok(apart <= tolerance, `${apart} apart`);
  });
}
