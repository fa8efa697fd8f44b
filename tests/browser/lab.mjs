// Opening the built lab in Chromium and watching what it does.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/serve.mjs';
import { findChromium } from '../../scripts/setup/browsers.mjs';
import { checkout } from '../../scripts/setup/cache.mjs';

export const dist = join(checkout, 'dist');
const LONG_TASK_MS = 50; // what browsers call long, and what the page must never block for

/** Serves dist/ at `/` and at `/sub/`, and starts a browser. Close both in an `after` hook. */
export async function startLab({ flags = [], mounts = {}, onPost = null } = {}) {
  assert.ok(existsSync(join(dist, 'index.html')), 'dist/ is not built: run `make site` first');
  const executable = await findChromium();
  assert.ok(executable, 'no Chromium found: run `make test`, which installs one, or set LETHE_CHROMIUM');
  const server = await serve({ mounts: { '/': dist, '/sub/': dist, ...mounts }, onPost });
  const browser = await launchChromium(executable, flags);
  return {
    origin: server.origin,
    browser,
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Opens `path` (with its hash) in a fresh context and watches it. `options` go to Playwright's
 * context: viewport, colorScheme, reducedMotion and so on; `prepare` is given that context first.
 * Resolves to `{ page, watch, close }`; see `assertClean` for what `watch` collects.
 */
export async function openPage(lab, path = '/', { prepare = () => {}, ...options } = {}) {
  const context = await lab.browser.newContext(options);
  await prepare(context);
  const watch = { origin: lab.origin, requests: [], failures: [], errors: [], violations: [], longTasks: [] };
  await context.exposeBinding('letheReports', (_, kind, value) => watch[kind].push(value));
  await context.addInitScript(reportFromPage);
  // The context sees the requests of workers, too.
  context.on('request', (request) => watch.requests.push(request.url()));
  context.on('requestfailed', (request) => {
    // A page that navigates away or terminates a worker aborts what it had asked for.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') {
      watch.failures.push(`${request.url()}: ${request.failure()?.errorText}`);
    }
  });
  context.on('response', (response) => {
    if (response.status() >= 400) watch.failures.push(`${response.url()}: status ${response.status()}`);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => watch.errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') watch.errors.push(message.text());
  });
  await page.goto(lab.origin + path, { waitUntil: 'load' });
  return { page, watch, close: () => context.close() };
}

/** No console error, no failed request, no request to another origin, no breach of the policy. */
export function assertClean(watch) {
  assert.deepEqual(watch.errors, [], 'console errors');
  assert.deepEqual(watch.failures, [], 'failed requests');
  assert.deepEqual(watch.violations, [], 'breaches of the content security policy');
  assert.deepEqual(foreign(watch), [], 'requests that leave the origin');
}

/** The requests that left the lab's origin. */
export function foreign({ requests, origin }) {
  return requests.filter((url) => !url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url));
}

/** Tasks over 50 ms after the page had loaded, as `{ start, duration }` in milliseconds. */
export function longTasks(watch, afterMs = 0) {
  return watch.longTasks.filter(({ start, duration }) => start >= afterMs && duration > LONG_TASK_MS);
}

// Runs in the page, before its scripts.
function reportFromPage() {
  document.addEventListener('securitypolicyviolation', (event) => {
    window.letheReports('violations', `${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
  });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      window.letheReports('longTasks', { start: startTime, duration });
    }
  }).observe({ type: 'longtask', buffered: true });
}
