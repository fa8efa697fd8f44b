// The command line, for comparing what it says with what the page says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkout, environment, target } from '../../scripts/setup/cache.mjs';
import { assertSame, finish, recordOf } from './runs.mjs';

const LARGEST = 256 * 1024 * 1024; // bytes of one record

let program = process.env.LETHE_BIN ?? null;

/** Path of the native binary: `LETHE_BIN`, or one built here. Cargo does nothing where it is up to date. */
function lethe() {
  if (program === null) {
    const built = spawnSync('cargo', ['build', '--locked', '--quiet', '--bin', 'lethe'],
      { cwd: checkout, env: environment(), encoding: 'utf8' });
    assert.equal(built.status, 0, `the native binary was not built: ${built.stderr}`);
    program = join(target, 'debug', 'lethe');
  }
  return program;
}

/** Runs `lethe` with these arguments; resolves to its exit code and output. */
export function command(...given) {
  const { status, stdout, stderr, error } = spawnSync(lethe(), given, { encoding: 'utf8', maxBuffer: LARGEST });
  if (error) throw error;
  return { status, stdout, stderr };
}

const records = new Map();

/** The record that `lethe run '<link>' --json` prints, computed once per link. */
export function nativeRecord(link) {
  if (!records.has(link)) {
    const { status, stdout, stderr } = command('run', link, '--json');
    assert.equal(status, 0, `lethe run '${link}': ${stderr}`);
    records.set(link, JSON.parse(stdout));
  }
  return records.get(link);
}

/** Fails unless the page's finished run has the record and the words of the command line, whose link it then verifies. */
export async function assertAsNative(lab, page, link) {
  const record = nativeRecord(link);
  assertSame(await recordOf(page), record, link);
  const [said, more] = command('run', link).stdout.split('\n').map((line) => line.trim());
  assert.equal((await page.locator('#said').textContent()).trim(), said);
  assert.equal((await page.locator('#said-more').textContent()).trim(), more);
  await page.goto('about:blank');
  await page.goto(`${lab.origin}/${record.link}`);
  await finish(page);
  assert.equal(await page.locator('#verdict').getAttribute('data-verdict'), 'exact');
}
