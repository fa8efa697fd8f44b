// A sweep as an array of a real Slurm: one task killed, one told to stop, both put back in the queue; all end as runs do
// that nobody disturbs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { target } from '../../scripts/setup/cache.mjs';
import { startCluster, until } from '../../scripts/setup/slurm.mjs';

const LETHE = join(target, 'debug', 'lethe');

const SWEEP = `
[run]
model = "world/small"
data = { files = ["world/orca.jsonl"], format = "chat", template = "chat", sequence = 32, hold_out = 16 }
training = { steps = 2_000, batch = 8, micro_batch = 4, save_every = 50, learning_rate = 1e-3, threads = 1 }
evaluation = { at = [500, 1_000], forgetting = { files = ["world/general.jsonl"], windows = 4, length = 32 } }
[vary]
seed = [0, 1]
tuning.rank = [2, 4]
`;

let cluster;
let folder;

before(async () => {
  cluster = await startCluster();
  folder = mkdtempSync(join(cluster.folder, 'sweep-'));
});

after(() => cluster?.stop());

function lethe(...args) {
  const done = spawnSync(LETHE, args, { cwd: folder, encoding: 'utf8' });
  assert.equal(done.status, 0, `lethe ${args.join(' ')}: ${done.error ?? done.stderr}`);
  return done.stdout;
}

const runs = (file) => JSON.parse(lethe('sweep', 'status', file, '--json')).runs;

/** What a run leaves that another one of the same settings must leave to the bit: record, log, adapter. */
function left(sweep, name) {
  const at = (file) => readFileSync(join(folder, sweep, name, file));
  const record = JSON.parse(at('record.json'));
  delete record.timing;
  delete record.settings.out;
  return {
    record,
    log: at('log.csv').toString(),
    adapter: createHash('sha256').update(at('adapter/adapter_model.safetensors')).digest('hex'),
  };
}

test('an array of runs ends as undisturbed runs do, one of its tasks killed and one told to stop', async () => {
  lethe('llama', 'world', '--out', 'world', '--documents', '400');
  writeFileSync(join(folder, 'disturbed.toml'), SWEEP);
  writeFileSync(join(folder, 'quiet.toml'), SWEEP);
  lethe('sweep', 'plan', 'disturbed.toml', '--slurm', 'array.sh', '--at-once', '2');
  const job = cluster.ask('sbatch', ['--parsable', join(folder, 'array.sh')]).trim();
  const under = (index) => {
    const { state, step, steps, name } = runs('disturbed.toml')[index];
    return state === 'running' && step > 0 && step < steps - 500 ? name : null;
  };
  let killed;
  await until('the first task to have saved something', () => (killed = under(0)) !== null, 120);
  const lock = readFileSync(join(folder, 'disturbed', killed, 'lock'), 'utf8');
  process.kill(Number(/^process (\d+)/.exec(lock)[1]), 'SIGKILL');
  await until('the second task to have saved something', () => under(1) !== null, 120);
  cluster.ask('scancel', ['--batch', '--signal=TERM', `${job}_1`]);
  await until('all runs to be done', () => runs('disturbed.toml').every(({ state }) => state === 'done'), 300);
  await until('the array to have left the queue', () => cluster.ask('squeue', ['--noheader']).trim() === '', 60);

  const tasks = cluster.ask('scontrol', ['show', 'job', job, '--oneliner']).trim().split('\n');
  const field = (task, name) => new RegExp(`\\b${name}=(\\S+)`).exec(task)?.[1];
  const restarts = Object.fromEntries(tasks.map((task) => [field(task, 'ArrayTaskId'), Number(field(task, 'Restarts'))]));
  const said = [0, 1].map((task) => readFileSync(join(folder, 'disturbed', `slurm-${task}.log`), 'utf8'));
  // Slurm now and then sends a signal a second time, half a minute later: the task has begun again by then, and is told again.
  assert.ok(restarts[0] === 1 && restarts[1] >= 1 && restarts[2] === 0 && restarts[3] === 0, `${JSON.stringify(restarts)}\n${said.join('\n')}`);
  for (const task of tasks) assert.equal(field(task, 'JobState'), 'COMPLETED', task);

  lethe('sweep', 'run', 'quiet.toml', '-j', '2');
  for (const { name } of runs('quiet.toml')) assert.deepEqual(left('disturbed', name), left('quiet', name));
});

test('a task with wrong settings is not repeated', async () => {
  writeFileSync(join(folder, 'wrong.toml'), SWEEP.replace('world/small', 'world/none').replace('[2, 4]', '[2]'));
  lethe('sweep', 'plan', 'wrong.toml', '--slurm', 'wrong.sh');
  const job = cluster.ask('sbatch', ['--parsable', join(folder, 'wrong.sh')]).trim();
  await until('the array to have left the queue', () => cluster.ask('squeue', ['--noheader']).trim() === '', 60);
  for (const task of cluster.ask('scontrol', ['show', 'job', job, '--oneliner']).trim().split('\n')) {
    assert.match(task, /JobState=FAILED .*Restarts=0 .*ExitCode=2:0/);
  }
});
