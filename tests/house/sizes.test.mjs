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
  const parts = sizes(folder(t, { 'page-1_bg.wasm': 200_000, 'worker-1_bg.wasm': 400_000, 'index.html': 100 }));
  assert.deepEqual(fits(parts), { 'page wasm': true, 'CPU worker wasm': true, 'first load': true });
});

test('each part over its budget is told by name', (t) => {
  const parts = sizes(folder(t, { 'page-1_bg.wasm': 260_000, 'worker-1_bg.wasm': 510_000, 'picture.png': 300_000 }));
  assert.deepEqual(fits(parts), { 'page wasm': false, 'CPU worker wasm': false, 'first load': false });
});

test('a part that is missing does not fit', (t) => {
  assert.equal(fits(sizes(folder(t, { 'page-1_bg.wasm': 10 })))['CPU worker wasm'], false);
});
