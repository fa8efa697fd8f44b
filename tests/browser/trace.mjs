// How long the page's main thread works at a stretch, measured by its own time: on a busy machine
// the clock counts what other programs do, too.
import assert from 'node:assert/strict';
import { longTasks } from './lab.mjs';

const LONGEST_MS = 50; // of the main thread's own time in one task: longer is felt as a stutter
const ATTEMPTS = 3;

/**
 * Asserts that the main thread is at nothing for long during `act`, and prints what it was. A task that is
 * long because of what the page does is long every time; one during which the system had to find memory,
 * which counts as the thread's own time, is not: so `act` may be done again.
 */
export async function assertSmooth(browser, page, watch, name, act) {
  for (let attempt = 1; ; attempt++) {
    const from = await page.evaluate(() => performance.now());
    const { cpu, wall } = await longestTask(browser, page, act);
    const byClock = longTasks(watch, from).map(({ duration }) => Math.round(duration));
    console.log(`${name}: longest task of the main thread ${cpu.toFixed(1)} ms of its own time (${wall.toFixed(1)} ms by the clock);`
      + ` the Long Tasks API, by the clock: ${byClock.length}, the longest ${Math.max(0, ...byClock)} ms`);
    if (cpu <= LONGEST_MS) return;
    assert.ok(attempt < ATTEMPTS, `${name}: ${ATTEMPTS} times a task of the main thread took long, the last time ${cpu.toFixed(1)} ms of its time`);
  }
}

/** The longest tasks of the page's main thread during `act`, in milliseconds: its own time, and by the clock. */
async function longestTask(browser, page, act) {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString('utf8'));
  const main = new Set(traceEvents
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => `${pid} ${tid}`));
  const timed = (wanted) => traceEvents.filter(({ name, ph, pid, tid, tdur }) =>
    name === wanted && ph === 'X' && tdur !== undefined && main.has(`${pid} ${tid}`));
  // What runs on the main thread because somebody scheduled it: scripts, messages, frames, collections. A
  // RunTask with nothing inside is the recording's own: on a busy machine it waits for its buffers there.
  const tasks = timed('ThreadControllerImpl::RunTask');
  assert.ok(tasks.length > 0, 'the trace holds tasks of the main thread');
  const most = (key) => tasks.reduce((longest, task) => Math.max(longest, task[key]), 0) / 1000;
  return { cpu: most('tdur'), wall: most('dur') };
}
