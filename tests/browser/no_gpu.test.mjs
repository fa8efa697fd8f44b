// Without a GPU everything works on the CPU, the reason is there, and nothing of the GPU's engine is fetched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { finish, recordOf, told } from './runs.mjs';

const RUN = '#v=1&x=replay&w=16&p=0,0.1&n=32&pre=100&ft=100&s=0..3';
const ENGINE = /\/gpu_worker[^/]*(?<!_loader)\.(js|wasm)$/; // all of the GPU's worker but its loader

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const sought = (page) => page.waitForFunction(() => window.lethe?.state().gpu_fault !== null);

for (const [device, why] of [['', 'unasked'], ['&dev=auto', 'as usual'], ['&dev=gpu', 'although a GPU was asked for']]) {
  test(`without an adapter the CPU computes, ${why}`, async () => {
    const { page, watch, close } = await openPage(lab, `/${RUN}${device}`);
    await finish(page);
    await sought(page);
    const state = await told(page);
    assert.equal(state.gpu_fault, 'no-adapter');
    assert.match(await page.locator('#device-reason').textContent(), /^Why no GPU: .*found no GPU that it trusts/);
    assert.equal(state.engine, 'fused-cpu');
    assert.equal((await recordOf(page)).engine, 'fused-cpu');
    assert.match(state.fingerprint, /^c/);
    assert.deepEqual(watch.requests.filter((url) => ENGINE.test(url)), [], 'parts of the GPU engine that were fetched');
    assertClean(watch);
    await close();
  });
}

test('plain http on a network address is named as the reason, and the CPU computes', async () => {
  // Chromium takes 127.0.0.1 for safe and this name, which leads there too, not.
  const flags = ['--host-resolver-rules=MAP lethe.test 127.0.0.1'];
  const plain = await startLab({ flags });
  plain.origin = plain.origin.replace('127.0.0.1', 'lethe.test');
  const { page, close } = await openPage(plain, `/${RUN}`);
  await finish(page);
  await sought(page);
  assert.equal((await told(page)).gpu_fault, 'insecure');
  assert.match(await page.locator('#device-reason').textContent(), /plain http.*https or localhost/);
  await close();
  await plain.close();
});

for (const [code, words, hidden] of [
  ['no-api', 'neither page nor worker', { page: true, worker: true }],
  ['worker-no-gpu', 'the page and no worker', { page: false, worker: true }],
]) {
  test(`${code}: ${words} of this browser has WebGPU`, async () => {
    const context = await lab.browser.newContext();
    const hide = 'Object.defineProperty(Object.getPrototypeOf(navigator), "gpu", { get: () => undefined });';
    const show = 'Object.defineProperty(Object.getPrototypeOf(navigator), "gpu", { get: () => ({}) });';
    await context.addInitScript(hidden.page ? hide : show);
    await context.route(/gpu_worker-.*_loader\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: hide + (await response.text()) });
    });
    const page = await context.newPage();
    await page.goto(`${lab.origin}/${RUN}`);
    await finish(page);
    await sought(page);
    assert.equal((await told(page)).gpu_fault, code);
    await context.close();
  });
}

test('a GPU that is too small is told by what it lacks', async () => {
  const context = await lab.browser.newContext();
  const limits = '{ maxComputeWorkgroupStorageSize: 16384, maxComputeInvocationsPerWorkgroup: 128, maxStorageBuffersPerShaderStage: 8 }';
  await context.route(/gpu_worker-.*_loader\.js$/, async (route) => {
    const response = await route.fetch();
    const adapter = `{ info: {}, limits: ${limits} }`;
    const small = `Object.defineProperty(Object.getPrototypeOf(navigator), "gpu", { get: () => ({ requestAdapter: async () => (${adapter}) }) });`;
    await route.fulfill({ response, body: small + (await response.text()) });
  });
  const page = await context.newPage();
  await page.goto(`${lab.origin}/${RUN}&dev=gpu`);
  await finish(page);
  assert.equal((await told(page)).gpu_fault, 'limits');
  assert.match((await told(page)).notices.join(), /maxComputeInvocationsPerWorkgroup is 128, and Lethe needs 256/);
  await context.close();
});
