// Pythons with the peers of the native benchmarks, each in an environment of its own. Nothing else needs them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './cache.mjs';
import { firstLine, run, say } from './run.mjs';

const JAX = { folder: 'python', variable: 'LETHE_PYTHON', modules: ['jax', 'numpy'], packages: ['jax', 'numpy'] };
// neural-tangents imports neither with the JAX of the other comparison nor with NumPy 2.1.
const TANGENTS = {
  folder: 'neural-tangents',
  variable: 'LETHE_NTK_PYTHON',
  modules: ['neural_tangents'],
  packages: ['neural-tangents==0.6.5', 'jax==0.4.34', 'jaxlib==0.4.34', 'numpy<2.1'],
};
const TORCH = { folder: 'torch', variable: 'LETHE_TORCH_PYTHON', modules: ['torch', 'transformers', 'peft'], packages: ['torch', 'numpy', 'transformers', 'peft'] };
const SURPRISE = {
  folder: 'surprise',
  variable: 'LETHE_SURPRISE_PYTHON',
  modules: ['surprise', 'scipy', 'pandas'],
  packages: ['scikit-surprise==1.1.5', 'numpy<2', 'scipy', 'pandas<3'],
};

/** Path of a Python with JAX, made in the cache if need be; null where there is no Python at all. */
export const needPython = () => need(JAX);

/** Path of a Python with neural-tangents, likewise. */
export const needTangentsPython = () => need(TANGENTS);

/** Path of a Python with PyTorch, likewise. */
export const needTorchPython = () => need(TORCH);

/** Path of a Python with scikit-surprise, likewise; it is built from source, which needs a C compiler. */
export const needSurprisePython = () => need(SURPRISE);

async function need({ folder, variable, modules, packages }) {
  const imports = (python) => firstLine(python, ['-c', modules.map((name) => `import ${name}`).join('; ')]) !== null;
  const asked = process.env[variable];
  if (asked) return asked;
  const own = join(cache, folder, 'bin', 'python');
  if (existsSync(own) && imports(own)) return own;
  if (firstLine('python3', ['--version']) === null) return null;
  say(`installing ${packages.join(', ')} for the comparison`);
  await run('python3', ['-m', 'venv', join(cache, folder)]);
  await run(own, ['-m', 'pip', 'install', '--quiet', ...packages]);
  return own;
}
