// No automatic accessibility rule is broken, in either theme, at either width.
import { after, before, test } from 'node:test';
import { assertAccessible } from './accessibility.mjs';
import { openPage, startLab } from './lab.mjs';

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 320, height: 640 }]) {
    test(`the first screen is accessible, ${colorScheme}, ${viewport.width} px`, async () => {
      const { page, close } = await openPage(lab, '/', { colorScheme, viewport });
      await page.waitForLoadState('networkidle');
      await assertAccessible(page, `the first screen, ${colorScheme}, ${viewport.width} px`);
      await page.locator('#nav a[data-experiment=sweep]').click();
      await page.locator('#fig-map').waitFor();
      await assertAccessible(page, `the sweep, ${colorScheme}, ${viewport.width} px`);
      await close();
    });
  }
}
