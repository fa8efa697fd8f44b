// The built folder as one zip, for handing to a class or any static server.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes every file of `folder` into `archive`, under `name/`; equal folders give equal bytes. */
export async function zip(folder, archive, name) {
  const { zipSync } = await import('fflate');
  const files = readdirSync(folder, { recursive: true }).map((file) => file.replaceAll('\\', '/')).sort();
  const entries = {};
  for (const file of files) {
    const path = join(folder, file);
    if (statSync(path).isFile()) entries[`${name}/${file}`] = readFileSync(path);
  }
  writeFileSync(archive, zipSync(entries, { level: 9, mtime: new Date(1980, 0, 1) }));
  return Object.keys(entries).length;
}
