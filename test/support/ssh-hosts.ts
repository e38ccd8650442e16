import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localRuntime } from '../contracts/clouds/local-runtime.ts';
import type { AccountName } from './ssh-accounts.ts';
import type { SshLab } from './ssh-lab.ts';

/** Hosts of the `ssh` cloud: the lab's logins without root, with sudo, and as root. */
export const LAB_HOSTS = { h1: 'plain', h2: 'sudo', h3: 'root' } as const satisfies Record<
  string,
  AccountName
>;
export type LabHost = keyof typeof LAB_HOSTS;

/** Settings of an `ssh` cloud with these hosts of the lab, as the configuration has them. The private key is a file in the folder. */
export async function labSettings(
  lab: SshLab,
  folder: string,
  names: readonly LabHost[] = ['h1', 'h2', 'h3'],
): Promise<{ 'key-file': string; hosts: Record<string, object> }> {
  const keyFile = join(folder, 'host-login');
  await writeFile(keyFile, lab.machine('plain').privateKey, { mode: 0o600 });
  const hosts = names.map((name) => {
    const user = lab.account(LAB_HOSTS[name]).user;
    return [name, { address: `127.0.0.1:${lab.port}`, user, 'host-key': lab.hostKey }] as const;
  });
  return { 'key-file': keyFile, hosts: Object.fromEntries(hosts) };
}

/** Puts the runtime where a host's image may have it, so that no test but those about that brings it by the network. */
export async function placeRuntime(lab: SshLab): Promise<void> {
  const { path, digest } = await localRuntime(new AbortController().signal);
  const place = join(lab.opt, 'footman', 'runtime');
  if (existsSync(join(place, digest))) return;
  await mkdir(place, { recursive: true });
  await cp(path, join(place, digest), { recursive: true, preserveTimestamps: true });
  for (const each of [join(lab.opt, 'footman'), place, join(place, digest)]) await chmod(each, 0o755);
}

/** Where the node has its files on the host. */
export function folderOnHost(lab: SshLab, host: LabHost, node: string): string {
  const account = LAB_HOSTS[host];
  const base = account === 'root' ? join(lab.opt, 'footman') : join(lab.account(account).home, '.footman');
  return join(base, 'nodes', node);
}

/** The host is off: no sshd answers, and no process of its login is left. Not for root, whose processes are this machine's. */
export async function powerOff(lab: SshLab, host: 'h1'): Promise<void> {
  await lab.down();
  const { uid } = lab.account(LAB_HOSTS[host]);
  for (let left = await processesOf(uid); left.length > 0; left = await processesOf(uid))
    for (const pid of left) kill(pid);
}

async function processesOf(uid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const owners = await Promise.all(pids.map((pid) => stat(`/proc/${pid}`).catch(() => undefined)));
  return pids.filter((_, index) => owners[index]?.uid === uid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
