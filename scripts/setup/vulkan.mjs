// A Vulkan driver for the native tests of the GPU engine: the machine's own, or Mesa's llvmpipe, which
// plays a GPU in software.
import { existsSync, readdirSync } from 'node:fs';
import { isDebian } from './browsers.mjs';
import { run, say } from './run.mjs';

const FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

/** Whether there is a driver, installed first where apt-get can; macOS and Windows bring theirs. */
export async function needVulkan() {
  if (process.platform !== 'linux' || hasDriver()) return true;
  if (isDebian() && process.getuid?.() === 0) {
    say('installing mesa-vulkan-drivers by apt-get');
    const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '--quiet'], quiet);
    await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', 'mesa-vulkan-drivers', 'libvulkan1'], quiet);
  }
  return hasDriver();
}

function hasDriver() {
  return FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.json')));
}
