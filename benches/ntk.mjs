// The tangent kernel in WebAssembly, one thread, in Node: its V8 compiles as Chromium's does.
//
// node benches/ntk.mjs; see benches/README.md.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { target } from '../scripts/setup/cache.mjs';
import { main, run, say } from '../scripts/setup/run.mjs';

const WASM = 'wasm32-unknown-unknown';
const UNITS = ['ReLU', 'tanh', 'erf'];
const ROUNDS = 8;
const CASES = [
  { points: 512, width: 1024, depth: 1, unit: 0, most: 1000 },
  { points: 512, width: 1024, depth: 1, unit: 1, most: 1000 },
  { points: 512, width: 1024, depth: 1, unit: 2, most: 1000 },
  { points: 1024, width: 512, depth: 3, unit: 0 },
];

await main(async () => {
  const features = ['--no-default-features', '--features', 'fused'];
  await run('cargo', ['build', '--locked', '--release', '--target', WASM, ...features, '--example', 'bench_ntk_wasm']);
  const module = await WebAssembly.compile(await readFile(join(target, WASM, 'release/examples/bench_ntk_wasm.wasm')));
  // Without bindgen's post-processing a few of its functions are imported, and never called.
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {
      throw new Error(`${name} was called`);
    };
  }
  const { kernel } = (await WebAssembly.instantiate(module, imports)).exports;
  say(`Node ${process.version}, one thread; milliseconds for a kernel in f64, drawing the weights included`);
  console.log('points   hidden          unit       ms   target   billion products a second');
  for (const { points, width, depth, unit, most } of CASES) {
    let least = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const begin = performance.now();
      if (!(kernel(points, width, depth, unit) > 0)) throw new Error('there is no kernel');
      least = Math.min(least, performance.now() - begin);
    }
    // <a, a'> and <delta, delta'> for half of the pairs, forward and back.
    const products = points * points * depth * width + 2 * points * (depth - 1) * width * width;
    const cells = [String(points).padStart(6), `${depth} x ${width}`.padStart(8), UNITS[unit].padStart(13), least.toFixed(0).padStart(8)];
    console.log(`${cells.join(' ')}   ${(most ? `< ${most}` : '').padStart(6)}   ${(products / least / 1e6).toFixed(1)}`);
  }
});
