import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sizes } from '../../scripts/site/sizes.mjs';

function folder(t, files) {
  const path = mkdtempSync(join(tmpdir(), 'lethe-sizes-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), randomBytes(bytes));
  return path;
}
const fits = (parts) => Object.fromEntries(parts.map(({ part, fits }) => [part, fits]));

test('a page within its budget fits', (t) => {
  const files = { 'page-1_bg.wasm': 200_000, 'worker-1_bg.wasm': 400_000, 'deep_worker-1_bg.wasm': 400_000, 'theory_worker-1_bg.wasm': 500_000, 'language_worker-1_bg.wasm': 1_200_000, 'gpu_worker-1_bg.wasm': 1_700_000, 'deep_gpu_worker-1_bg.wasm': 2_000_000, 'index.html': 100 };
  const parts = sizes(folder(t, files));
  assert.deepEqual(fits(parts), {
    'page wasm': true, 'CPU worker wasm': true, 'deep worker wasm': true, 'GPU worker wasm': true, 'deep GPU worker wasm': true,
    'theory wasm': true, 'language wasm': true, 'first load': true,
  });
});

test('each part over its budget is told by name', (t) => {
  const files = { 'page-1_bg.wasm': 280_000, 'worker-1_bg.wasm': 480_000, 'deep_worker-1_bg.wasm': 1_110_000, 'theory_worker-1_bg.wasm': 610_000, 'language_worker-1_bg.wasm': 2_010_000, 'gpu_worker-1_bg.wasm': 1_810_000, 'deep_gpu_worker-1_bg.wasm': 2_810_000, 'picture.png': 300_000 };
  const parts = sizes(folder(t, files));
  assert.deepEqual(fits(parts), {
    'page wasm': false, 'CPU worker wasm': false, 'deep worker wasm': false, 'GPU worker wasm': false, 'deep GPU worker wasm': false,
    'theory wasm': false, 'language wasm': false, 'first load': false,
  });
});

test('of the GPU worker the first load holds the loader alone', (t) => {
  const load = (files) => sizes(folder(t, files)).find(({ part }) => part === 'first load').bytes;
  assert.equal(load({ 'gpu_worker-1_bg.wasm': 100, 'gpu_worker-1.js': 100, 'worksheets.css': 1 }), load({ 'worksheets.css': 1 }));
  assert.ok(load({ 'gpu_worker-1_loader.js': 100 }) >= 100);
});

test('theory and laws are no part of the first load, their loaders neither', (t) => {
  const load = (files) => sizes(folder(t, files)).find(({ part }) => part === 'first load').bytes;
  const theory = { 'theory_worker-1_bg.wasm': 100, 'theory_worker-1.js': 100, 'theory_worker-1_loader.js': 100 };
  assert.equal(load({ ...theory, 'page.css': 1 }), load({ 'page.css': 1 }));
  const laws = { 'language_worker-1_bg.wasm': 100, 'language_worker-1.js': 100, 'language_worker-1_loader.js': 100 };
  assert.equal(load({ ...laws, 'page.css': 1 }), load({ 'page.css': 1 }));
});

test('the engine of deep networks is no part of the first load, its loader neither', (t) => {
  const load = (files) => sizes(folder(t, files)).find(({ part }) => part === 'first load').bytes;
  const files = ['_bg.wasm', '.js', '_loader.js'];
  const deep = Object.fromEntries(['deep_worker', 'deep_gpu_worker'].flatMap((name) => files.map((file) => [`${name}-1${file}`, 100])));
  assert.equal(load({ ...deep, 'page.css': 1 }), load({ 'page.css': 1 }));
});

test('a part that is missing does not fit', (t) => {
  const parts = fits(sizes(folder(t, { 'page-1_bg.wasm': 10 })));
  assert.deepEqual([parts['CPU worker wasm'], parts['GPU worker wasm'], parts['theory wasm']], [false, false, false]);
});
