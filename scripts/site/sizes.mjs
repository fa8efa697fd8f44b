// The size budget of the built page, in gzip as most static hosts send it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const KB = 1000;

// First load without a GPU: everything that is neither another worker nor fetched on demand.
const BUDGETS = [
  { part: 'page wasm', limit: 275 * KB, holds: (file) => /^page.*\.wasm$/.test(file) },
  { part: 'CPU worker wasm', limit: 475 * KB, holds: (file) => /^worker.*\.wasm$/.test(file) },
  { part: 'deep worker wasm', limit: 850 * KB, holds: (file) => /^deep_worker.*\.wasm$/.test(file) },
  { part: 'GPU worker wasm', limit: 1800 * KB, holds: (file) => /^gpu_worker.*\.wasm$/.test(file) },
  { part: 'deep GPU worker wasm', limit: 2800 * KB, holds: (file) => /^deep_gpu_worker.*\.wasm$/.test(file) },
  { part: 'theory wasm', limit: 600 * KB, holds: (file) => /^theory_worker.*\.wasm$/.test(file) },
  { part: 'language wasm', limit: 1700 * KB, holds: (file) => /^language_worker.*\.wasm$/.test(file) },
  { part: 'first load', limit: 1000 * KB, holds: (file) => !onDemand(file) },
];

// Worksheets and licences are pages of their own, not part of the first load. Of the GPU's worker only the
// loader is: it fetches the rest where there is a GPU. The theory and the language experiments are fetched by who opens them, base
// models for the first run that tunes them, and the engine of deep networks, on the CPU or a GPU, for the first run that
// has some.
function onDemand(file) {
  return /^(worksheets\/|bases\/|LICENSE-|deep_worker|deep_gpu_worker|theory_worker|language_worker|gpu_worker.*(?<!_loader\.js)$)/.test(file);
}

/** Size of each part in bytes of gzip, beside its limit. A part with no file at all fails, too. */
export function sizes(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => ({ file, bytes: gzipSync(readFileSync(join(folder, file)), { level: 9 }).length }));
  return BUDGETS.map(({ part, limit, holds }) => {
    const held = files.filter(({ file }) => holds(file));
    const bytes = held.reduce((sum, each) => sum + each.bytes, 0);
    return { part, bytes, limit, fits: held.length > 0 && bytes <= limit };
  });
}

/** The sizes as lines of text. */
export function report(parts) {
  return parts.map(({ part, bytes, limit, fits }) =>
    `  ${part.padEnd(20)} ${(bytes / KB).toFixed(1).padStart(7)} of ${limit / KB} KB gzip  ${fits ? 'fits' : bytes ? 'TOO LARGE' : 'MISSING'}`).join('\n');
}
