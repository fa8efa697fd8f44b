// Does a wider, or a deeper, network forget more? Trains every world under three parameterisations and writes
// docs/scale.md. `node scripts/scale.mjs [--out FILE] [--jobs N] [--records DIR]`; minutes.
// `--jobs` runs at once; `--records` keeps each record there and reads those that the same build left.
// The command line is cargo's release build with the feature autodiff, or what LETHE_BIN names.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { compare, COMPARISONS, diverged } from './scale/compare.mjs';
import { page } from './scale/page.mjs';
import { depthRows, widthRows } from './scale/rows.mjs';
import { checkout, target } from './setup/cache.mjs';
import { main, Refusal, run, say } from './setup/run.mjs';

const call = promisify(execFile);

/** The command line, built here unless LETHE_BIN names one. */
async function program() {
  if (process.env.LETHE_BIN) return process.env.LETHE_BIN;
  await run('cargo', ['build', '--locked', '--release', '--no-default-features', '--features', 'native', '--bin', 'lethe']);
  return join(target, 'release', process.platform === 'win32' ? 'lethe.exe' : 'lethe');
}

/** The record of a link, as `lethe run --json` prints it. */
async function recordOf(lethe, build, link, folder) {
  const name = createHash('sha256').update(link).digest('hex').slice(0, 16);
  const file = folder && join(folder, `${name}.json`);
  try {
    const kept = file ? JSON.parse(readFileSync(file, 'utf8')) : null;
    if (kept?.build === build) return kept;
  } catch (error) {
    if (error.code !== 'ENOENT') throw new Refusal(`${file} cannot be read: ${error.message}`);
  }
  const done = call(lethe, ['run', link, '--json'], { maxBuffer: 2 ** 28 });
  const { stdout } = await done.catch((error) => {
    throw new Refusal(`${link} was not run: ${error.stderr || error.message}`);
  });
  if (file) writeFileSync(file, stdout);
  return JSON.parse(stdout);
}

/** A row with its networks trained and compared. */
async function measured(row, record) {
  const records = [];
  for (const link of row.links) records.push(await record(link));
  // One run holds all widths; of depths each has a run of its own.
  const series = records.length > 1
    ? records.map((of) => of.series)
    : row.scales.map((width) => records[0].series.filter((network) => network.width === width));
  const compared = compare(row.scales, series);
  if (records.length === 1) agree(compared, records[0]);
  const [first, last] = [row.links[0], row.links.at(-1)];
  say(`${row.world}, ${row.par}: ${COMPARISONS.map((name) => compared[name].slope.verdict).join(', ')}`);
  return {
    ...row,
    compared,
    seeds: series[0].length,
    networks: series.flat().length,
    diverged: diverged(series),
    link: records.length > 1 ? last.replace(/&d=\d+/, '&d=D').replace('#', '') : first,
  };
}

/** Refuses slopes that are not those of the record, up to the last bits of a logarithm. */
function agree(compared, { link, summary }) {
  for (const name of COMPARISONS) {
    const [ours, theirs] = [compared[name].slope, summary.comparisons[0][name].slope];
    const pairs = [
      [ours.perDoubling, theirs.per_doubling],
      [ours.interval?.low, theirs.interval?.low],
      [ours.interval?.high, theirs.interval?.high],
    ];
    const far = pairs.some(([a, b]) => Math.abs((a ?? 0) - (b ?? 0)) > 1e-9);
    if (far || ours.verdict !== theirs.verdict) {
      throw new Refusal(`${link}: ${name} is ${JSON.stringify(ours)} here and ${JSON.stringify(theirs)} in the record`);
    }
  }
}

/** Applies `work` to all items, `jobs` at a time, and keeps their order. */
async function inParallel(items, jobs, work) {
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const k = next++;
      results[k] = await work(items[k]);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return results;
}

await main(async () => {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, jobs: { type: 'string', default: '1' }, records: { type: 'string' } },
  });
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64) {
    throw new Refusal(`--jobs is ${values.jobs}; it must be a whole number from 1 to 64.`);
  }
  if (values.records) mkdirSync(values.records, { recursive: true });
  const lethe = await program();
  const build = (await call(lethe, ['--version'])).stdout.trim().replace(/^lethe /, '');
  const record = (link) => recordOf(lethe, build, link, values.records);
  const width = await inParallel(widthRows(), jobs, (row) => measured(row, record));
  const depth = await inParallel(depthRows(), jobs, (row) => measured(row, record));
  const file = resolve(values.out ?? join(checkout, 'docs', 'scale.md'));
  writeFileSync(file, page({ build, width, depth }));
  say(`${file} holds ${width.length + depth.length} rows`);
});
