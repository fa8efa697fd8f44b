// The tables of docs/scale.md.
import { COMPARISONS } from './compare.mjs';
import { PARAMETERISATIONS, WORLDS } from './rows.mjs';

const HEADS = ['equal steps', 'equal ID loss', 'equal effective time'];

/** A number of two digits, with its sign where asked for. */
export function short(value, { sign = false } = {}) {
  const text = value === 0 ? '0' : String(Number(value.toPrecision(2))).replace(/e([+-])/, (_, s) => (s === '-' ? 'e-' : 'e'));
  return sign && value > 0 ? `+${text}` : text;
}

/** What a comparison says: slope, interval, verdict, and what was left out. */
export function cell({ slope, reached, level }, networks, before) {
  if (slope.perDoubling === null) return 'none';
  const signed = (value) => short(value, { sign: true });
  const interval = slope.interval ? ` [${signed(slope.interval.low)}, ${signed(slope.interval.high)}]` : '';
  const missing = networks - reached.reduce((sum, count) => sum + count, 0);
  const notes = [
    missing > 0 && level !== null ? `${missing} not there` : '',
    before > 0 ? `${before} there at step 0` : '',
  ].filter(Boolean);
  const verdict = slope.verdict === 'undecided' ? 'undecided' : `**${slope.verdict}**`;
  return `${signed(slope.perDoubling)}${interval} ${verdict}${notes.length ? `; ${notes.join(', ')}` : ''}`;
}

const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) => [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');

/** Verdicts only: one line per world, one word per parameterisation in each comparison. */
export function verdicts(results) {
  const words = { rises: 'more', falls: 'less', undecided: '?' };
  const of = (world, par, name) => {
    const found = results.find((result) => result.world === world && result.par === par);
    return found ? words[found.compared[name].slope.verdict] : 'not run';
  };
  return table(
    ['world', ...HEADS],
    WORLDS.filter(({ name }) => results.some(({ world }) => world === name)).map(({ name: world }) => [
      world,
      ...COMPARISONS.map((name) => PARAMETERISATIONS.map(({ name: par }) => of(world, par, name)).join(', ')),
    ]),
  );
}

/** How many rows say what, for each comparison. */
export function counts(results) {
  const count = (name, verdict) => results.filter((result) => result.compared[name].slope.verdict === verdict).length;
  return COMPARISONS.map((name, k) =>
    `- At ${HEADS[k]}, of ${results.length} rows ${count(name, 'rises')} rise, ${count(name, 'falls')} fall and ` +
    `${count(name, 'undecided')} are undecided.`).join('\n');
}

/** Slopes, intervals and links. */
export function slopes(results, scale) {
  return table(
    ['world', 'parameterisation', `forgetting at equal steps, by ${scale}`, ...HEADS.map((head) => `slope at ${head}`), 'seeds', 'diverged', 'link'],
    results.map(({ world, par, networks, compared, seeds, diverged, link }) => [
      world,
      par,
      compared.equal_steps.medians.map((value) => (value === null ? 'none' : short(value))).join(', '),
      ...COMPARISONS.map((name) => cell(compared[name], networks - diverged, name === 'equal_id_loss' ? compared.before : 0)),
      seeds,
      `${diverged} of ${networks}`,
      `\`#${link}\``,
    ]),
  );
}
