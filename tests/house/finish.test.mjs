import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyLoaders, inlineScripts, nameWorkers, pointToWorkers, policy, withPolicy, withSizes } from '../../scripts/site/finish.mjs';

function built(wasm) {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-finish-'));
  writeFileSync(join(folder, 'worker.js'), "new URL('worker_bg.wasm', import.meta.url)");
  writeFileSync(join(folder, 'worker_bg.wasm'), wasm);
  writeFileSync(join(folder, 'worker_loader.js'), "import init from './worker.js';await init();");
  return folder;
}

test('a worker is named by its content, and its files name each other by that name', (t) => {
  const [one, same, other] = [built('a'), built('a'), built('b')];
  t.after(() => [one, same, other].forEach((folder) => rmSync(folder, { recursive: true })));
  const [first, second, third] = [one, same, other].map((folder) => nameWorkers(folder).get('worker_loader.js'));
  assert.match(first, /^worker-[0-9a-f]{16}_loader\.js$/);
  assert.equal(first, second);
  assert.notEqual(first, third);
  const name = first.replace('_loader.js', '');
  assert.deepEqual(readdirSync(one).sort(), [`${name}.js`, `${name}_bg.wasm`, first].sort());
  assert.match(readFileSync(join(one, first), 'utf8'), new RegExp(`from './${name}\\.js'`));
  assert.match(readFileSync(join(one, `${name}.js`), 'utf8'), new RegExp(`'${name}_bg\\.wasm'`));
});

test('a loader is told the size of its wasm, and one that has no place for it is refused', (t) => {
  const [told, deaf] = [built('12345'), built('12345')];
  t.after(() => [told, deaf].forEach((folder) => rmSync(folder, { recursive: true })));
  const loader = (text) => `${text} // what BYTES is for\nawait import('./worker.js');`;
  writeFileSync(join(told, 'worker_loader.js'), loader('const BYTES = 0;'));
  const name = nameWorkers(told).get('worker_loader.js');
  assert.match(readFileSync(join(told, name), 'utf8'), /^const BYTES = 5; \/\/ what/);
  writeFileSync(join(deaf, 'worker_loader.js'), loader('let BYTES = 0;'));
  assert.throws(() => nameWorkers(deaf), /no line "const BYTES = 0;"/);
});

test('a worker that begins as another one does has the same script, for its own files', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-finish-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'gpu_worker_loader.js'), "fetch('./gpu_worker_bg.wasm'); import('./gpu_worker.js');");
  copyLoaders(folder);
  assert.equal(readFileSync(join(folder, 'deep_gpu_worker_loader.js'), 'utf8'),
    "fetch('./deep_gpu_worker_bg.wasm'); import('./deep_gpu_worker.js');");
});

test('a loader whose worker was not built is refused, and one that loads something else', (t) => {
  const [half, stray] = [built('a'), built('a')];
  t.after(() => [half, stray].forEach((folder) => rmSync(folder, { recursive: true })));
  rmSync(join(half, 'worker_bg.wasm'));
  assert.throws(() => nameWorkers(half), /built without worker_bg\.wasm/);
  writeFileSync(join(stray, 'worker_loader.js'), "import './other.js';");
  assert.throws(() => nameWorkers(stray), /loads no \.\/worker\.js/);
});

test('index.html follows the new names; a worker that it does not name, or that is not there, is refused', () => {
  const workers = ['worker', 'deep_worker', 'theory_worker', 'language_worker', 'gpu_worker', 'deep_gpu_worker'];
  const renamed = new Map(workers.map((worker, k) => [`${worker}_loader.js`, `${worker}-0${k}_loader.js`]));
  const meta = (worker, loader) => `<meta name="lethe-${worker}" content="${loader}">`;
  const html = workers.map((worker) => meta(worker, `${worker}_loader.js`)).join('');
  const pointed = workers.map((worker, k) => meta(worker, `${worker}-0${k}_loader.js`)).join('');
  assert.equal(pointToWorkers(html, renamed), pointed);
  assert.throws(() => pointToWorkers(meta('worker', 'worker_loader.js'), renamed), /names no deep_worker_loader\.js/);
  renamed.delete('gpu_worker_loader.js');
  assert.throws(() => pointToWorkers(html, renamed), /gpu_worker was not built/);
});

test('index.html says how large a program is, and fails for one that is not there', (t) => {
  const folder = built('1234567890'.repeat(100));
  t.after(() => rmSync(folder, { recursive: true }));
  nameWorkers(folder);
  const meta = (worker, bytes) => `<meta name="lethe-${worker}-bytes" content="${bytes}">`;
  const bytes = Number(/content="(\d+)"/.exec(withSizes(meta('worker', 0), folder))[1]);
  assert.ok(bytes > 50 && bytes < 500, `the program packed, without its loader, is ${bytes} bytes`);
  assert.equal(withSizes('<meta name="other" content="0">', folder), '<meta name="other" content="0">');
  assert.throws(() => withSizes(meta('other_worker', 0), folder), /other_worker, which was not built/);
});

test('the policy holds the hash of exactly the inline scripts that run', () => {
  const html = `<head><script type="module">\nlet a;\n</script><script src="b.js"></script>
    <script type="application/ld+json">{}</script><script>c()</script></head>`;
  assert.deepEqual(inlineScripts(html), ['\nlet a;\n', 'c()']);
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  assert.match(policy(html), new RegExp(`script-src 'self' ${[hash('\nlet a;\n'), hash('c()')].join(' ').replace(/[+/.]/g, '\\$&')} 'wasm-unsafe-eval';`));
});

test('the policy stands before anything that it governs', () => {
  const html = withPolicy('<html><head><script>a</script></head></html>');
  assert.ok(html.indexOf('Content-Security-Policy') < html.indexOf('<script>'));
});

for (const refused of ['<p style="color: red">', '<style>p {}</style>', '<button onclick="go()">', "<p\n class=a\n style='x'>"]) {
  test(`what the policy would refuse is refused at build time: ${JSON.stringify(refused)}`, () => {
    assert.throws(() => withPolicy(`<head></head>${refused}`), /inline styles and handlers/);
  });
}

test('words and comments about styles are no styles', () => {
  assert.ok(withPolicy('<head></head><!-- <style> --><p class="onset">one style = another</p><script>let a = "<p style=b>";</script>'));
});
