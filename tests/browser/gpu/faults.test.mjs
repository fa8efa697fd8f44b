// A GPU that is lost, whose worker dies, does not start or is of another build: the page says so, and the
// run is finished. `tests/workers/gpu.rs` has the same laws for every order of events.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage } from '../lab.mjs';
import { finish, reach, recordOf, told } from '../runs.mjs';
import { ENGINE, LOADER, TOLERANCE, difference, gpuWorker, openRouted, startGpuLab } from './gpu_lab.mjs';

const RUN = '/#v=1&x=replay&w=64&p=0,0.1&n=64&pre=2000&ft=1000&s=0..7';

let lab;
let cpu;
before(async () => {
  lab = await startGpuLab();
  const { page, close } = await openPage(lab, RUN);
  await finish(page);
  cpu = await recordOf(page);
  await close();
});
after(() => lab?.close());

// Keeps every device where the test can destroy it, as a driver would.
const KEEP_DEVICES = `
  self.devices = [];
  const asked = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await asked.apply(this, options);
    self.devices.push(device);
    return device;
  };
`;
const withDevices = async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, body: KEEP_DEVICES + (await response.text()) });
};
const destroy = (worker) => worker.evaluate(() => self.devices.at(-1).destroy());
const past = (page, share) => page.waitForFunction((least) => document.querySelector('progress').value > least, share, { timeout: 120_000 });
const notice = (page, pattern) => page.waitForFunction(
  (source) => window.lethe.state().notices.some((line) => new RegExp(source).test(line)), pattern.source, { timeout: 120_000 });

async function assertFinished(page, engine) {
  await finish(page);
  const record = await recordOf(page);
  assert.match(record.engine, engine);
  assert.ok(difference(cpu, record) <= TOLERANCE, 'what was gathered on the way is no other result');
}

test('a lost device is replaced once; lost again, the CPU goes on', async () => {
  const { page, close } = await openRouted(lab, `${RUN}&dev=gpu`, LOADER, withDevices);
  await past(page, 0.1);
  const first = await gpuWorker(page);
  await destroy(first);
  await notice(page, /took (the GPU|it) away.*started once more/);
  await page.waitForFunction(() => window.lethe.state().gpu_fault === null, null, { timeout: 120_000 });
  const second = await gpuWorker(page);
  assert.notEqual(second, first, 'a poisoned worker goes on');
  await destroy(second);
  await notice(page, /took (the GPU|it) away.*CPU goes on/);
  assert.equal((await told(page)).engine, 'fused-cpu');
  // Where the GPU was lost before anything of it was kept, the CPU does all of it.
  await assertFinished(page, /^fused-(cpu|gpu|cpu and fused-gpu)$/);
  assert.equal((await told(page)).gpu_fault, 'device-lost');
  await close();
});

test('a GPU worker that dies is replaced, and the run goes on', async () => {
  const { page, close } = await openPage(lab, `${RUN}&dev=gpu`);
  await past(page, 0.1);
  await (await gpuWorker(page)).evaluate(() => {
    setTimeout(() => { throw new Error('ended by the test'); }, 0);
  });
  await notice(page, /ended by the test.*started once more/);
  await assertFinished(page, /^fused-gpu$/);
  await close();
});

test('an engine that cannot be loaded is tried twice, then the CPU does the run', async () => {
  let tries = 0;
  const { page, close } = await openRouted(lab, `${RUN}&dev=gpu`, ENGINE, (route) => {
    tries += 1;
    return route.fulfill({ status: 404 });
  });
  await notice(page, /could not be started.*CPU goes on/);
  await assertFinished(page, /^fused-cpu$/);
  assert.equal((await told(page)).gpu_fault, 'init-failed');
  assert.equal(tries, 2);
  await close();
});

test('an engine of another build is given nothing', async () => {
  const body = `export default async () => {
    self.onmessage = () => { throw new Error('it was given work'); };
    postMessage({ Ready: { protocol: 1, build: 'another-build', engine: 'fused-gpu' } });
  };`;
  const script = /\/gpu_worker-[0-9a-f]+\.js$/;
  const { page, watch, close } = await openRouted(lab, `${RUN}&dev=gpu`, script,
    (route) => route.fulfill({ contentType: 'text/javascript', body }));
  await reach(page, 'error');
  assert.match(await page.locator('#alert').textContent(), /another-build.*Reload the page/);
  assert.deepEqual(watch.errors, []);
  await close();
});
