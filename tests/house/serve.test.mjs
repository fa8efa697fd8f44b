import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';

let outside;
let server;
const posts = [];
before(async () => {
  outside = mkdtempSync(join(tmpdir(), 'lethe-serve-'));
  const root = join(outside, 'root');
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<p>');
  writeFileSync(join(root, 'a.wasm'), '\0asm');
  writeFileSync(join(root, 'a.js'), '');
  writeFileSync(join(root, 'folder', 'index.html'), '<p>');
  server = await serve({ mounts: { '/': root, '/sub/': root }, onPost: (...post) => posts.push(post) });
});
after(async () => {
  await server?.close();
  rmSync(outside, { recursive: true });
});

// Sends the path as it is; fetch would tidy it first.
const get = (path, method = 'GET', body = undefined) => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(server.origin);
  request({ hostname, port, path, method }, (response) => {
    let text = '';
    response.on('data', (part) => { text += part; });
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
  }).on('error', reject).end(body);
});

for (const [path, type] of [['/', 'text/html'], ['/sub/index.html', 'text/html'], ['/sub/a.wasm', 'application/wasm'], ['/a.js?v=1', 'text/javascript'], ['/folder/', 'text/html']]) {
  test(`${path} is ${type}`, async () => {
    const { status, headers } = await get(path);
    assert.equal(status, 200);
    assert.ok(headers['content-type'].startsWith(type));
  });
}

for (const path of ['/sub', '/folder', '/sub/folder']) {
  test(`${path} leads to its folder`, async () => {
    const { status, headers } = await get(path);
    assert.equal(status, 301);
    assert.equal(headers.location, `${path}/`);
  });
}

for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/sub/../../secret.txt', '/sub/..%2f..%2fsecret.txt', '/%00', '/%', '/none']) {
  test(`${path} gives nothing away`, async () => {
    const { status, text } = await get(path);
    assert.ok(status >= 400 && status < 500, `status ${status}`);
    assert.ok(!text.includes('secret\n') && text !== 'secret');
  });
}

test('a post reaches the test that asked for it', async () => {
  assert.equal((await get('/result', 'POST', '[1]')).status, 204);
  assert.deepEqual(posts, [['/result', '[1]']]);
});

test('a taken port moves on to a free one', async () => {
  const port = Number(new URL(server.origin).port);
  const next = await serve({ mounts: { '/': outside }, port });
  assert.notEqual(next.origin, server.origin);
  await next.close();
});
