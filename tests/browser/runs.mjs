// Runs in the page, as a visitor and as a script see them.
import assert from 'node:assert/strict';

const PATIENCE_MS = 300_000; // the longest run here takes a minute on two idle cores

/** What the page tells scripts: phase, link, fingerprint, sentence, verdict, notices. */
export const told = (page) => page.evaluate(() => window.lethe.state());

/** The record of the finished run. */
export const recordOf = (page) => page.evaluate(() => window.lethe.record());

/** Waits until the page says that it is in one of these states. */
export const reach = (page, ...states) => page.waitForFunction(
  (wanted) => wanted.includes(document.documentElement.dataset.state), states, { timeout: PATIENCE_MS });

/** Waits until the run is over, named by its fingerprint, and drawn. */
export async function finish(page) {
  await page.waitForFunction(() => {
    const state = window.lethe?.state();
    return state?.fingerprint && !state.stale && ['finished', 'diverged'].includes(state.phase);
  }, null, { timeout: PATIENCE_MS });
  await drawn(page);
}

/** Waits until everything that is known is drawn: the page makes one figure per frame. */
export const drawn = (page) => page.evaluate(async () => {
  for (let frame = 0; frame < 12; frame += 1) await new Promise(requestAnimationFrame);
});

/** Waits until the page is up, quiet, and has drawn its first figures. */
export async function settle(page) {
  await page.waitForLoadState('networkidle');
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  await drawn(page);
}

/** The texts of all matches of a selector. */
export const texts = (page, selector) => page.locator(selector).allTextContents();

/** A number as the page shows it, worked out independently of the page: two significant digits. */
export function shown(value) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return (value < 0 ? '\u2212' : '') + Math.round(size).toLocaleString('en-US');
  const [mantissa, exponent] = twoDigits(size);
  const text = exponent < -4
    ? `${mantissa}e${exponent}`
    : Number(`${mantissa}e${exponent}`).toLocaleString('en-US', { maximumFractionDigits: 20 });
  return (value < 0 ? '\u2212' : '') + text;
}

// JavaScript rounds halves up, the page rounds them to even: 1.25 is a half, and so is read digit by digit.
function twoDigits(size) {
  const half = /^(\d)\.(\d)50*e([+-]\d+)$/.exec(size.toExponential(60));
  const [mantissa, exponent] = half && half[2] % 2 === 0
    ? [Number(`${half[1]}.${half[2]}`), half[3]]
    : size.toExponential(1).split('e');
  return [Number(mantissa), Number(exponent)];
}

/** As `shown`, with its sign always written. */
export const signed = (value) => (value > 0 ? '+' : '') + shown(value);

/** A fraction as a percentage. */
export const percent = (fraction) => `${shown(fraction * 100)}\u00a0%`;

// Measured values and the grid are single-precision numbers, which one writer of JSON prints short
// and another in full. That zero has two signs is left to the fingerprint.
const SINGLE = /^\/series\/\d+\/(pretraining|fine_tuning\/\d+)\/(?!replay|steps|ending)|^\/functions\/\d+\/x\//;

/** The first place where two records differ in any bit, as a phrase; null where nowhere. */
export function firstDifference(a, b, place = '') {
  if (typeof a === 'number' && typeof b === 'number') {
    const same = SINGLE.test(place) ? Math.fround(a) === Math.fround(b) : a === b;
    return same ? null : `${place}: ${a} against ${b}`;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? null : `${place}: ${JSON.stringify(a)} against ${JSON.stringify(b)}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[key], b[key], `${place}/${key}`);
    if (found) return found;
  }
  return null;
}

/** A record without the two parts that say who computed it and how fast. */
export const result = ({ device, timing, ...rest }) => rest;

/** Fails where two records of the same link differ in any number or word. */
export function assertSame(own, other, what) {
  assert.ok(own && other, `${what}: there is a record on both sides`);
  assert.equal(own.build, other.build, `${what}: page and command line are built from the same sources`);
  assert.equal(own.fingerprint, other.fingerprint, `${what}: fingerprint`);
  assert.equal(firstDifference(result(own), result(other)), null, `${what}: first difference`);
}
