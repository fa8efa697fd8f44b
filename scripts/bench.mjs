// `make bench`: speed natively and in the browser, each against peers in the same run.
import { needChromium } from './setup/browsers.mjs';
import { main, run, say } from './setup/run.mjs';
import { buildSite, needSiteTools } from './site/build.mjs';

await main(async () => {
  await needSiteTools();
  const chromium = await needChromium();
  say('native engine (minutes)');
  await run('cargo', ['bench', '--locked', '--bench', 'engine']);
  await buildSite();
  say(`engine in ${chromium}`);
  await run('node', ['benches/browser.mjs']);
});
