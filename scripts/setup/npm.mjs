// The packages of package-lock.json, installed once per lock file into the cache and linked here.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, checkout } from './cache.mjs';
import { firstLine, Refusal, run, say } from './run.mjs';

const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/** Installs what is missing under `folder` of the checkout (default: its root). */
export async function needPackages(folder = '.') {
  const here = join(checkout, folder);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Refusal(`Lethe needs Node 20 or newer; this is ${process.versions.node}.`);
  if (firstLine('npm', ['--version']) === null) throw new Refusal("Lethe needs npm, which usually comes with Node, and found no 'npm' on PATH.");

  const lock = readFileSync(join(here, 'package-lock.json'));
  const home = join(cache, 'npm', createHash('sha256').update(lock).digest('hex').slice(0, 16));
  const stamp = join(home, 'complete');
  if (!existsSync(stamp)) {
    say(`installing the npm packages of ${join(folder, 'package-lock.json')}`);
    mkdirSync(home, { recursive: true });
    for (const file of FILES) if (existsSync(join(here, file))) copyFileSync(join(here, file), join(home, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit'], { cwd: home });
    writeFileSync(stamp, '');
  }
  linkTo(join(home, 'node_modules'), join(here, 'node_modules'));
}

function linkTo(installed, link) {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === installed) return;
  if (there && !there.isSymbolicLink()) say(`replacing ${link} by a link into the cache`);
  rmSync(link, { recursive: true, force: true });
  symlinkSync(installed, link, 'dir');
}
