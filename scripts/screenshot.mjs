// Remakes docs/lab.png, the picture in the README: the built lab after the default run has finished.
// `make site`, then `node scripts/screenshot.mjs`; `pngquant --nofs --ext .png --force 255 docs/lab.png` makes it small.
import { join } from 'node:path';
import { launchChromium } from './chromium.mjs';
import { serve } from './serve.mjs';
import { needChromium } from './setup/browsers.mjs';
import { checkout } from './setup/cache.mjs';
import { main, say } from './setup/run.mjs';
import { dist } from './site/build.mjs';

const LINK = process.argv[2] ?? '#v=1&x=dynamics';
const FILE = process.argv[3] ?? join(checkout, 'docs', 'lab.png');

await main(async () => {
  const server = await serve({ mounts: { '/': dist } });
  const browser = await launchChromium(await needChromium());
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    await page.goto(`${server.origin}/${LINK}`);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    if ((await page.getAttribute('html', 'data-state')) === 'idle') await page.click('#run');
    await page.waitForSelector('html[data-state="finished"]', { state: 'attached', timeout: 120_000 });
    await page.waitForTimeout(500); // the last frame
    await page.screenshot({ path: FILE });
    say(`${FILE} shows ${LINK}: ${await page.textContent('#said')}`);
  } finally {
    await browser.close();
    await server.close();
  }
});
