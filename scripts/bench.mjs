// `make bench`: speed natively and in the browser, each against a peer in the same run. A benchmark that
// fails does not hide those after it.
import { needPython, needSurprisePython, needTangentsPython, needTorchPython } from './setup/python.mjs';
import { main, Refusal, run, say } from './setup/run.mjs';
import { buildSite, needSiteTools } from './site/build.mjs';

await main(async () => {
  await needSiteTools();
  const python = await needPython();
  if (python === null) say('SKIPPED: no python3 on PATH, so nothing is compared with JAX; LETHE_PYTHON can name one');
  const env = python ? { LETHE_PYTHON: python } : {};
  // An old JAX, which the newest Python may not have: without it the kernel is measured alone.
  const tangents = await needTangentsPython().catch((error) => {
    say(`SKIPPED: neural-tangents cannot be installed (${error.message})`);
    return null;
  });
  const surprise = await needSurprisePython().catch((error) => {
    say(`SKIPPED: scikit-surprise cannot be installed (${error.message})`);
    return null;
  });
  const torch = await needTorchPython().catch((error) => {
    say(`SKIPPED: PyTorch cannot be installed (${error.message})`);
    return null;
  });
  const all = [
    ['the CPU engine natively, against JAX', () => run('cargo', ['bench', '--locked', '--bench', 'engine'], { env })],
    ['the tangent kernel natively, against neural-tangents', () =>
      run('cargo', ['bench', '--locked', '--bench', 'ntk'], { env: tangents ? { LETHE_NTK_PYTHON: tangents } : {} })],
    ['the scaling laws, against SciPy', () =>
      run('cargo', ['bench', '--locked', '--bench', 'laws'], { env: env.LETHE_PYTHON ? { LETHE_LAWS_PYTHON: env.LETHE_PYTHON } : {} })],
    ['association matrices, against scikit-surprise, NumPy and SciPy', () =>
      run('cargo', ['bench', '--locked', '--bench', 'associations'], { env: surprise ? { LETHE_SURPRISE_PYTHON: surprise } : {} })],
    ['deep networks natively, against PyTorch', () =>
      run('cargo', ['bench', '--locked', '--bench', 'deep'], { env: torch ? { LETHE_TORCH_PYTHON: torch } : {} })],
    ['steps of LoRA natively, against PEFT', () =>
      run('cargo', ['bench', '--locked', '--bench', 'llama'], { env: torch ? { LETHE_TORCH_PYTHON: torch } : {} })],
    ['the GPU engine natively, against the CPU engine and JAX', () => run('cargo', ['bench', '--locked', '--bench', 'gpu'], { env })],
    ['the CPU engine in the browser, against TensorFlow.js', () => run('node', ['benches/browser.mjs'])],
    ['the tangent kernel in WebAssembly', () => run('node', ['benches/ntk.mjs'])],
    ['association matrices in WebAssembly', () => run('node', ['benches/associations.mjs'])],
    ['the page\'s workers, against one', async () => {
      await buildSite();
      await run('node', ['benches/scaling.mjs']);
    }],
    ['the experiment laws in the page, against PEFT', () =>
      run('node', ['benches/laws.mjs'], { env: torch ? { LETHE_TORCH_PYTHON: torch } : {} })],
    ['the GPU engine in the browser, against burn', () => run('node', ['benches/gpu.mjs'])],
  ];
  const failures = [];
  for (const [name, measure] of all) {
    say(`${name} (minutes)`);
    try {
      await measure();
    } catch (error) {
      failures.push(name);
      console.error(`lethe: ${error instanceof Refusal ? error.message : error.stack}`);
    }
  }
  for (const name of failures) say(`NOT MEASURED: ${name}`);
  return failures.length === 0 ? 0 : 1;
});
