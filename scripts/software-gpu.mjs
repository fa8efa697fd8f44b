// Whether this machine's Chromium plays a GPU in software, which the GPU's browser tests need.
import { launchChromium } from './chromium.mjs';
import { serve } from './serve.mjs';
import { checkout } from './setup/cache.mjs';

/** Starts Chromium with WebGPU on its own software adapter. */
export const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** The adapter's name; null where Chromium has none. */
export async function softwareGpu(executable) {
  const server = await serve({ mounts: { '/': checkout } });
  const browser = await launchChromium(executable, SOFTWARE_GPU);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/www/icon.svg`); // any document: WebGPU needs localhost, not a blank page
    return await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      return adapter ? [adapter.info.vendor, adapter.info.architecture, adapter.info.description].filter(Boolean).join(' ') : null;
    });
  } finally {
    await browser.close();
    await server.close();
  }
}
