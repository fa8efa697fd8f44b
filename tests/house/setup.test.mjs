import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from '../../scripts/setup/cache.mjs';
import { lockedVersion } from '../../scripts/setup/rust.mjs';

const read = (file) => readFileSync(join(checkout, file), 'utf8');

test('the version of a package is read from the lock file, and only of that package', () => {
  const lock = '[[package]]\nname = "wasm-bindgen-shared"\nversion = "1.0.0"\n\n[[package]]\nname = "wasm-bindgen"\nversion = "0.2.130"\n';
  assert.equal(lockedVersion(lock, 'wasm-bindgen'), '0.2.130');
  assert.throws(() => lockedVersion(lock, 'trunk'), /no package trunk/);
});

test('the lock files name no registry but the usual one', () => {
  const sources = [...read('Cargo.lock').matchAll(/^source = "(.*)"$/gm)].map(([, source]) => source);
  assert.ok(sources.length > 50);
  assert.deepEqual([...new Set(sources)], ['registry+https://github.com/rust-lang/crates.io-index']);
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
});

test('trunk is asked for in one version', () => {
  const asked = read('Trunk.toml').match(/trunk-version = "=([\d.]+)"/)[1];
  assert.match(read('scripts/setup/rust.mjs'), new RegExp(`const TRUNK = '${asked.replaceAll('.', '\\.')}'`));
  assert.match(read('Trunk.toml'), new RegExp(`wasm_opt = "version_${JSON.parse(read('package.json')).devDependencies.binaryen.split('.')[0]}"`));
});
