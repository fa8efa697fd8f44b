// Starting Chromium the same way everywhere: headless, silent, and without a GPU.
import { chromium } from 'playwright-core';

// A browser that phones home makes "no request leaves the origin" hard to read in a trace, and a
// tab in the background must not be slowed down.
const FLAGS = [
  '--headless=new',
  '--no-sandbox', // containers run as root
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-backgrounding-occluded-windows',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
];

/** The lane without a GPU: `navigator.gpu` may exist there, its adapter is null. */
export function launchChromium(executablePath, flags = []) {
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}
