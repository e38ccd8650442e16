import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { runInTerminal, type InTerminal } from './in-terminal.ts';

const run = promisify(execFile);
const LOOPBACK = '127.0.0.1';
const PROGRAMS = ['ssh', 'scp', 'sftp', 'ssh-keygen'].map((name) => `/usr/bin/${name}`);

/** How a program ended, and what it said. `exit` is 255 where ssh itself failed. */
export interface SshEnd {
  exit: number | null;
  /** Of the program itself; a signal there is told in `exit` or `stderr`. */
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

export interface SshKey {
  /** Of the private half. */
  file: string;
  /** The line of the public half. */
  publicKey: string;
  /** `SHA256:…` */
  fingerprint: string;
}

export interface SshKeyOptions {
  type?: 'ed25519' | 'ecdsa' | 'rsa' | undefined;
  bits?: number | undefined;
}

/** Who logs in, and with more options, such as `-N`, `-L` or `-o`. */
export interface SshLogin {
  user: string;
  key: SshKey;
  options?: readonly string[] | undefined;
}

/** A person's machine with OpenSSH's programs, which knows one server, and nothing of this machine's settings and keys. */
export interface SshClient extends AsyncDisposable {
  /** Where the programs run. */
  folder: string;
  makeKey(name: string, options?: SshKeyOptions): Promise<SshKey>;
  /** From now on only a server with this key is believed: `type base64`. */
  trust(hostKey: string): Promise<void>;
  /** `words` are the command; none asks for a shell. Without input its end comes at once. */
  ssh(login: SshLogin, words?: readonly string[], input?: Uint8Array): Promise<SshEnd>;
  /** As `ssh`, for who wants to talk to it, or have it stay. */
  start(login: SshLogin, words?: readonly string[]): StartedSsh;
  /** `ssh -tt` in a terminal of its own, whose window can be resized. */
  terminal(login: SshLogin, words?: readonly string[], size?: { columns: number; rows: number }): InTerminal;
  /** Paths with `:` in front are the server's. */
  scp(login: SshLogin, paths: readonly string[]): Promise<SshEnd>;
  /** Runs commands up to the first that fails; one that begins with `-` may fail. */
  sftp(login: SshLogin, commands: readonly string[]): Promise<SshEnd>;
}

export interface StartedSsh {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<SshEnd>;
}

/** Why OpenSSH's programs are not to be had here; undefined when they are. */
export function sshClientMissing(): string | undefined {
  try {
    for (const program of PROGRAMS) accessSync(program, constants.X_OK);
    return undefined;
  } catch {
    return `${PROGRAMS.join(' or ')} is not there; install openssh-client`;
  }
}

interface Server {
  /** This machine's loopback unless given. */
  host?: string | undefined;
  port: number;
  /** As a line of known_hosts has it, without the host: `type base64`. */
  hostKey: string;
}

export async function createSshClient({ host = LOOPBACK, ...server }: Server): Promise<SshClient> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-ssh-client-'));
  const knownHosts = join(folder, 'known_hosts');
  const env = { PATH: process.env['PATH'], LANG: 'C.UTF-8', HOME: folder, TERM: 'xterm-256color' };
  const running = new Set<{ kill(signal: NodeJS.Signals): unknown; ended: Promise<unknown> }>();

  const client: SshClient = {
    folder,
    makeKey: (name, options) => makeKey(join(folder, name), options),
    async trust(hostKey) {
      await writeFile(knownHosts, `[${host}]:${server.port} ${hostKey}\n`);
    },
    start: (login, words = []) => start('ssh', sshArguments(login, words)),
    ssh: (login, words = [], input) => toEnd(client.start(login, words), input),
    terminal(login, words = [], size) {
      const command = ['ssh', '-tt', ...sshArguments(login, words)];
      const terminal = runInTerminal(command, { cwd: folder, env, ...(size === undefined ? {} : { size }) });
      follow(terminal);
      return terminal;
    },
    scp: (login, paths) =>
      toEnd(
        start('scp', [
          ...copyArguments(login),
          ...paths.map((path) => (path.startsWith(':') ? host + path : path)),
        ]),
      ),
    sftp: (login, commands) =>
      toEnd(
        start('sftp', ['-b', '-', ...copyArguments(login), host]),
        Buffer.from(`${commands.join('\n')}\n`),
      ),
    async [Symbol.asyncDispose]() {
      // A test that failed may have left some.
      for (const { kill, ended } of running) {
        kill('SIGKILL');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  await client.trust(server.hostKey);
  return client;

  function start(program: string, words: readonly string[]): StartedSsh {
    const child = spawn(program, words, { cwd: folder, env });
    const ended = endOf(child);
    follow({ kill: (signal) => child.kill(signal), ended });
    return { child, ended };
  }

  function follow({ kill, ended }: { kill(signal: NodeJS.Signals): unknown; ended: Promise<unknown> }): void {
    const entry = { kill, ended };
    running.add(entry);
    void ended.finally(() => running.delete(entry));
  }

  /** `-l` takes any name as it is. */
  function sshArguments(login: SshLogin, words: readonly string[]): string[] {
    return [...settings(login), '-l', login.user, ...(login.options ?? []), host, ...words];
  }

  function copyArguments(login: SshLogin): string[] {
    return [...settings(login), '-o', `User=${login.user}`, ...(login.options ?? [])];
  }

  function settings({ key }: SshLogin): string[] {
    const options = [
      `Port=${server.port}`,
      `UserKnownHostsFile=${knownHosts}`,
      'GlobalKnownHostsFile=none',
      'StrictHostKeyChecking=yes',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'PreferredAuthentications=publickey',
      'BatchMode=yes',
      'LogLevel=ERROR',
    ];
    return ['-F', 'none', '-i', key.file, ...options.flatMap((option) => ['-o', option])];
  }
}

async function toEnd({ child, ended }: StartedSsh, input?: Uint8Array): Promise<SshEnd> {
  child.stdin.end(input);
  return await ended;
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<SshEnd> {
  // It may have ended before it took all of its input.
  child.stdin.on('error', () => undefined);
  const [stdout, stderr, [exit, signal]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { exit, signal, stdout, stderr: stderr.toString() };
}

async function makeKey(file: string, { type = 'ed25519', bits }: SshKeyOptions = {}): Promise<SshKey> {
  const size = bits === undefined ? [] : ['-b', String(bits)];
  // A test that is tried again makes it again.
  await rm(file, { force: true });
  await run('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', 'test', '-f', file]);
  const { stdout } = await run('ssh-keygen', ['-l', '-f', file]);
  const publicKey = (await readFile(`${file}.pub`, 'utf8')).trim();
  return { file, publicKey, fingerprint: stdout.split(' ')[1] ?? '' };
}
