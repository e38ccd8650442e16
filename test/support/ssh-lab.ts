import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '#controller/launchers/ssh';
import { freePort } from './ports.ts';
import {
  accountSettings,
  enterScript,
  makeAccounts,
  type Account,
  type AccountName,
} from './ssh-accounts.ts';
import { makeKeyFile, sshdBasics, sshdMissing, startSshd, type Sshd } from './sshd.ts';

/**
 * A machine to log in to: OpenSSH's server on loopback, in a mount namespace with accounts of its own, a `/opt` of its own, and whatever
 * its logins mount. Processes and the network are those of this machine.
 */
export interface SshLab {
  port: number;
  /** Its public host key, and another one. */
  hostKey: string;
  otherHostKey: string;
  /** A private key that may not log in. */
  strangersKey: string;
  account(name: AccountName): Account;
  /** Where the files of the account's home are on this machine. */
  home(name: AccountName): string;
  /** How to log in there, with its host key pinned. */
  machine(name: AccountName): Machine;
  /** Everything in the account's home is the account's from now on. */
  giveHome(name: AccountName): Promise<void>;
  /** Folder of what is /opt there. */
  opt: string;
  /** Ends sshd and all its sessions. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** The same place from now on with the other host key. */
  changeHostKey(): Promise<void>;
  /** Mount points there whose path has the name in it. */
  mounts(name: string): Promise<string[]>;
  close(): Promise<void>;
}

const SYS_ADMIN = 21n;

/** Why there can be no lab here; undefined when there can. */
export function sshLabMissing(): string | undefined {
  if (userInfo().uid !== 0) return 'accounts of its own need root';
  const [, effective = '0'] = /^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (((BigInt(`0x${effective}`) >> SYS_ADMIN) & 1n) === 0n) return 'mounts need CAP_SYS_ADMIN';
  if (!existsSync('/usr/bin/sudo')) return '/usr/bin/sudo is not there; install sudo';
  return sshdMissing();
}

interface Options {
  /** Where sshd listens as well, for keys that are put into accounts. What is root's home there is a folder of the lab's own then. */
  address?: string | undefined;
}

export async function openSshLab({ address }: Options = {}): Promise<SshLab> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-lab-'));
  await chmod(folder, 0o755);
  const accounts = await makeAccounts(folder);
  const [hostKey = '', otherHostKey = '', userKey = ''] = await Promise.all(
    ['host', 'other-host', 'user', 'stranger'].map((name) => makeKeyFile(join(folder, name))),
  );
  const authorized = join(folder, 'authorized');
  await writeFile(authorized, `${userKey}\n`);
  await chmod(authorized, 0o644);
  const privateKey = await readFile(join(folder, 'user'), 'utf8');
  const port = await freePort();
  const enter = join(folder, 'enter');
  const own: [string, string][] =
    address === undefined
      ? []
      : [
          ['home/root', '/root'],
          ['sshd-host', '/etc/ssh/sshd_config'],
        ];
  await mkdir(join(folder, 'home', 'root'), { recursive: true });
  await writeFile(enter, enterScript(folder, accounts, own));
  let sshd = await start('host');

  return {
    port,
    hostKey,
    otherHostKey,
    strangersKey: await readFile(join(folder, 'stranger'), 'utf8'),
    account,
    home: (name) =>
      name === 'root' && address !== undefined ? join(folder, 'home', 'root') : account(name).home,
    machine: (name) => ({
      name: `lab-${name}`,
      host: '127.0.0.1',
      port,
      user: account(name).user,
      privateKey,
      hostKeys: { mode: 'pinned', keys: [hostKey] },
    }),
    async giveHome(name) {
      const { home, uid } = account(name);
      const paths = await readdir(home, { recursive: true });
      await Promise.all(paths.map((path) => chown(join(home, path), uid, uid)));
    },
    opt: join(folder, 'opt'),
    down: () => sshd.kill(),
    async up() {
      sshd = await start('host');
    },
    async changeHostKey() {
      await sshd.kill();
      sshd = await start('other-host');
    },
    async mounts(name) {
      const mounts = await readFile(`/proc/${sshd.pid}/mountinfo`, 'utf8');
      return mounts.split('\n').flatMap((line) => {
        const point = line.split(' ')[4] ?? '';
        return point.split('/').includes(name) ? [point] : [];
      });
    },
    async close() {
      await sshd.kill();
      await endAll([...accounts.values()].map(({ uid }) => uid).filter((uid) => uid !== 0));
      await rm(folder, { recursive: true, force: true });
    },
  };

  function account(name: AccountName): Account {
    const found = accounts.get(name);
    if (found === undefined) throw new Error(`no account ${name}`);
    return found;
  }

  async function start(key: string): Promise<Sshd> {
    const configuration = join(folder, `sshd-${key}`);
    const lines = [
      ...sshdBasics(port, join(folder, key)),
      ...(address === undefined ? [] : [`ListenAddress ${address}`]),
      `AuthorizedKeysFile ${address === undefined ? '' : '.ssh/authorized_keys '}${authorized}`,
      'Subsystem sftp internal-sftp',
      // The least that a machine may allow.
      'MaxSessions 1',
      ...accountSettings(folder),
    ];
    await writeFile(configuration, `${lines.join('\n')}\n`);
    return startSshd(configuration, ['unshare', '--mount', '--propagation', 'private', 'sh', enter]);
  }
}

/** What tests that failed have left. */
async function endAll(uids: number[]): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const owner = await stat(`/proc/${pid}`).catch(() => undefined);
    if (owner !== undefined && uids.includes(owner.uid)) process.kill(Number(pid), 'SIGKILL');
  }
}
