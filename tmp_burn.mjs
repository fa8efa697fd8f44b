import { serve } from './scripts/serve.mjs';
import { launchChromium } from './scripts/chromium.mjs';
const server = await serve({ mounts: { '/': '/tmp/bt' } });
const browser = await launchChromium(process.env.LETHE_CHROMIUM ?? '/usr/bin/chromium', ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']);
const page = await browser.newPage();
page.on('console', (m) => console.log('console', m.text()));
page.on('worker', (w) => w.on('console', (m) => console.log('worker', m.text())));
await page.goto(server.origin);
console.log(await page.evaluate(async () => { const a = await navigator.gpu.requestAdapter(); return a && {v: a.info.vendor, a: a.info.architecture, d: a.info.description, f: a.info.isFallbackAdapter, s: a.limits.maxComputeWorkgroupStorageSize}; }));
await page.evaluate(() => {
  window.worker = new Worker('burn.js', { type: 'module' });
  window.ask = (q) => new Promise((ok, no) => { worker.onmessage = ({ data }) => (data.error ? no(new Error(data.error)) : ok(data)); worker.onerror = (e) => no(new Error(e.message)); worker.postMessage(q); });
});
for (const gradient of ['by-hand', 'autodiff']) for (const [networks, width] of [[16, 64], [256, 64]]) {
  const r = await page.evaluate(async ({ gradient, networks, width }) => {
    const samples = 512;
    const x = Array.from({ length: samples }, (_, i) => 2 * i / samples - 1), y = x.map((x) => x * x - x);
    let s = 1; const rnd = () => (s = (s * 16807) % 2147483647) / 2147483647 * 2 - 1;
    const starts = Array.from({ length: networks * (3 * width + 1) }, (_, i) => { const j = i % (3 * width + 1); const v = rnd(); return j < 2 * width ? v : v / Math.sqrt(width); });
    const work = { networks, width, x, y, starts, rate: 0.002, gradient };
    const out = [];
    out.push(await ask({ work, steps: 0 }));
    for (let k = 0; k < 4; k++) out.push(await ask({ steps: 1 }));
    out.push(await ask({ steps: 4 }));
    return out;
  }, { gradient, networks, width });
  console.log(gradient, networks, width, r.map((a) => `${a.milliseconds.toFixed(0)} ${a.loss}`).join(' | '), 'ns', r.slice(1,5).map((a) => (a.milliseconds * 1e6 / (networks * 512 * width)).toFixed(0)), (r[5].milliseconds * 1e6 / (4*networks * 512 * width)).toFixed(0));
}
await browser.close(); await server.close();
