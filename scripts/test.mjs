// `make test`: everything that CI runs. A failed step does not hide the steps after it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { needChromium } from './setup/browsers.mjs';
import { checkout } from './setup/cache.mjs';
import { firstLine, main, Refusal, run, say } from './setup/run.mjs';
import { buildSite, dist, needSiteTools } from './site/build.mjs';
import { report, sizes } from './site/sizes.mjs';

const WASM = ['--target', 'wasm32-unknown-unknown', '--no-default-features'];
const LINTS = ['--', '-D', 'warnings'];
const FOR_WASM = { env: { CLIPPY_CONF_DIR: join(checkout, 'clippy', 'wasm') } };
const cargo = (line, options) => run('cargo', [...line.split(' '), ...(options?.args ?? [])], options);
const nodeTests = (folder, options = []) => {
  const files = readdirSync(join(checkout, folder)).filter((file) => file.endsWith('.test.mjs')).sort();
  if (files.length === 0) throw new Refusal(`no tests in ${folder}`);
  return run('node', ['--test', ...options, ...files.map((file) => join(folder, file))]);
};

let built = false;

const steps = [
  ['format', () => cargo('fmt --check')],
  ['lints, native', () => cargo('clippy --locked --all-targets', { args: LINTS })],
  ['lints, page in wasm', () => cargo('clippy --locked --lib --bin page --features page', { args: [...WASM, ...LINTS], ...FOR_WASM })],
  ['lints, worker in wasm', () => cargo('clippy --locked --lib --bin worker --features fused', { args: [...WASM, ...LINTS], ...FOR_WASM })],
  ['documentation', () => cargo('doc --locked --no-deps --lib', { env: { RUSTDOCFLAGS: '-D warnings' } })],
  ['native tests', () => (firstLine('cargo', ['nextest', '--version'])
    ? cargo('nextest run --locked --no-fail-fast')
    : cargo('test --locked --lib --bins --tests --no-fail-fast'))],
  ['examples in the documentation', () => cargo('test --locked --doc')],
  ['shared tests in the browser', () => cargo('test --locked --test shared --features fused', { args: WASM })],
  ['tests of the workers in the browser', () => cargo('test --locked --test workers --features fused', { args: WASM })],
  ['tests of the house', () => nodeTests('tests/house')],
  ['release build and size budget', async () => {
    await buildSite();
    built = true;
    const parts = sizes(dist);
    console.log(report(parts));
    if (!parts.every(({ fits }) => fits)) throw new Refusal('the page is over its size budget');
  }],
  // One file at a time: two cores measure no long tasks while a neighbour computes.
  ['end to end', () => {
    if (!built) throw new Refusal('there is no new build to open; see the step before');
    return nodeTests('tests/browser', ['--test-concurrency=1']);
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
    try {
      await step();
    } catch (error) {
      failure = error instanceof Refusal ? error.message : error.stack;
      console.error(`lethe: ${name} failed: ${failure}`);
    }
    done.push({ name, failure, secs: (Date.now() - start) / 1000 });
  }
  const failed = done.filter(({ failure }) => failure !== null);
  console.log();
  for (const { name, failure, secs } of done) {
    console.log(`${failure === null ? 'ok    ' : 'FAILED'} ${name} (${secs.toFixed(1)} s)`);
  }
  console.log(`\n${done.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
});
