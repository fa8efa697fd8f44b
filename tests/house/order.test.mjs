import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPackingOrder } from '../../scripts/site/order.mjs';
import { number, Reader, section, sections } from '../../scripts/site/wasm.mjs';

const CODE = 10;

/** A function that adds up so many equal products of a number, and one of its own. */
function body(factor, length) {
  const product = [65, factor, 65, factor + 1, 65, factor + 2, 108, 108, 106];
  const code = [0, 65, factor, ...Array(length).fill(product).flat(), 11];
  return Buffer.concat([number(code.length), Buffer.from(code)]);
}

/** Functions of two kinds in turn, each exported by its number. */
function program(count) {
  const bodies = Array.from({ length: count }, (_, k) => body(k % 2 ? 7 : 33, 20 + k));
  const exports = bodies.flatMap((_, k) => [2, 102, 65 + k, 0, k]);
  return Buffer.concat([
    Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]),
    section(1, Buffer.from([1, 96, 0, 1, 127])),
    section(3, Buffer.from([count, ...Array(count).fill(0)])),
    section(7, Buffer.from([count, ...exports])),
    section(CODE, Buffer.concat([number(count), ...bodies])),
  ]);
}

const results = async (wasm) => {
  const { exports } = (await WebAssembly.instantiate(wasm)).instance;
  return Object.keys(exports).sort().map((name) => [name, exports[name]()]);
};

function kinds(wasm) {
  const reader = new Reader(sections(wasm).find(({ id }) => id === CODE).bytes);
  return Array.from({ length: reader.number() }, () => reader.bytes(reader.number())[2]);
}

test('functions that resemble each other lie side by side, and every one does what it did', async () => {
  const [wasm, ordered] = [program(8), inPackingOrder(program(8))];
  const changes = (list) => list.filter((kind, k) => k > 0 && kind !== list[k - 1]).length;
  assert.equal(changes(kinds(wasm)), 7);
  assert.equal(changes(kinds(ordered)), 1);
  assert.deepEqual(await results(ordered), await results(wasm));
});
