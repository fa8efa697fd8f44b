// `make test`: everything that CI runs. A failed step does not hide the steps after it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { needChromium } from './setup/browsers.mjs';
import { checkout } from './setup/cache.mjs';
import { needSlurm } from './setup/slurm.mjs';
import { needVulkan } from './setup/vulkan.mjs';
import { firstLine, main, Refusal, run, say } from './setup/run.mjs';
import { buildSite, dist, needSiteTools } from './site/build.mjs';
import { report, sizes } from './site/sizes.mjs';
import { warnings } from './site/warnings.mjs';

const WASM = ['--target', 'wasm32-unknown-unknown', '--no-default-features'];
const LINTS = ['--', '-D', 'warnings'];
const FOR_WASM = { env: { CLIPPY_CONF_DIR: join(checkout, 'clippy', 'wasm') } };
const cargo = (line, options) => run('cargo', [...line.split(' '), ...(options?.args ?? [])], options);
const testFiles = (folder) => {
  const files = readdirSync(join(checkout, folder)).filter((file) => file.endsWith('.test.mjs')).sort();
  if (files.length === 0) throw new Refusal(`no tests in ${folder}`);
  return files.map((file) => join(folder, file));
};

/**
 * The files of a folder in a browser, one at a time: two cores measure no long tasks while a neighbour computes. A file
 * that fails is repeated once, since browsers now and then die of themselves; that it needed that is told at the end.
 */
const browserTests = async (folder) => {
  const failed = [];
  for (const file of testFiles(folder)) {
    try {
      await run('node', ['--test', file]);
    } catch (first) {
      say(`${file} failed (${first.message}); once more`);
      try {
        await run('node', ['--test', file]);
        repeated.push(file);
      } catch {
        failed.push(file);
      }
    }
  }
  if (failed.length > 0) throw new Refusal(`failed twice: ${failed.join(', ')}`);
};

let built = false;
const repeated = [];

/** A step that this machine cannot do: told loudly, never counted as passed, and a failure in CI. */
class CannotRun extends Refusal {}

const steps = [
  ['format', () => cargo('fmt --check')],
  ['lints, native', () => cargo('clippy --locked --all-targets', { args: LINTS })],
  // With everything at once, and the two smallest: what another set of features leaves unused is a warning of its release build.
  ['lints, programs of the page in wasm', () => cargo('clippy --locked --lib --bins --features page,theory,scaling,associations,gpu', { args: [...WASM, ...LINTS], ...FOR_WASM })],
  ['lints, worker in wasm', () => cargo('clippy --locked --lib --bin worker --features fused', { args: [...WASM, ...LINTS], ...FOR_WASM })],
  ['lints, scaling laws and association matrices in wasm', () => cargo('clippy --locked --lib --test laws --test associations --features laws,associations', { args: [...WASM, ...LINTS], ...FOR_WASM })],
  ['documentation', () => cargo('doc --locked --no-deps --lib', { env: { RUSTDOCFLAGS: '-D warnings' } })],
  ['native tests', () => (firstLine('cargo', ['nextest', '--version'])
    ? cargo('nextest run --locked --lib --tests --no-fail-fast')
    : cargo('test --locked --lib --tests --no-fail-fast'))],
  ['the engines on a GPU, natively', async () => {
    if (!await needVulkan()) throw new CannotRun('there is no Vulkan driver (Debian: mesa-vulkan-drivers), so NOTHING WAS TESTED ON A GPU');
    // One thread: a device is shared by the tests of a process, and its networks are not.
    return cargo('test --locked --test gpu --test autodiff --test llama --test finetune', { args: ['--', '--ignored', '--nocapture', '--test-threads=1'] });
  }],
  // With the program that the native tests have built.
  ['sweeps on a Slurm of this machine', async () => {
    if (!await needSlurm()) throw new CannotRun('there is no Slurm (Debian: slurm-wlm and munge), so NO ARRAY OF RUNS WAS TESTED');
    return run('node', ['--test', ...testFiles('tests/slurm')]);
  }],
  ['examples in the documentation', () => cargo('test --locked --doc')],
  ['shared tests in the browser', () => cargo('test --locked --test shared --features fused', { args: WASM })],
  ['tests of the kernel in the browser', () => cargo('test --locked --test kernel --features fused', { args: WASM })],
  ['tests of the workers in the browser', () => cargo('test --locked --test workers --features fused', { args: WASM })],
  ['tests of the house', () => run('node', ['--test', ...testFiles('tests/house')])],
  ['release build and size budget', async () => {
    await buildSite();
    built = true;
    const warned = warnings();
    if (warned) throw new Refusal(`the compiler warns:\n${warned}`);
    const parts = sizes(dist);
    console.log(report(parts));
    if (!parts.every(({ fits }) => fits)) throw new Refusal('the page is over its size budget');
  }],
  ['end to end', () => {
    if (!built) throw new Refusal('there is no new build to open; see the step before');
    return browserTests('tests/browser');
  }],
  ['end to end, with a GPU played in software', async () => {
    if (!built) throw new Refusal('there is no new build to open; see the steps before');
    // Not sooner: what it stands on is installed by the first step of all.
    const { softwareGpu } = await import('./software-gpu.mjs');
    const adapter = await softwareGpu(await needChromium());
    if (adapter === null) throw new CannotRun('this Chromium has no software adapter for WebGPU (SwiftShader), so NOTHING WAS TESTED ON A GPU');
    say(`the GPU is ${adapter}`);
    return browserTests('tests/browser/gpu');
  }],
];

await main(async () => {
  await needSiteTools();
  say(`browser tests run in ${await needChromium()}`);
  const done = [];
  for (const [name, step] of steps) {
    say(name);
    const start = Date.now();
    let failure = null;
    let word = 'ok    ';
    try {
      await step();
    } catch (error) {
      failure = error instanceof Refusal ? error.message : error.stack;
      word = error instanceof CannotRun && !process.env.CI ? 'NOT RUN' : 'FAILED';
      console.error(`lethe: ${name}: ${word}: ${failure}`);
    }
    done.push({ name, word, failure, secs: (Date.now() - start) / 1000 });
  }
  const failed = done.filter(({ word }) => word === 'FAILED');
  const left = done.filter(({ word }) => word === 'NOT RUN');
  console.log();
  for (const { name, word, secs } of done) console.log(`${word} ${name} (${secs.toFixed(1)} s)`);
  for (const { name, failure } of left) console.log(`\nNOT RUN: ${name}: ${failure}`);
  for (const file of repeated) console.log(`\nPASSED AT THE SECOND TRY ONLY: ${file}: what it said at the first is above`);
  console.log(`\n${done.length - failed.length - left.length} passed, ${failed.length} failed, ${left.length} could not run`);
  return failed.length === 0 ? 0 : 1;
});
