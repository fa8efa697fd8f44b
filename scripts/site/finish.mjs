// Trunk's post_build hook: packs the programs, names the workers by their content and writes the content
// security policy into every HTML file. Works on trunk's staging folder, before it becomes dist/.
//
// Trunk hashes the names of the page's files but never those of workers, so that a fresh page
// could meet a stale worker in a cache. Here `worker.js`, `worker_bg.wasm` and `worker_loader.js`
// become `worker-<hash>.js` and so on, and every mention of `worker_loader.js` in index.html
// (`<meta name="lethe-worker" content="worker_loader.js">`) follows. A loader that shows how much of
// its wasm has arrived is told here how much there is: packed answers do not say. `trunk serve` builds
// without --release keep the plain names and no policy, so the page works there unchanged; only the scripts that
// several workers begin with are copied there, too.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { checkout } from '../setup/cache.mjs';
import { withShortNames } from './names.mjs';
import { inPackingOrder } from './order.mjs';

const LOADER = '_loader.js';
const WASM = '_bg.wasm';
/** How trunk names the glue of the page. */
const HASHED = /^(.+)-[0-9a-f]+\.js$/;
/** Where a loader holds the size of its wasm, unknown before it is built. */
const SIZE = /^const BYTES = 0;/m;
/** The workers that the page cannot do without. */
const WORKERS = ['worker', 'deep_worker', 'theory_worker', 'language_worker', 'gpu_worker', 'deep_gpu_worker'];
/** Workers that begin as another one does: each with its script, under its own name. */
const BEGINS_LIKE = { deep_gpu_worker: 'gpu_worker' };
/** Where index.html says how large a program is that a reader may fetch, in bytes as most hosts pack it. */
const ANNOUNCED = /(<meta name="lethe-([a-z_]+)-bytes" content=")0(">)/g;
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

/**
 * Shortens the names between each program and its glue, and puts the page's functions in `order`. The page's two
 * files, which trunk has named by their content, get new names; returns index.html with these and with their hashes.
 */
export function packPrograms(html, folder, order = inPackingOrder) {
  let pointed = html;
  for (const wasm of readdirSync(folder).filter((name) => name.endsWith(WASM))) {
    const glue = `${wasm.slice(0, -WASM.length)}.js`;
    const [old, oldGlue] = [wasm, glue].map((file) => readFileSync(join(folder, file)));
    const short = withShortNames(old, oldGlue.toString('utf8'));
    const [, stem] = HASHED.exec(glue) ?? [];
    if (stem !== undefined) short.wasm = order(short.wasm);
    writeFileSync(join(folder, wasm), short.wasm);
    writeFileSync(join(folder, glue), short.glue);
    if (stem === undefined) continue;
    const name = `${stem}-${createHash('sha256').update(short.wasm).update(short.glue).digest('hex').slice(0, 16)}`;
    for (const [file, mended] of [[wasm, name + WASM], [glue, `${name}.js`]]) {
      renameSync(join(folder, file), join(folder, mended));
      if (!pointed.includes(file)) throw new Error(`index.html names no ${file}`);
      pointed = pointed.replaceAll(file, mended);
    }
    pointed = pointed.replaceAll(integrity(old), integrity(short.wasm)).replaceAll(integrity(oldGlue), integrity(short.glue));
  }
  return pointed;
}

/** What a browser compares a file with before it uses it. */
function integrity(content) {
  return `sha384-${createHash('sha384').update(content).digest('base64')}`;
}

/** A loader with the size of its wasm, where it wants to know it. */
function withSize(text, file, bytes) {
  if (text.includes('BYTES') && !SIZE.test(text)) {
    throw new Error(`${file} has no line "const BYTES = 0;" to hold the size of its wasm`);
  }
  return text.replace(SIZE, `const BYTES = ${bytes};`);
}

/** Gives workers that begin as others do a script of their own. */
export function copyLoaders(folder) {
  for (const [worker, like] of Object.entries(BEGINS_LIKE)) {
    const text = readFileSync(join(folder, like + LOADER), 'utf8');
    writeFileSync(join(folder, worker + LOADER), text.replaceAll(like, worker));
  }
}

