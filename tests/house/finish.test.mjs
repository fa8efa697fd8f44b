import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inlineScripts, nameWorkers, pointToWorkers, policy, withPolicy } from '../../scripts/site/finish.mjs';

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

test('index.html follows the new names, and one that names no worker is refused', () => {
  const renamed = new Map([['worker_loader.js', 'worker-0123_loader.js']]);
  const html = '<meta name="lethe-worker" content="worker_loader.js">';
  assert.equal(pointToWorkers(html, renamed), '<meta name="lethe-worker" content="worker-0123_loader.js">');
  assert.throws(() => pointToWorkers('<p>', renamed), /names no worker_loader\.js/);
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
