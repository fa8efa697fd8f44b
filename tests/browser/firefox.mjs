// Running a page of ours in Firefox without an automation protocol: the page posts its result to
// the server that it came from.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../scripts/serve.mjs';
import { findFirefox } from '../../scripts/setup/browsers.mjs';

// A fresh profile that asks nothing and calls nobody.
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.auto': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};

/** Whether this machine has a Firefox. */
export function hasFirefox() {
  return findFirefox() !== null;
}

/**
 * Opens `path` of the served `mounts` in Firefox and resolves to the first JSON value that the page
 * posts to `/result`. Rejects after `secs` seconds, or when Firefox ends before it posted.
 */
export async function runInFirefox({ mounts, path, secs = 120 }) {
  const executable = findFirefox();
  if (executable === null) throw new Error('no Firefox on this machine; set LETHE_FIREFOX to the path of one');
  let posted;
  const result = new Promise((resolve) => {
    posted = resolve;
  });
  const server = await serve({ mounts, onPost: (url, body) => url === '/result' && posted(JSON.parse(body)) });
  const profile = mkdtempSync(join(tmpdir(), 'lethe-firefox-'));
  writeFileSync(join(profile, 'user.js'),
    Object.entries(PREFERENCES).map(([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`).join(''));

  // A group of its own, so that Firefox's content processes end with it.
  const firefox = spawn(executable, ['--headless', '--no-remote', '--profile', profile, server.origin + path],
    { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile } });
  const ended = once(firefox, 'exit');
  let timer;
  try {
    return await Promise.race([
      result,
      ended.then(([code]) => Promise.reject(new Error(`Firefox ended with code ${code} before the page posted a result`))),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`the page posted no result to /result within ${secs} s`)), secs * 1000);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (firefox.exitCode === null && firefox.signalCode === null) {
      process.kill(-firefox.pid, 'SIGKILL');
      await ended;
    }
    await server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
