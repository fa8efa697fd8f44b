// The order of a program's functions. gzip finds what it has seen in the last 32 KB only, so functions that resemble
// each other pack better side by side: the page loses some 3 KB.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '../setup/cache.mjs';
import { number, Reader, section, sections } from './wasm.mjs';

const [IMPORTS, CODE] = [2, 10];
/** So many bytes of the functions placed last are looked back at. */
const WINDOW = 30_000;
/** What functions have in common is counted in pieces of so many bytes, except what more of them than this hold. */
const [PIECE, COMMON] = [7, 60];
/** Bytes that a function's share is counted on top of: short ones resemble everything. */
const SHORT = 100;
/** What the page's wasm may use, as www/index.html has it. */
const FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'reference-types', 'multivalue', 'simd'];

/** The same program with its functions in an order that packs well. */
export function inPackingOrder(wasm) {
  const code = sections(wasm).find(({ id }) => id === CODE).bytes;
  const reader = new Reader(code);
  const bodies = Array.from({ length: reader.number() }, () => reader.bytes(reader.number()));
  return reordered(wasm, packingOrder(bodies));
}

/** Each next one is that which shares most of its pieces with those placed last. */
function packingOrder(bodies) {
  const pieces = bodies.map(piecesOf);
  const holders = new Map();
  pieces.forEach((own, body) => own.forEach((piece) => {
    if (!holders.has(piece)) holders.set(piece, []);
    holders.get(piece).push(body);
  }));
  const telling = pieces.map((own) => [...own].map((piece) => holders.get(piece))
    .filter(({ length }) => length > 1 && length < COMMON));
  const shared = new Array(bodies.length).fill(0);
  const inWindow = new Map();
  const count = (body, change) => telling[body].forEach((owners) => {
    const [before, after] = [inWindow.get(owners) ?? 0, (inWindow.get(owners) ?? 0) + change];
    inWindow.set(owners, after);
    if ((before > 0) !== (after > 0)) owners.forEach((owner) => { shared[owner] += change; });
  });
  const left = new Set(bodies.keys());
  const order = [];
  for (let [oldest, bytes] = [0, 0]; left.size > 0;) {
    let [next, best] = [-1, -1];
    left.forEach((body) => {
      const share = shared[body] / (bodies[body].length + SHORT);
      if (share > best) [next, best] = [body, share];
    });
    left.delete(next);
    order.push(next);
    count(next, 1);
    bytes += bodies[next].length;
    for (; bytes > WINDOW && oldest < order.length - 1; oldest++) {
      count(order[oldest], -1);
      bytes -= bodies[order[oldest]].length;
    }
  }
  return order;
}

function piecesOf(body) {
  const text = body.toString('latin1');
  return new Set(Array.from({ length: Math.max(0, text.length - PIECE + 1) }, (_, k) => text.slice(k, k + PIECE)));
}

/** wasm-opt sorts functions by their names; here these are their places. */
function reordered(wasm, order) {
  const imports = sections(wasm).find(({ id }) => id === IMPORTS);
  const imported = imports ? new Reader(imports.bytes).number() : 0;
  const digits = String(order.length).length;
  const places = [];
  order.forEach((body, place) => { places[body] = Buffer.from(String(place).padStart(digits, '0')); });
  const names = Buffer.concat([number(places.length),
    ...places.flatMap((place, body) => [number(imported + body), number(place.length), place])]);
  const named = Buffer.concat([wasm, section(0, Buffer.concat([number(4), Buffer.from('name'), section(1, names)]))]);
  const folder = mkdtempSync(join(tmpdir(), 'lethe-order-'));
  try {
    const [from, to] = ['from.wasm', 'to.wasm'].map((file) => join(folder, file));
    writeFileSync(from, named);
    const options = [...FEATURES.map((feature) => `--enable-${feature}`), '--reorder-functions-by-name', '--strip-debug'];
    const done = spawnSync('wasm-opt', [from, '-o', to, ...options], { env: environment(), encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`wasm-opt could not order the functions: ${done.stderr ?? done.error}`);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
