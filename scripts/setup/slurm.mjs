// Slurm for the tests of sweeps: the programs, installed where apt-get can, and a cluster of this one machine.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { cpus, hostname, tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDebian } from './browsers.mjs';
import { Refusal, run, say } from './run.mjs';

const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'scontrol', 'scancel', 'squeue', 'sinfo'];
// Debian has the daemons where only root's PATH leads.
const PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);

/** Whether there is a Slurm, installed first where apt-get can. */
export async function needSlurm() {
  if (hasSlurm()) return true;
  if (process.platform === 'linux' && isDebian() && process.getuid?.() === 0) {
    say('installing slurm-wlm and munge by apt-get');
    const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '--quiet'], quiet);
    await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', 'slurm-wlm', 'munge'], quiet);
  }
  return hasSlurm();
}

function hasSlurm() {
  const found = (program) => spawnSync('which', [program], { env: { ...process.env, PATH } }).status === 0;
  return process.platform === 'linux' && PROGRAMS.every(found);
}

/**
 * A cluster of this machine, of the user who asks: all its files are in one new folder, and nothing of a Slurm that may be
 * here already is touched. Resolves when its node is idle.
 */
export async function startCluster() {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-slurm-'));
  const at = (name) => join(folder, name);
  ['state', 'spool', 'munge'].forEach((name) => mkdirSync(at(name)));
  // Munge asks that others may come as far as its socket, and no further.
  chmodSync(folder, 0o755);
  writeFileSync(at('munge/key-file'), randomBytes(1024), { mode: 0o400 });
  const [control, node] = [await freePort(), await freePort()];
  writeFileSync(at('slurm.conf'), configuration(at, control, node));
  writeFileSync(at('cgroup.conf'), `CgroupPlugin=${withoutControlGroups()}\n`);
  const environment = { ...process.env, PATH, SLURM_CONF: at('slurm.conf') };
  const daemons = [];
  const start = (program, args) => {
    const log = openSync(at(`${program}.log`), 'a');
    daemons.push(spawn(program, args, { env: environment, stdio: ['ignore', log, log] }));
  };
  const ask = (program, args) => {
    const done = spawnSync(program, args, { env: environment, encoding: 'utf8' });
    if (done.status !== 0) throw new Refusal(`${program} ${args.join(' ')}: ${done.stderr || (done.error?.message ?? `ended with ${done.status ?? done.signal}`)}`);
    return done.stdout;
  };
  const stop = async () => {
    for (const daemon of daemons.reverse()) {
      const ended = daemon.exitCode !== null || daemon.signalCode !== null || new Promise((end) => daemon.once('exit', end));
      daemon.kill('SIGTERM');
      await Promise.race([ended, wait(10_000).then(() => daemon.kill('SIGKILL'))]);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const munge = ['key-file', 'socket', 'pid-file', 'log-file', 'seed-file'].map((option) => `--${option}=${at(`munge/${option}`)}`);
  try {
    start('munged', ['--foreground', '--force', ...munge]);
    await wait(500);
    start('slurmctld', ['-D']);
    await wait(500);
    start('slurmd', ['-D']);
    await until('the node of the cluster to be idle', () => ask('sinfo', ['--noheader', '--format=%T']).trim() === 'idle', 60);
  } catch (error) {
    const said = ['munged', 'slurmctld', 'slurmd'].map((name) => readFileSync(at(`${name}.log`), { flag: 'a+' }).toString().slice(-2000));
    await stop();
    throw new Refusal(`${error.message}\n${said.join('\n')}`);
  }
  return { folder, ask, stop };
}

/** Resolves as soon as something holds; what is thrown meanwhile counts as not yet. */
export async function until(what, holds, seconds) {
  let last = '';
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await wait(200)) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = `: ${error.message}`;
    }
  }
  throw new Refusal(`waited ${seconds} s in vain for ${what}${last}`);
}

function configuration(at, control, node) {
  const [host, user] = [hostname().split('.')[0], userInfo().username];
  return `ClusterName=lethe
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
SlurmctldPort=${control}
SlurmdPort=${node}
AuthType=auth/munge
# A task put back in the queue waits until its credential has expired: two minutes, if nothing is said.
AuthInfo=socket=${at('munge/socket')},cred_expire=5
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
MailProg=/bin/true
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MinJobAge=3600
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus().length} State=UNKNOWN
PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
}

// An ordinary user, or a container, has no control groups to give out. Before 24.05 slurmd cannot do without a plugin for
// them: that of version 1 asks for nothing as long as nothing is asked of it.
function withoutControlGroups() {
  const told = spawnSync('slurmd', ['-V'], { env: { ...process.env, PATH }, encoding: 'utf8' }).stdout;
  return Number(/(\d+\.\d+)/.exec(told)?.[1]) >= 24.05 ? 'disabled' : 'cgroup/v1';
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
