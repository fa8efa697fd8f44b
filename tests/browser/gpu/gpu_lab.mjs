// Opening the lab in a Chromium that plays a GPU.
import assert from 'node:assert/strict';
import { SOFTWARE_GPU } from '../../../scripts/software-gpu.mjs';
import { openPage, startLab } from '../lab.mjs';

/** Every file of the GPU's worker but its loader. */
export const ENGINE = /\/gpu_worker[^/]*(?<!_loader)\.(js|wasm)$/;
export const LOADER = /\/gpu_worker-[0-9a-f]+_loader\.js$/;
/** Largest relative difference that the engines may have; that of src/record/verdict.rs. */
export const TOLERANCE = 3e-3;

export const startGpuLab = () => startLab({ flags: SOFTWARE_GPU });

/** Opens a link with requests for `pattern` answered by `answer`, a handler for Playwright's routes. */
export const openRouted = (lab, path, pattern, answer) =>
  openPage(lab, path, { prepare: (context) => context.route(pattern, answer) });

/** The GPU's worker. */
export async function gpuWorker(page) {
  for (let tries = 0; tries < 600; tries += 1) {
    const worker = page.workers().find((each) => LOADER.test(each.url()));
    if (worker) return worker;
    await page.waitForTimeout(50);
  }
  return assert.fail('there is no GPU worker');
}

/** Largest relative difference of the medians of two records. */
export function difference(one, other) {
  assert.equal(one.summary.cells.length, other.summary.cells.length);
  let largest = 0;
  one.summary.cells.forEach((cell, k) => {
    for (const measure of ['id_loss', 'ood_loss', 'forgetting']) {
      const [a, b] = [cell[measure].median, other.summary.cells[k][measure].median];
      largest = Math.max(largest, Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-3));
    }
  });
  return largest;
}
