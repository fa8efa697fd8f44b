// Three comparisons of scale, from the series of records, as in src/metrics/comparison.rs and
// src/record/summary/comparing.rs. There scale is the width; here it may as well be the depth.
import { median, slopeOverSeeds } from './estimate.mjs';

/** The comparisons, by their names in records. */
export const COMPARISONS = ['equal_steps', 'equal_id_loss', 'equal_effective_time'];

/**
 * Compares scales. `networks`: for each scale, the entries of `series` in the order of the seeds.
 * Forgetting is that of the first branch.
 */
export function compare(scales, networks) {
  const tracks = networks.map((row) => row.map(trackOf));
  const reach = (value) => lowestCommon(tracks.map((row) => row.filter((track) => track !== null).map(value)));
  const idLevel = reach((track) => Math.min(...track.idLoss));
  const time = reach((track) => -track.time.at(-1));
  const made = {
    equal_steps: { level: null, value: (track) => track.forgetting.at(-1) },
    equal_id_loss: { level: idLevel, value: (track) => forgettingAtIdLoss(track, idLevel) },
    equal_effective_time: { level: time === null ? null : -time, value: (track) => forgettingAtTime(track, -time) },
  };
  return Object.fromEntries(COMPARISONS.map((name) => {
    const { level, value } = made[name];
    const values = tracks.map((row) => row.map((track) => (track === null ? null : value(track))));
    const bySeed = values[0].map((_, seed) => values.map((row) => row[seed]));
    const there = values.map((row) => row.filter((value) => value !== null));
    return [name, {
      level,
      medians: there.map(median),
      reached: there.map((row) => row.length),
      slope: slopeOverSeeds(scales, bySeed),
    }];
  }).concat([['before', tracks.flat().filter((track) => track !== null && track.idLoss[0] <= idLevel).length]]));
}

/** How many networks of a scale came to no end. */
export const diverged = (networks) => networks.flat().filter((network) => trackOf(network) === null).length;

function trackOf(network) {
  const branch = network.fine_tuning[0];
  if (branch === undefined || branch.ending !== 'complete') return null;
  // Records hold the shortest decimals of 32-bit numbers.
  const [idLoss, old, time] = [branch.id_loss, branch.ood_loss, branch.effective_time].map((column) => column.map(Math.fround));
  return { idLoss, time, forgetting: old.map((loss) => loss - old[0]) };
}

function forgettingAtIdLoss(track, level) {
  const log = (loss) => Math.log(Math.max(loss, 2 ** -1022));
  return between(track, track.idLoss.findIndex((loss) => loss <= level), (k) => log(track.idLoss[k]), log(level));
}

function forgettingAtTime(track, level) {
  return between(track, track.time.findIndex((time) => time >= level), (k) => track.time[k], level);
}

function between({ forgetting }, reached, scale, target) {
  if (reached === -1) return null;
  if (reached === 0) return forgetting[0];
  const [from, to] = [scale(reached - 1), scale(reached)];
  const part = from === to ? 1 : Math.min(1, Math.max(0, (target - from) / (to - from)));
  return forgetting[reached - 1] + part * (forgetting[reached] - forgetting[reached - 1]);
}

/** The lowest level that nine runs in ten reach in every group; null if a group is empty. */
function lowestCommon(groups) {
  if (groups.some((group) => group.length === 0)) return null;
  return Math.max(...groups.map((group) => group.toSorted((a, b) => a - b)[Math.ceil((group.length * 9) / 10) - 1]));
}
