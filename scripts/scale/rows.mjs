// What is compared: every world under three parameterisations, over widths and over depths.

/** The worlds, by the keys that name them in a link. Sequences stand twice: as they are, and with one new task only. */
export const WORLDS = [
  ['gaussians', ''],
  ['clusters', 'wo=clusters'],
  ['teacher', 'wo=teacher'],
  ['partial', 'wo=partial'],
  ['gradual', 'wo=gradual'],
  ['rotated', 'wo=rotated'],
  ['rotated, one new task', 'wo=rotated&nt=2'],
  ['permuted', 'wo=permuted'],
  ['permuted, one new task', 'wo=permuted&nt=2'],
].map(([name, keys]) => ({ name, keys }));

/** The rates are those at which the project runs these parameterisations elsewhere; no world has another one. */
export const PARAMETERISATIONS = [
  { name: 'standard', keys: '' },
  { name: 'ntk', keys: 'par=ntk&lr=0.05' },
  { name: 'meanfield', keys: 'par=meanfield' },
];

const link = (...parts) => ['v=1', ...parts].filter(Boolean).join('&');

/** One row: its world, its parameterisation, what is scaled, and the links that hold its networks. */
const row = (world, par, scales, links) => ({ world: world.name, par: par.name, scales, links });

export const WIDTHS = [4, 16, 64, 256];

/** One run for each row: `width` has 32 seeds and the four widths by itself. */
export const widthRows = () =>
  WORLDS.flatMap((world) =>
    PARAMETERISATIONS.map((par) => row(world, par, WIDTHS, [link('x=width', world.keys, par.keys)])));

export const DEPTHS = [1, 2, 4];
const DEEP = 'w=32&n=32&s=0..7';
const depthLink = (d, world, par) => link('x=dynamics', d === 1 ? '' : `d=${d}`, DEEP, world.keys, par.keys);

/**
 * One run for each depth. Fewer of everything, because a deep network takes many times as long: eight narrower
 * networks with fewer examples, and each world once.
 */
export const depthRows = () =>
  WORLDS.filter(({ keys }) => !keys.includes('nt=2')).flatMap((world) =>
    PARAMETERISATIONS.map((par) => row(world, par, DEPTHS, DEPTHS.map((d) => depthLink(d, world, par)))));
