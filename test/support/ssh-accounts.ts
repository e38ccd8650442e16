import { chmod, chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BUSYBOX } from './shells.ts';

/** A kind of login. */
export type AccountName = (typeof NAMES)[number];

export interface Account {
  user: string;
  uid: number;
  home: string;
}

const NAMES = [
  'root',
  /** May run sudo without a password. Its shell says something whenever it starts. */
  'sudo',
  'plain',
  /** Has no programs but BusyBox's. */
  'busybox',
  /** Has a home with 24 MiB. */
  'cramped',
  /** The same, and its `df` tells of plenty as long as nothing was brought. */
  'crowded',
  /** Has a home in which no program runs. */
  'noexec',
  /** Is on a machine of another architecture. */
  'foreign',
  /** May not have sockets forwarded. */
  'walled',
  /** Has a long path to its home, and no SFTP. */
  'deep',
] as const;

/** Makes accounts in files of their own below `folder`, which `enter` puts in the place of the machine's. */
export async function makeAccounts(folder: string): Promise<ReadonlyMap<AccountName, Account>> {
  const accounts = new Map(NAMES.map((name, index) => [name, accountOf(folder, name, index)]));
  const lines = await Promise.all([...accounts].map(([name, account]) => makeAccount(folder, name, account)));
  const passwd = await readFile('/etc/passwd', 'utf8');
  const group = await readFile('/etc/group', 'utf8');
  await writeFile(
    join(folder, 'passwd'),
    passwd +
      lines
        .flat()
        .map(({ passwd }) => passwd)
        .join(''),
  );
  await writeFile(
    join(folder, 'group'),
    group +
      lines
        .flat()
        .map(({ group }) => group)
        .join(''),
  );
  await makeFolders(folder, accounts);
  return accounts;
}

/** What sshd does for some of them. */
export function accountSettings(folder: string): string[] {
  return [
    ...match('busybox', `SetEnv PATH=${join(folder, 'busybox')}`),
    ...match('crowded', `SetEnv PATH=${join(folder, 'crowded')}:/usr/bin:/bin`),
    ...match('foreign', `SetEnv PATH=${join(folder, 'foreign')}:/usr/bin:/bin`),
    ...match('walled', 'AllowStreamLocalForwarding no'),
    // A session that asked for SFTP in vain stays open in ssh2.
    ...match('deep', `ForceCommand sh ${join(folder, 'without-sftp')}`, 'MaxSessions 2'),
  ];
}

/** A script that puts the accounts in place, and `more` of the folder, in a mount namespace of its own, and becomes the command that it is given. */
export function enterScript(
  folder: string,
  accounts: ReadonlyMap<AccountName, Account>,
  more: readonly (readonly [own: string, place: string])[],
): string {
  const homes = [
    ['cramped', 'size=24m'],
    ['crowded', 'size=24m'],
    ['noexec', 'noexec'],
  ] as const;
  const mounts = homes.map(([name, option]) => {
    const { uid, home } = accounts.get(name) ?? accountOf(folder, name, 0);
    return `mount -t tmpfs -o mode=755,uid=${uid},gid=${uid},${option} none ${home}\n`;
  });
  mounts.push(...more.map(([own, place]) => `mount --bind "${folder}/${own}" ${place}\n`));
  return `set -e
for each in passwd group sudoers.d; do mount --bind "${folder}/$each" "/etc/$each"; done
mkdir -p /opt
mount --bind "${folder}/opt" /opt
${mounts.join('')}exec "$@"
`;
}

function match(name: AccountName, ...settings: string[]): string[] {
  return [`Match User ${userOf(name)}`, ...settings];
}

function userOf(name: AccountName): string {
  return name === 'root' ? 'root' : `footman-${name}`;
}

/** Numbers that nobody else has, whoever runs this at the same time: processes are told apart by them. */
function accountOf(folder: string, name: AccountName, index: number): Account {
  if (name === 'root') return { user: 'root', uid: 0, home: '/root' };
  const uid = 300_000 + (process.pid % 100_000) * 10 + index;
  return { user: userOf(name), uid, home: join(folder, 'home', name === 'deep' ? 'deep-'.repeat(20) : name) };
}

async function makeAccount(folder: string, name: AccountName, { user, uid, home }: Account) {
  if (name === 'root') return [];
  const shells = { sudo: '/bin/bash', busybox: join(folder, 'busybox', 'sh') };
  const shell = name === 'sudo' || name === 'busybox' ? shells[name] : '/bin/sh';
  await mkdir(home, { recursive: true });
  if (name === 'sudo') await writeFile(join(home, '.bashrc'), 'echo Welcome; echo to >&2 the lab\n');
  await chown(home, uid, uid);
  return [{ passwd: `${user}:*:${uid}:${uid}::${home}:${shell}\n`, group: `${user}:x:${uid}:\n` }];
}

async function makeFolders(folder: string, accounts: ReadonlyMap<AccountName, Account>): Promise<void> {
  for (const name of ['sudoers.d', 'opt', 'busybox', 'foreign', 'crowded']) await mkdir(join(folder, name));
  const sudoer = join(folder, 'sudoers.d', 'footman');
  await writeFile(sudoer, `${accounts.get('sudo')?.user} ALL=(ALL) NOPASSWD: ALL\n`);
  await chmod(sudoer, 0o440);
  await writeProgram(
    join(folder, 'foreign', 'uname'),
    'case $1 in -m) echo riscv64 ;; *) exec /usr/bin/uname "$@" ;; esac',
  );
  await writeProgram(
    join(folder, 'crowded', 'df'),
    '[ -e "$HOME/.footman/runtime" ] && exec /usr/bin/df "$@"\necho\necho none 9999999 9 9999999 1% /',
  );
  await writeFile(
    join(folder, 'without-sftp'),
    'case $SSH_ORIGINAL_COMMAND in *sftp*) exit 1 ;; esac\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n',
  );
  if (!existsSync(BUSYBOX)) return;
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) await symlink(BUSYBOX, join(folder, 'busybox', applet));
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
