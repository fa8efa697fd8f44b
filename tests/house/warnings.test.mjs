import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from '../../scripts/setup/cache.mjs';
import { programs } from '../../scripts/site/warnings.mjs';

test('a program is asked about with the features and the profile that the page has it built with', () => {
  const link = '<link data-trunk rel="rust" href="../Cargo.toml" data-bin="deep_worker" data-cargo-features="autodiff" data-cargo-profile-release="worker" data-wasm-opt="3">';
  const css = '<link data-trunk rel="css" href="css/tokens.css">';
  assert.deepEqual(programs(`${css}\n${link}\n`), [{ bin: 'deep_worker', features: 'autodiff', profile: 'worker' }]);
});

test('a program without a profile, and a page without programs, are refused', () => {
  assert.throws(() => programs('<link data-trunk rel="rust" data-bin="page" data-cargo-features="page">'), /data-cargo-profile-release/);
  assert.throws(() => programs('<p>nothing</p>'), /no program/);
});

test('the page has every program built that is not the command line', () => {
  const built = programs(readFileSync(join(checkout, 'www', 'index.html'), 'utf8')).map(({ bin }) => bin).sort();
  const written = readdirSync(join(checkout, 'src', 'bin')).map((file) => file.replace(/\.rs$/, ''));
  assert.deepEqual(built, written.filter((bin) => bin !== 'lethe').sort());
});
