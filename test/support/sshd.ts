import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SSHD = '/usr/sbin/sshd';

/** A running server of OpenSSH. */
export interface Sshd {
  pid: number;
  /** Ends it; its sessions go on, as they do when sshd is restarted. */
  stop(): Promise<void>;
  /** Ends it and its sessions, as when the machine goes. What they started stays. */
  kill(): Promise<void>;
}

/** Why there is no sshd here; undefined when there is one. */
export function sshdMissing(): string | undefined {
  try {
    accessSync(SSHD, constants.X_OK);
    return undefined;
  } catch {
    return `${SSHD} is not there; install openssh-server`;
  }
}

/** What every configuration of ours has: it listens on loopback, takes keys only, and leaves the machine's own settings alone. */
export function sshdBasics(port: number, hostKey: string): string[] {
  return [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${hostKey}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
  ];
}

/** Makes a key pair in `file` and `file.pub`, and returns the public half. */
export async function makeKeyFile(file: string, kind: string[] = ['-t', 'ed25519']): Promise<string> {
  await run('ssh-keygen', ['-q', ...kind, '-N', '', '-C', 'test', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

/** @param wrapper command that has sshd's as its last words and becomes it, such as `unshare` */
export async function startSshd(configuration: string, wrapper: string[] = []): Promise<Sshd> {
  // Root's sshd insists on it; another user's does without.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true });
  const [program, ...words] = [...wrapper, SSHD, '-D', '-e', '-f', configuration] as const;
  const server = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  await listening(createInterface({ input: server.stderr }));
  const pid = server.pid ?? 0;
  return {
    pid,
    stop,
    async kill() {
      // Each login has one process as root, which is the server's child, and one as itself, its child.
      const logins = await childrenOf([pid]);
      const sessions = await childrenOf(logins, 'sshd');
      await stop();
      for (const pid of [...logins, ...sessions]) endProcess(pid);
    },
  };

  async function stop(): Promise<void> {
    process.off('exit', kill);
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    await exited;
  }
}

async function listening(lines: AsyncIterable<string>): Promise<void> {
  const said: string[] = [];
  for await (const line of lines) {
    if (line.includes('listening on')) return;
    said.push(line);
  }
  throw new Error(`sshd did not start: ${said.join('\n')}`);
}

async function childrenOf(parents: number[], name?: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => {
    const [, comm = '', parent = ''] = /^\d+ \((.*)\) \S (\d+)/s.exec(stats[index] ?? '') ?? [];
    return parents.includes(Number(parent)) && (name === undefined || comm === name);
  });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went with its parent.
  }
}
