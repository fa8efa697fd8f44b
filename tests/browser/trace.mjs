// How long the page's main thread works at a stretch, measured by its own time: on a busy machine
// the clock counts what other programs do, too.
import assert from 'node:assert/strict';

/** The longest tasks of the page's main thread during `act`, in milliseconds: its own time, and by the clock. */
export async function longestTask(browser, page, act) {
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
