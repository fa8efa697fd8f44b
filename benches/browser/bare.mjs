// The engine alone, without the page: a folder with its module, its worker and an empty document.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, target } from '../../scripts/setup/cache.mjs';
import { run } from '../../scripts/setup/run.mjs';

const WASM = 'wasm32-unknown-unknown';

/** Where {@link buildBareEngine} puts `engine.wasm`, `engine.js` and `index.html`. */
export const BARE = join(target, 'bench', 'bare');

export async function buildBareEngine() {
  const features = ['--no-default-features', '--features', 'fused'];
  await run('cargo', ['build', '--locked', '--release', '--target', WASM, ...features, '--example', 'bench_engine_wasm']);
  mkdirSync(BARE, { recursive: true });
  copyFileSync(join(target, WASM, 'release/examples/bench_engine_wasm.wasm'), join(BARE, 'engine.wasm'));
  copyFileSync(join(checkout, 'benches/browser/engine.js'), join(BARE, 'engine.js'));
  writeFileSync(join(BARE, 'index.html'), '<!doctype html><title>The engine alone</title>');
}
