// A static file server on 127.0.0.1, for `make lab` and the browser tests.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

// A module script or a wasm stream of the wrong type is refused by the browser.
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/plain; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/**
 * Serves folders under URL prefixes, e.g. `{ '/': 'dist', '/sub/': 'dist' }`; the longest prefix wins.
 * `onPost(path, body)` receives what pages post, where a test wants that.
 * A taken port moves on to the next one, ten times, then to any free one; port 0 is any free one.
 * Resolves to `{ origin, close }`.
 */
export async function serve({ mounts, port = 0, onPost = null }) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  for (const prefix of prefixes) {
    if (!prefix.startsWith('/') || !prefix.endsWith('/')) {
      throw new RangeError(`a prefix starts and ends with a slash, and ${prefix} does not`);
    }
  }
  const server = createServer((request, response) => {
    if (request.method === 'POST' && onPost) return receive(request, response, onPost);
    answer(request, response, mounts, prefixes);
  });
  await listen(server, port);
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

async function listen(server, port) {
  const tries = port === 0 ? [0] : [...Array.from({ length: 10 }, (_, k) => port + k), 0];
  for (const each of tries) {
    const taken = await new Promise((resolve, reject) => {
      const failed = (error) => (error.code === 'EADDRINUSE' ? resolve(true) : reject(error));
      server.once('error', failed);
      server.listen(each, '127.0.0.1', () => {
        server.off('error', failed);
        resolve(false);
      });
    });
    if (!taken) return;
  }
}

function answer(request, response, mounts, prefixes) {
  const say = (code, sentence, headers = {}) => {
    response.writeHead(code, { 'Content-Type': TYPES['.txt'], ...headers });
    response.end(request.method === 'HEAD' ? undefined : `${sentence}\n`);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return say(405, 'This server only answers GET and HEAD.', { Allow: 'GET, HEAD' });
  }
  let path;
  const query = request.url.indexOf('?');
  const bare = query < 0 ? request.url : request.url.slice(0, query);
  try {
    path = decodeURIComponent(bare);
  } catch {
    return say(400, 'The address cannot be decoded.');
  }
  // Relative addresses in the page need the slash, as any static host adds it.
  if (prefixes.includes(`${path}/`)) return say(301, 'Moved.', { Location: `${bare}/` });
  const prefix = prefixes.find((each) => path.startsWith(each));
  if (prefix === undefined) return say(404, `Nothing is served at ${path}.`);

  const root = normalize(mounts[prefix] + sep);
  const file = join(root, path.slice(prefix.length));
  if (path.includes('\0') || !(file + sep).startsWith(root)) return say(403, 'That is outside the served folder.');
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory() && !path.endsWith('/')) return say(301, 'Moved.', { Location: `${bare}/` });
  const whole = found?.isDirectory() ? join(file, 'index.html') : file;
  const size = statSync(whole, { throwIfNoEntry: false });
  if (!size?.isFile()) return say(404, `Nothing is served at ${path}.`);
  response.writeHead(200, {
    'Content-Type': TYPES[extname(whole)] ?? 'application/octet-stream',
    'Content-Length': size.size,
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
  });
  if (request.method === 'HEAD') return response.end();
  createReadStream(whole).on('error', () => response.destroy()).pipe(response);
}

function receive(request, response, onPost) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    onPost(request.url, Buffer.concat(parts).toString('utf8'));
    response.writeHead(204);
    response.end();
  });
}
