// `make bench`: speed natively and in the browser, each against a peer in the same run.
import { main, run, say } from './setup/run.mjs';
import { needPython } from './setup/python.mjs';
import { needRust } from './setup/rust.mjs';

await main(async () => {
  await needRust();
  const python = await needPython();
  if (python === null) say('no python3 on PATH, so the comparison with JAX is left out; LETHE_PYTHON can name one');
  say('native engine (minutes)');
  await run('cargo', ['bench', '--locked', '--bench', 'engine'], { env: python ? { LETHE_PYTHON: python } : {} });
  say('engine in the browser (minutes)');
  await run('node', ['benches/browser.mjs']);
});
