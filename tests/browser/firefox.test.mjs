// The way into Firefox works, so that a test which compares bits there has really run.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasFirefox, runInFirefox } from './firefox.mjs';
import { dist } from './lab.mjs';

const skip = hasFirefox() ? false : 'SKIPPED: no Firefox on this machine, so nothing was checked in it';

test('a module worker of the built lab answers in Firefox', { skip, timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-page-'));
  writeFileSync(join(folder, 'index.html'), `<!doctype html><title>Firefox</title><script type="module">
    const post = (value) => fetch('/result', { method: 'POST', body: JSON.stringify(value) });
    try {
      const lab = new DOMParser().parseFromString(await (await fetch('/lab/index.html')).text(), 'text/html');
      const name = lab.querySelector('meta[name="lethe-worker"]').content;
      const worker = new Worker('/lab/' + name, { type: 'module' });
      worker.onmessage = ({ data }) => post({ agent: navigator.userAgent, spoke: data !== undefined });
      worker.onerror = (event) => post({ failure: String(event.message) });
    } catch (error) {
      post({ failure: String(error) });
    }
  </script>`);
  try {
    const answer = await runInFirefox({ mounts: { '/': folder, '/lab/': dist }, path: '/index.html' });
    assert.equal(answer.failure, undefined);
    assert.match(answer.agent, /Firefox/);
    assert.equal(answer.spoke, true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
