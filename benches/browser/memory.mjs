// What Chromium's processes hold in memory.
import { existsSync, readFileSync } from 'node:fs';
import { say } from '../../scripts/setup/run.mjs';

/** Resident bytes of the processes that compute: `{ 'GPU process': ..., 'renderer 1': ... }`; Linux only. */
export async function residentBytes(browser) {
  if (!existsSync('/proc/self/status')) {
    say('SKIPPED: only Linux says how much memory other processes hold');
    return {};
  }
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const of = (type) => processInfo.filter((process) => process.type === type).map(({ id }) => id).sort((a, b) => a - b);
  const named = [...of('GPU').map((id) => ['GPU process', id]), ...of('renderer').map((id, k) => [`renderer ${k + 1}`, id])];
  return Object.fromEntries(named.map(([name, id]) => [name, resident(id)]));
}

function resident(id) {
  const kilobytes = readFileSync(`/proc/${id}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
  return Number(kilobytes) * 1024;
}
