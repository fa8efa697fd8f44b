// Deep networks on a GPU, here played in software: a worker of their own, the CPU's numbers, and a way back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage } from '../lab.mjs';
import { nativeRecord } from '../native.mjs';
import { finish, reach, recordOf, told } from '../runs.mjs';
import { ENGINE, TOLERANCE, difference, startGpuLab } from './gpu_lab.mjs';

const SETTINGS = 'w=12&p=0,0.1&n=24&pre=40&ft=30&s=0..4';
const DEEP = `#v=1&x=replay&${SETTINGS}&d=2&bl=resnorm&act=tanh`;
const SHALLOW = `#v=1&x=replay&${SETTINGS}`;
const DEEP_ENGINE = /\/deep_gpu_worker[^/]*(?<!_loader)\.wasm$/;

let lab;
before(async () => {
  lab = await startGpuLab();
});
after(() => lab?.close());

const engines = ({ requests }) => [ENGINE, DEEP_ENGINE].map((pattern) => requests.filter((url) => pattern.test(url) && url.endsWith('.wasm')).length);

test('deep networks train on the GPU, then shallow ones do, each by its own engine', async () => {
  const { page, watch, close } = await openPage(lab, `/${DEEP}&dev=gpu`);
  await finish(page);
  const [state, record] = [await told(page), await recordOf(page)];
  assert.equal(state.engine, 'autodiff-gpu');
  assert.equal(record.engine, 'autodiff-gpu');
  assert.match(state.fingerprint, /^d/);
  assert.ok(state.gpu_difference <= TOLERANCE, `the test run differs by ${state.gpu_difference}`);
  assert.deepEqual(engines(watch), [0, 1]);
  assert.equal(await page.locator('#device-name').textContent(), 'GPU, deep networks');
  const expected = nativeRecord(DEEP);
  assert.equal(expected.engine, 'autodiff');
  const apart = difference(expected, record);
  assert.ok(apart <= TOLERANCE, `the run differs by ${apart}`);
  assert.notEqual(apart, 0, 'equal bits: the CPU computed this');

  await page.evaluate((link) => { location.hash = link; }, `${SHALLOW}&dev=gpu`);
  await page.waitForFunction(() => window.lethe.state().engine === 'fused-gpu');
  await finish(page);
  assert.equal((await recordOf(page)).engine, 'fused-gpu');
  assert.deepEqual(engines(watch), [1, 1]);
  assertClean(watch);
  await close();
});

test('a deep run pauses on the GPU, moves to the CPU in the middle, and comes to the same end', async () => {
  const link = '#v=1&x=dynamics&w=12&d=2&n=24&pre=400&ft=200&s=0..3';
  const { page, watch, close } = await openPage(lab, `/${link}&dev=gpu`);
  await page.waitForFunction(() => document.querySelector('progress').value > 0.1, null, { timeout: 120_000 });
  await page.click('#pause');
  await reach(page, 'paused');
  await page.waitForTimeout(500);
  const value = () => page.evaluate(() => document.querySelector('progress').value);
  const rested = await value();
  await page.waitForTimeout(500);
  assert.equal(await value(), rested, 'it trains although it is paused');
  await page.evaluate(() => document.querySelector('#engines input[value=cpu]').click());
  await page.click('#run');
  await finish(page);
  const record = await recordOf(page);
  assert.match(record.engine, /autodiff-gpu$/);
  assert.equal((await told(page)).engine, 'autodiff');
  const apart = difference(nativeRecord(link), record);
  assert.ok(apart <= TOLERANCE, `the run differs by ${apart}`);
  assertClean(watch);
  await close();
});
