import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compare, diverged } from '../../scripts/scale/compare.mjs';
import { slopeOverSeeds } from '../../scripts/scale/estimate.mjs';
import { depthRows, widthRows } from '../../scripts/scale/rows.mjs';
import { short } from '../../scripts/scale/table.mjs';
import { checkout } from '../../scripts/setup/cache.mjs';

/** A network whose ID loss halves and whose forgetting grows by `rate` from checkpoint to checkpoint. */
function network(rate, { points = 6, ending = 'complete' } = {}) {
  const column = (of) => Array.from({ length: points }, (_, k) => of(k));
  const branch = {
    ending,
    id_loss: column((k) => 2 ** -k),
    ood_loss: column((k) => 0.25 + rate * k),
    effective_time: column((k) => 2 * k),
  };
  return { fine_tuning: [branch] };
}

test('every world of the library is compared, in widths and in depths', () => {
  const folder = join(checkout, 'src', 'data');
  const files = readdirSync(folder).filter((file) => file.endsWith('.rs'));
  const names = files.flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^ {4}name: "(\w+)"/gm)]);
  for (const rows of [widthRows(), depthRows()]) {
    const compared = new Set(rows.map(({ links }) => links[0].match(/wo=(\w+)/)?.[1] ?? 'gaussians'));
    assert.deepEqual([...compared].sort(), names.map((match) => match[1]).sort());
  }
});

test('the slope is that of forgetting on log2 of the scale, and its interval holds it', () => {
  const rates = [1, 2, 3, 4, 5, 6, 7];
  const { perDoubling, interval, verdict } = slopeOverSeeds([1, 2, 4], rates.map((rate) => [0, rate, 2 * rate]));
  assert.equal(perDoubling, 4);
  assert.ok(interval.low >= 1 && interval.low < 4 && interval.high > 4 && interval.high <= 7);
  assert.equal(verdict, 'rises');
  assert.equal(slopeOverSeeds([1, 2], rates.map((rate) => [0, rate - 4])).verdict, 'undecided');
  assert.equal(slopeOverSeeds([1, 2], rates.slice(2).map((rate) => [0, rate])).interval, null, 'five seeds have none');
});

test('a scale that only learns faster rises at equal steps and not at equal ID loss', () => {
  const seeds = Array.from({ length: 8 }, (_, seed) => 1 + seed / 8);
  const slow = seeds.map((rate) => network(rate, { points: 4 }));
  const fast = seeds.map((rate) => network(rate, { points: 6 }));
  const compared = compare([1, 2], [slow, fast]);
  assert.equal(compared.equal_steps.slope.verdict, 'rises');
  for (const name of ['equal_id_loss', 'equal_effective_time']) assert.equal(compared[name].slope.perDoubling, 0, name);
  assert.equal(compared.equal_id_loss.level, 1 / 8);
  assert.equal(compared.equal_effective_time.level, 6);
  assert.equal(compared.before, 0);
});

test('a diverged network is counted and left out', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7];
  const whole = seeds.map((rate) => network(rate));
  const broken = seeds.map((rate) => network(rate, rate === 3 ? { ending: { diverged: 7 } } : {}));
  assert.equal(diverged([whole, broken]), 1);
  const { equal_steps: steps } = compare([1, 2], [whole, broken]);
  assert.deepEqual([steps.reached, steps.slope.seeds], [[7, 6], 6]);
});

test('numbers have two digits, and a sign where it says something', () => {
  assert.deepEqual([short(0.0314), short(0.00314, { sign: true }), short(-1.26e-5, { sign: true }), short(0, { sign: true })],
    ['0.031', '+0.0031', '-0.000013', '0']);
});
