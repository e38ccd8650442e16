import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from './ports.ts';

const run = promisify(execFile);
const SSHD = '/usr/sbin/sshd';

/** OpenSSH's server on loopback, with keys of its own. */
export interface SshServer {
  /** `user@127.0.0.1`, and the port that it listens on. */
  login: string;
  port: number;
  /** A private key that may log in, and one that may not. */
  key: string;
  strangersKey: string;
  /** The server's line of known_hosts, and one with another key. */
  knownHosts: string;
  otherKnownHosts: string;
  /** Every command line of the machine at the time of each session, as text. */
  commandLines(): Promise<string>;
  stop(): Promise<void>;
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

export async function startSshServer(folder: string): Promise<SshServer> {
  const names = ['host', 'other-host', 'user', 'stranger'];
  for (const name of names)
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  const [host, otherHost, user] = await Promise.all(
    names.map((name) => readFile(join(folder, `${name}.pub`), 'utf8')),
  );
  const seen = join(folder, 'command-lines');
  const session = join(folder, 'session');
  await writeFile(
    session,
    `cat /proc/[0-9]*/cmdline >>${seen} 2>/dev/null; exec sh -c "$SSH_ORIGINAL_COMMAND"\n`,
  );
  await writeFile(join(folder, 'authorized'), `restrict,command="sh ${session}" ${user}`);
  // sshd can't tell which port it got, so it is given one that was free a moment ago.
  const port = await freePort();
  await writeFile(join(folder, 'config'), configuration(folder, port));
  // Root's sshd insists on it; another user's does without.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true });

  const server = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  await listening(createInterface({ input: server.stderr }));
  const address = `[127.0.0.1]:${port}`;
  return {
    login: `${userInfo().username}@127.0.0.1`,
    port,
    key: await readFile(join(folder, 'user'), 'utf8'),
    strangersKey: await readFile(join(folder, 'stranger'), 'utf8'),
    knownHosts: `${address} ${host}`,
    otherKnownHosts: `${address} ${otherHost}`,
    commandLines: () => readFile(seen, 'utf8'),
    async stop() {
      process.off('exit', kill);
      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      await exited;
    },
  };
}

function configuration(folder: string, port: number): string {
  return [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    '',
  ].join('\n');
}

async function listening(lines: AsyncIterable<string>): Promise<void> {
  const said: string[] = [];
  for await (const line of lines) {
    if (line.includes('listening on')) return;
    said.push(line);
  }
  throw new Error(`sshd did not start: ${said.join('\n')}`);
}
