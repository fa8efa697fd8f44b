// Where everything that is not source lives: one cache outside the checkout.
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const xdg = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
export const cache = process.env.LETHE_CACHE || join(xdg, 'lethe');
export const tools = join(cache, 'tools');

// Native, wasm and test builds share one target folder: cargo keeps them apart by target and
// profile, and none of our commands changes RUSTFLAGS, so they never rebuild each other.
export const target = process.env.CARGO_TARGET_DIR || join(cache, 'target', 'lethe');

/** The environment of every command that the house runs: our tools first on PATH. */
export function environment(extra = {}) {
  const first = [join(tools, 'bin'), join(checkout, 'node_modules', '.bin')];
  return {
    ...process.env,
    CARGO_TARGET_DIR: target,
    PLAYWRIGHT_BROWSERS_PATH: join(cache, 'browsers'),
    PATH: [...first, process.env.PATH].join(delimiter),
    ...extra,
  };
}
