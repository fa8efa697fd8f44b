// Finding the browsers of this machine, and a Chromium where there is none.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from './cache.mjs';
import { firstLine, Refusal, run, say } from './run.mjs';

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];
const FIREFOXES = ['firefox', 'firefox-esr'];
const MAC = '/Applications';

/** Path of a Chromium, or null. `LETHE_CHROMIUM` decides where it is set. */
export async function findChromium() {
  const asked = process.env.LETHE_CHROMIUM;
  if (asked) {
    if (!runs(asked)) throw new Refusal(`LETHE_CHROMIUM is ${asked}, which is not a program that runs.`);
    return asked;
  }
  return CHROMIUMS.map(onPath).find(Boolean)
    ?? ['Chromium', 'Google Chrome'].map((name) => `${MAC}/${name}.app/Contents/MacOS/${name}`).find(runs)
    ?? await downloaded();
}

/** Path of a Firefox, or null. `LETHE_FIREFOX` decides where it is set. */
export function findFirefox() {
  const asked = process.env.LETHE_FIREFOX;
  if (asked) {
    if (!runs(asked)) throw new Refusal(`LETHE_FIREFOX is ${asked}, which is not a program that runs.`);
    return asked;
  }
  return FIREFOXES.map(onPath).find(Boolean)
    ?? [`${MAC}/Firefox.app/Contents/MacOS/firefox`].find(runs)
    ?? null;
}

/** Path of a Chromium, installed first if there is none. */
export async function needChromium() {
  const found = await findChromium();
  if (found) return found;
  if (isDebian() && process.getuid?.() === 0) {
    say('installing chromium by apt-get');
    const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '--quiet'], quiet);
    await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], quiet);
  } else {
    say('downloading a Chromium for the tests into the cache');
    await run('playwright-core', ['install', 'chromium']).catch((error) => {
      throw new Refusal(`no Chromium or Chrome on this machine, and none could be downloaded (${error.message}). Install one, or set LETHE_CHROMIUM to its path, then repeat.`);
    });
  }
  const installed = await findChromium();
  if (!installed) throw new Refusal('Chromium was installed, but is not found. Set LETHE_CHROMIUM to its path, then repeat.');
  return installed;
}

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find(runs);
}

// Ubuntu's chromium packages are stubs that ask for a snap: a file that exists but does not start.
function runs(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  return firstLine(path, ['--version']) !== null;
}

async function downloaded() {
  process.env.PLAYWRIGHT_BROWSERS_PATH ??= environment().PLAYWRIGHT_BROWSERS_PATH;
  const { chromium } = await import('playwright-core');
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : null;
}

export function isDebian() {
  const release = '/etc/os-release';
  return existsSync(release) && /^ID=debian$/m.test(readFileSync(release, 'utf8'));
}
