// Association matrices in WebAssembly, one thread, in Node: its V8 compiles as Chromium's does.
//
// node benches/associations.mjs; see benches/README.md.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { target } from '../scripts/setup/cache.mjs';
import { main, run, say } from '../scripts/setup/run.mjs';

const WASM = 'wasm32-unknown-unknown';
const ROUNDS = 3;
// The authors' largest matrix, and the number of columns that they fit to.
const CASES = [{ rows: 85, columns: 10_000 }, { rows: 85, columns: 141_871, most: 5000 }];

await main(async () => {
  const features = ['--no-default-features', '--features', 'associations'];
  await run('cargo', ['build', '--locked', '--release', '--target', WASM, ...features, '--example', 'bench_associations_wasm']);
  const file = join(target, WASM, 'release/examples/bench_associations_wasm.wasm');
  const module = await WebAssembly.compile(await readFile(file));
  // Without bindgen's post-processing a few of its functions are imported, and never called.
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {
      throw new Error(`${name} was called`);
    };
  }
  const { make, decompose, memory } = (await WebAssembly.instantiate(module, imports)).exports;
  say(`Node ${process.version}, one thread; milliseconds for rank 5, vectors of both sides and R2 of all simple models`);
  console.log('rows  columns   as it is   centred   target   R2      memory, copies of the matrix');
  for (const { rows, columns, most } of CASES) {
    make(rows, columns);
    const least = [0, 1].map((centred) => {
      let best = Infinity;
      for (let round = 0; round < ROUNDS; round++) {
        const begin = performance.now();
        if (!(decompose(4096, centred) > 0)) throw new Error('there is no decomposition');
        best = Math.min(best, performance.now() - begin);
      }
      return best;
    });
    const copies = memory.buffer.byteLength / (4 * rows * columns);
    const cells = [String(rows).padStart(4), String(columns).padStart(8), ...least.map((ms) => ms.toFixed(0).padStart(9))];
    console.log(`${cells.join(' ')}   ${(most ? `< ${most}` : '').padStart(6)}   ${decompose(4096, 0).toFixed(4)}  ${copies.toFixed(1)}`);
  }
});
