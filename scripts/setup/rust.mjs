// Rust's side of the set-up: the toolchain with its wasm target, trunk, and the wasm-bindgen
// that matches Cargo.lock.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, checkout, tools } from './cache.mjs';
import { firstLine, lines, Refusal, run, say } from './run.mjs';

const WASM = 'wasm32-unknown-unknown';
// 0.22 needs a newer compiler than rust-toolchain.toml names; Trunk.toml asks for this one too.
const TRUNK = '0.21.14';

// The tools only start other programs and rewrite small modules: building them quickly matters
// more than their own speed.
const QUICK = {
  CARGO_TARGET_DIR: join(cache, 'target', 'tools'),
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
  CARGO_PROFILE_RELEASE_DEBUG: '0',
};

/** The toolchain of rust-toolchain.toml with the wasm target, and every crate of Cargo.lock. */
export async function needRust() {
  if (firstLine('cargo', ['--version']) === null) {
    if (firstLine('rustup', ['--version']) === null) {
      throw new Refusal("Lethe needs Rust, and found no 'rustup' on PATH. Install rustup, open a new shell, then repeat.");
    }
    say('installing the Rust toolchain that rust-toolchain.toml names');
    await run('rustup', ['toolchain', 'install']);
  }
  const sysroot = firstLine('rustc', ['--print', 'sysroot']);
  if (!lines('rustup', ['target', 'list', '--installed']).includes(WASM)) {
    if (firstLine('rustup', ['--version']) === null) {
      throw new Refusal(`the compiler in ${sysroot} has no ${WASM} target, and there is no rustup to add it. Install rustup, or the target by your system's packages.`);
    }
    say(`adding the target ${WASM}`);
    await run('rustup', ['target', 'add', WASM]);
  }
  await run('cargo', ['fetch', '--locked', '--quiet']);
}

/** trunk, which builds the page from www/index.html. */
export async function needTrunk() {
  if (firstLine('trunk', ['--version']) === `trunk ${TRUNK}`) return;
  say(`installing trunk ${TRUNK} (some minutes, once)`);
  // Without its default features it speaks no TLS and looks for no newer version: it downloads nothing here.
  await run('cargo', ['install', 'trunk', '--version', TRUNK, '--no-default-features', '--locked', '--root', tools, '--force'], { env: QUICK });
}

/** The version of a package that Cargo.lock holds. */
export function lockedVersion(lockText, name) {
  const entry = lockText.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`));
  if (!entry) throw new Refusal(`Cargo.lock names no package ${name}`);
  return entry[1];
}

/** wasm-bindgen and its test runner, in exactly the version of Cargo.lock. */
export async function needWasmBindgen() {
  const version = lockedVersion(readFileSync(join(checkout, 'Cargo.lock'), 'utf8'), 'wasm-bindgen');
  const found = ['wasm-bindgen', 'wasm-bindgen-test-runner'].map((tool) => firstLine(tool, ['--version']));
  if (found[0] === `wasm-bindgen ${version}` && found[1] === `wasm-bindgen-test-runner ${version}`) return;
  say(`installing wasm-bindgen ${version}, as Cargo.lock has it (some minutes, once)`);
  // No --locked: with 0.2.130's own lock file one dependency cannot be resolved.
  const bins = ['wasm-bindgen', 'wasm-bindgen-test-runner'].flatMap((bin) => ['--bin', bin]);
  await run('cargo', ['install', 'wasm-bindgen-cli', '--version', version, '--no-default-features', ...bins, '--root', tools, '--force'], { env: QUICK });
}
