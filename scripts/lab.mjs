// `make lab`: builds the lab and serves it on 127.0.0.1. PORT and BASE (a sub-path) are options.
import { serve } from './serve.mjs';
import { main, Refusal, say } from './setup/run.mjs';
import { buildSite, dist, needSiteTools } from './site/build.mjs';

await main(async () => {
  const port = Number(process.env.PORT ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Refusal(`PORT is ${process.env.PORT}; it must be a whole number from 0 (any free port) to 65535.`);
  }
  const base = process.env.BASE ?? '/';
  if (!/^\/([\w.~-]+\/)*$/.test(base)) {
    throw new Refusal(`BASE is ${base}; it must be a path that starts and ends with a slash, such as /sub/.`);
  }
  await needSiteTools();
  await buildSite();
  const { origin, close } = await serve({ mounts: { [base]: dist }, port });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => close().then(() => process.exit(0)));
  say('the lab is served until you press Ctrl-C, at');
  console.log(`${origin}${base}`);
});
