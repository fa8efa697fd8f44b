// The estimator behind "rises", "falls" and "undecided", as in src/stats: the same slopes, resamples and interval.
import { createHash } from 'node:crypto';

const RESAMPLES = 2000;
const FEWEST = 6;

/** Slope per doubling over seeds. `values`: one row per seed, one entry per scale, null where there is none. */
export function slopeOverSeeds(scales, values) {
  const doublings = scales.map(Math.log2);
  const slopes = values.map((row) => slope(doublings, row)).filter((value) => value !== null);
  const interval = intervalOfMedian(slopes);
  const verdict = interval === null ? 'undecided' : interval.low > 0 ? 'rises' : interval.high < 0 ? 'falls' : 'undecided';
  return { perDoubling: median(slopes), interval, verdict, seeds: slopes.length };
}

/** Least-squares slope; null with fewer than two values. */
function slope(x, y) {
  const known = x.map((value, k) => [value, y[k]]).filter(([, value]) => value !== null);
  if (known.length < 2) return null;
  const mean = (k) => known.reduce((sum, pair) => sum + pair[k], 0) / known.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = known.reduce((sum, [a]) => sum + (a - meanX) ** 2, 0);
  return known.reduce((sum, [a, b]) => sum + (a - meanX) * (b - meanY), 0) / spread;
}

/** The sample quantile of type 7 (Hyndman and Fan); null for an empty sample. */
export function quantile(sorted, share) {
  if (sorted.length === 0) return null;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

export const median = (values) => quantile(values.toSorted((a, b) => a - b), 0.5);

/** The 95 % percentile interval of a median over seeds; null with fewer than six. */
function intervalOfMedian(values) {
  if (values.length < FEWEST) return null;
  const drawn = resamples(values.length);
  const medians = Array.from({ length: RESAMPLES }, (_, k) =>
    median(Array.from({ length: values.length }, (_, i) => values[drawn[k * values.length + i]])));
  medians.sort((a, b) => a - b);
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** The indices that `Resamples` in src/stats/bootstrap.rs draws for this many seeds. */
function resamples(seeds) {
  const zero = Buffer.alloc(8);
  const root = createHash('sha256').update('lethe seed v1').update(zero).digest();
  const key = createHash('sha256').update(root).update('bootstrap').digest();
  const indices = new Uint32Array(RESAMPLES * seeds);
  for (let at = 0; at < indices.length; at += 16) {
    const words = chacha8(key, at / 16);
    for (let k = 0; k < 16 && at + k < indices.length; k += 1) {
      indices[at + k] = Number((BigInt(words[k]) * BigInt(seeds)) >> 32n);
    }
  }
  return indices;
}

/** One block of ChaCha with eight rounds (Bernstein 2008) under nonce 0. */
function chacha8(key, counter) {
  const start = new Uint32Array(16);
  start.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  for (let k = 0; k < 8; k += 1) start[4 + k] = key.readUInt32LE(4 * k);
  start[12] = counter;
  const s = start.slice();
  const turn = (value, by) => (value << by) | (value >>> (32 - by));
  const quarter = (a, b, c, d) => {
    for (const [first, second] of [[16, 12], [8, 7]]) {
      s[a] += s[b];
      s[d] = turn(s[d] ^ s[a], first);
      s[c] += s[d];
      s[b] = turn(s[b] ^ s[c], second);
    }
  };
  for (let round = 0; round < 4; round += 1) {
    for (let k = 0; k < 4; k += 1) quarter(k, 4 + k, 8 + k, 12 + k);
    for (let k = 0; k < 4; k += 1) quarter(k, 4 + ((k + 1) % 4), 8 + ((k + 2) % 4), 12 + ((k + 3) % 4));
  }
  return s.map((value, k) => value + start[k]);
}
