// Cargo's runner for wasm tests: runs a test binary in a headless Chromium.
//
// wasm-bindgen's own headless mode needs a chromedriver of exactly the browser's version. Its
// interactive mode only needs a browser, so that the Chromium of the other browser tests will do:
// wasm-bindgen serves the test page, this opens it and reads its verdict, the same text that the
// headless mode reads.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { needChromium } from './setup/browsers.mjs';
import { environment } from './setup/cache.mjs';
import { launchChromium } from './chromium.mjs';

const LIMIT_MS = Number(process.env.LETHE_WASM_TEST_SECS ?? 600) * 1000;

const runner = spawn('wasm-bindgen-test-runner', process.argv.slice(2), {
  env: environment({ NO_HEADLESS: '1', WASM_BINDGEN_TEST_ADDRESS: '127.0.0.1:0' }),
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => {
  runner.on('error', (error) => {
    console.error(`lethe: wasm-bindgen-test-runner could not be started: ${error.message}`);
    resolve(1);
  });
  runner.on('exit', (code) => resolve(code ?? 1));
});
const address = new Promise((resolve) => {
  createInterface({ input: runner.stdout }).on('line', (line) => {
    const found = line.match(/tests are now available at (\S+)/);
    if (found) resolve(found[1]);
    else if (!/^(Note that interactive|is specified in|done with testing|Ctrl-C|\s*$)/.test(line)) console.log(line);
  });
});

const first = await Promise.race([address, ended]);
if (typeof first === 'number') process.exit(first); // nothing to run, --list, or a failure already told
let code = 1;
const browser = await launchChromium(await needChromium());
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`in the browser: ${error.message}`));
  await page.goto(first);
  await page.waitForFunction(() => document.getElementById('output').textContent.includes('test result: '), null, { timeout: LIMIT_MS });
  const output = await page.locator('#output').textContent();
  console.log(output.trim());
  code = output.includes('test result: ok') ? 0 : 1;
} catch (error) {
  console.error(`lethe: the tests in the browser gave no result: ${error.message}`);
} finally {
  await browser.close();
  runner.kill();
}
process.exit(code);
