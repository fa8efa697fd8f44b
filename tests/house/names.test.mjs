import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packPrograms } from '../../scripts/site/finish.mjs';
import { withShortNames } from '../../scripts/site/names.mjs';

const NAME = '__wbg_answer_0123456789abcdef';
const text = (name) => [name.length, ...Buffer.from(name)];
const section = (id, bytes) => [id, bytes.length, ...bytes];

/** A module that imports a function without arguments and exports it again under two names. */
const MODULE = Buffer.from([
  0, 97, 115, 109, 1, 0, 0, 0,
  ...section(1, [1, 96, 0, 1, 127]),
  ...section(2, [1, ...text('./page_bg.js'), ...text(NAME), 0, 0]),
  ...section(7, [2, ...text('__wbindgen_start'), 0, 0, ...text('main'), 0, 0]),
]);
const GLUE = `function imports() {
    return { './page_bg.js': {
        ${NAME}: function() { return 42; },
    } };
}
async function init() { wasm.__wbindgen_start(); wasm.main(); }
`;

test('program and glue agree on the short names, and the program does what it did', async () => {
  const { wasm, glue } = withShortNames(MODULE, GLUE);
  assert.ok(wasm.length < MODULE.length && !glue.includes(NAME) && !glue.includes('__wbindgen_start'));
  const imports = new Function(`${glue.split('async')[0]} return imports();`)();
  const { instance } = await WebAssembly.instantiate(wasm, imports);
  const [, start] = /wasm\.(\w+)\(\); wasm\.main\(\)/.exec(glue);
  assert.deepEqual(Object.keys(instance.exports).sort(), [start, 'main'].sort());
  assert.equal(instance.exports[start](), 42);
});

test('a glue without what the program imports is refused; what it does not call keeps its name', () => {
  assert.throws(() => withShortNames(MODULE, GLUE.replace(NAME, 'other')), new RegExp(`gives no ${NAME}`));
  const { wasm } = withShortNames(MODULE, GLUE.replace('wasm.__wbindgen_start();', ''));
  assert.ok(wasm.includes('__wbindgen_start'));
});

test('index.html follows the new names and hashes of the page', (t) => {
  const [folder, unnamed] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'lethe-names-')));
  t.after(() => [folder, unnamed].forEach((each) => rmSync(each, { recursive: true })));
  const hash = (content) => `sha384-${createHash('sha384').update(content).digest('base64')}`;
  for (const each of [folder, unnamed]) {
    writeFileSync(join(each, 'page-0a1b_bg.wasm'), MODULE);
    writeFileSync(join(each, 'page-0a1b.js'), GLUE);
  }
  const asItIs = (wasm) => wasm;
  const html = `import './page-0a1b.js' './page-0a1b_bg.wasm' ${hash(GLUE)} ${hash(MODULE)}`;
  const mended = packPrograms(html, folder, asItIs);
  const files = readdirSync(folder).sort();
  assert.ok(files.every((file) => /^page-[0-9a-f]{16}(\.js|_bg\.wasm)$/.test(file)));
  const [js, wasm] = files;
  const [glue, program] = files.map((file) => readFileSync(join(folder, file)));
  assert.equal(mended, `import './${js}' './${wasm}' ${hash(glue)} ${hash(program)}`);
  assert.throws(() => packPrograms('', unnamed, asItIs), /index\.html names no page-/);
});
