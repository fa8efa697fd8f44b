// The release build of the page, used by `make lab`, `make test` and `make site`.
import { join } from 'node:path';
import { checkout } from '../setup/cache.mjs';
import { needPackages } from '../setup/npm.mjs';
import { needRust, needTrunk, needWasmBindgen } from '../setup/rust.mjs';
import { run, say } from '../setup/run.mjs';

export const dist = join(checkout, 'dist');

/** Installs what building needs. */
export async function needSiteTools() {
  await needRust();
  await needPackages();
  await needTrunk();
  await needWasmBindgen();
}

/** Builds dist/. */
export async function buildSite() {
  say('building the page and its workers (release)');
  await run('trunk', ['build', '--release'], { env: { TRUNK_SKIP_VERSION_CHECK: 'true', NO_COLOR: undefined } });
}
