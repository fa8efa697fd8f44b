// `make site`: dist/ and lethe-site.zip, for any static server and any path.
import { join } from 'node:path';
import { checkout } from './setup/cache.mjs';
import { main, Refusal, say } from './setup/run.mjs';
import { buildSite, dist, needSiteTools } from './site/build.mjs';
import { report, sizes } from './site/sizes.mjs';
import { zip } from './site/zip.mjs';

await main(async () => {
  await needSiteTools();
  await buildSite();
  const parts = sizes(dist);
  console.log(report(parts));
  if (!parts.every(({ fits }) => fits)) throw new Refusal('the page is over its size budget');
  const count = await zip(dist, join(checkout, 'lethe-site.zip'), 'lethe');
  say(`dist/ and lethe-site.zip hold the same ${count} files; put them on any static server, under any path`);
});
