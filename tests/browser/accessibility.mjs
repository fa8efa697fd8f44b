// axe-core in the page: the automatic part of the accessibility check.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails with one line per violation: rule, what it asks, and the first elements that break it. */
export async function assertAccessible(page, what) {
  // Evaluated by the debugger, not by a script element: the content security policy stays as it is.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  assert.deepEqual(violations.map(({ id, help, nodes }) =>
    `${id}: ${help} (${nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', ')}${nodes.length > 3 ? ` and ${nodes.length - 3} more` : ''})`), [],
  `accessibility of ${what}`);
}