/** Renames each worker's three files by their content; returns a map from old to new loader names. */
export function nameWorkers(folder) {
  const renamed = new Map();
  for (const loader of readdirSync(folder).filter((name) => name.endsWith(LOADER))) {
    const bin = loader.slice(0, -LOADER.length);
    const files = [`${bin}.js`, `${bin}_bg.wasm`, loader];
    const missing = files.filter((file) => !existsSync(join(folder, file)));
    if (missing.length > 0) throw new Error(`${loader} was built without ${missing.join(' and ')}`);
    const path = join(folder, loader);
    writeFileSync(path, withSize(readFileSync(path, 'utf8'), loader, statSync(join(folder, `${bin}_bg.wasm`)).size));
    const content = createHash('sha256');
    for (const file of files) content.update(readFileSync(join(folder, file)));
    const name = `${bin}-${content.digest('hex').slice(0, 16)}`;
    for (const file of [`${bin}.js`, loader]) {
      const text = readFileSync(join(folder, file), 'utf8')
        .replaceAll(`${bin}_bg.wasm`, `${name}_bg.wasm`)
        .replaceAll(`./${bin}.js`, `./${name}.js`);
      if (file === loader && !text.includes(`./${name}.js`)) throw new Error(`${loader} loads no ./${bin}.js`);
      writeFileSync(join(folder, file), text);
    }
    for (const file of files) renameSync(join(folder, file), join(folder, name + file.slice(bin.length)));
    renamed.set(loader, name + LOADER);
  }
  return renamed;
}

/** index.html with the workers' new names; fails where it names a worker that was not built, or none. */
export function pointToWorkers(html, renamed) {
  let pointed = html;
  for (const worker of WORKERS) {
    const old = worker + LOADER;
    const [meta, mended] = [old, renamed.get(old)].map((name) => `<meta name="lethe-${worker}" content="${name}">`);
    if (!renamed.has(old)) throw new Error(`there is no ${old}: the ${worker} was not built`);
    if (!html.includes(meta)) throw new Error(`index.html names no ${old}: it needs ${meta}, from which the page starts it`);
    pointed = pointed.replaceAll(meta, mended);
  }
  return pointed;
}

/** index.html with the sizes that it announces; fails where there is no such program. */
export function withSizes(html, folder) {
  return html.replace(ANNOUNCED, (_, before, worker, after) => {
    const files = readdirSync(folder).filter((file) => file.startsWith(`${worker}-`) && !file.endsWith(LOADER));
    if (files.length === 0) throw new Error(`index.html announces the size of ${worker}, which was not built`);
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);
    return before + bytes + after;
  });
}

/** The bodies of the inline scripts that a browser would execute. */
export function inlineScripts(html) {
  const executed = /^(module|importmap|(text|application)\/javascript)?$/;
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi)]
    .filter(([, attributes]) => !/\bsrc\s*=/i.test(attributes))
    .filter(([, attributes]) => executed.test(attributes.match(/\btype\s*=\s*["']?([^"'\s>]*)/i)?.[1] ?? ''))
    .map(([, , body]) => body);
}

/** The policy under which the page runs: its own origin and nothing else. */
export function policy(html) {
  const hashes = inlineScripts(html)
    .map((body) => `'sha256-${createHash('sha256').update(body, 'utf8').digest('base64')}'`);
  return [
    "default-src 'none'",
    ["script-src 'self'", ...new Set(hashes), "'wasm-unsafe-eval'"].join(' '),
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
  ].join('; ');
}

/** A document with the policy first in its head. Fails on what the policy would refuse. */
export function withPolicy(html) {
  const markup = html.replace(/<!--[\s\S]*?-->/g, '').replace(/(<script\b[^>]*>)[\s\S]*?<\/script\s*>/gi, '$1');
  const refused = markup.match(/<style\b|<[^>]*\s(?:style|on[a-z]+)\s*=[^>]*>/i);
  if (refused) {
    throw new Error(`the content security policy refuses inline styles and handlers, and here is ${refused[0].slice(0, 120)}`);
  }
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy(html)}">`;
  const head = /<head\b[^>]*>/i;
  if (!head.test(html)) throw new Error('there is no <head> to hold the content security policy');
  return html.replace(head, (tag) => `${tag}\n${meta}`);
}

function finish(folder) {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) throw new Error(`no index.html in ${folder}`);
  const html = packPrograms(readFileSync(index, 'utf8'), folder);
  writeFileSync(index, withSizes(pointToWorkers(html, nameWorkers(folder)), folder));
  // What is handed on carries its licences, under names that every server shows as text.
  for (const name of LICENCES) copyFileSync(join(checkout, name), join(folder, `${name}.txt`));
  // The worksheets, too: every document of the site runs under its policy.
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.html'))) {
    const path = join(folder, file);
    try {
      writeFileSync(path, withPolicy(readFileSync(path, 'utf8')));
    } catch (error) {
      throw new Error(`${file}: ${error.message}`);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    copyLoaders(process.env.TRUNK_STAGING_DIR);
    if (process.env.TRUNK_PROFILE === 'release') finish(process.env.TRUNK_STAGING_DIR);
  } catch (error) {
    console.error(`lethe: ${error.message}`);
    process.exitCode = 1;
  }
}
