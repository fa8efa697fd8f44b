// Running commands and saying so.
import { spawn, spawnSync } from 'node:child_process';
import { checkout, environment } from './cache.mjs';

/** A failure that the reader can act on; printed without a stack. */
export class Refusal extends Error {}

export function say(sentence) {
  console.log(`\x1b[1mlethe:\x1b[0m ${sentence}`);
}

/** Runs a command with its output shown; rejects with a Refusal unless it exits with 0. */
export function run(command, args = [], { env = {}, cwd = checkout } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment(env), stdio: 'inherit' });
    child.on('error', (error) =>
      reject(new Refusal(`${command} could not be started: ${error.message}`)));
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Refusal(`${[command, ...args].join(' ')} ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** First line of a command's standard output, or null if it cannot run or fails. */
export function firstLine(command, args) {
  const done = spawnSync(command, args, { cwd: checkout, env: environment(), encoding: 'utf8' });
  return done.status === 0 ? done.stdout.split('\n')[0].trim() : null;
}

/** All lines of a command's standard output, or none if it cannot run or fails. */
export function lines(command, args) {
  const done = spawnSync(command, args, { cwd: checkout, env: environment(), encoding: 'utf8' });
  return done.status === 0 ? done.stdout.split('\n').map((line) => line.trim()).filter(Boolean) : [];
}

/** Runs a script's main function and turns its failure into a sentence and an exit code. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(error instanceof Refusal ? `lethe: ${error.message}` : error);
    process.exitCode = 1;
  }
}
