// What the compiler warns of in the programs of the page, as index.html has them built.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, environment } from '../setup/cache.mjs';

/** The programs that a page has built: { bin, features, profile }. */
export function programs(html) {
  const links = html.match(/<link data-trunk rel="rust"[^>]*>/g) ?? [];
  if (links.length === 0) throw new Error('index.html has no program built');
  return links.map((link) => {
    const told = (name) => {
      const [, value] = link.match(new RegExp(`data-${name}="([^"]*)"`)) ?? [];
      if (value === undefined) throw new Error(`index.html does not say data-${name} in ${link}`);
      return value;
    };
    return { bin: told('bin'), features: told('cargo-features'), profile: told('cargo-profile-release') };
  });
}

/** The warnings of all programs that were built, as text; cargo repeats them without building again. */
export function warnings() {
  const page = readFileSync(join(checkout, 'www', 'index.html'), 'utf8');
  return programs(page).map(({ bin, features, profile }) => {
    const options = ['--locked', '--target', 'wasm32-unknown-unknown', '--no-default-features', '--profile', profile];
    const done = spawnSync('cargo', ['build', '--quiet', ...options, '--features', features, '--bin', bin], {
      cwd: checkout, env: environment(), encoding: 'utf8',
    });
    if (done.status !== 0) throw new Error(`${bin} could not be built: ${done.stderr || done.error}`);
    return done.stderr;
  }).join('');
}
