// A Python with JAX, the peer of the native benchmark. Nothing else needs it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './cache.mjs';
import { firstLine, run, say } from './run.mjs';

const PACKAGES = ['jax', 'numpy'];

/** Path of a Python that imports the packages, made in the cache if need be; null where there is no Python at all. */
export async function needPython() {
  const imports = (python) => firstLine(python, ['-c', PACKAGES.map((name) => `import ${name}`).join('; ')]) !== null;
  const asked = process.env.LETHE_PYTHON;
  if (asked) return asked;
  const own = join(cache, 'python', 'bin', 'python');
  if (existsSync(own) && imports(own)) return own;
  if (firstLine('python3', ['--version']) === null) return null;
  say(`installing ${PACKAGES.join(' and ')} for the comparison`);
  await run('python3', ['-m', 'venv', join(cache, 'python')]);
  await run(own, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  return own;
}
