import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

/** A PostgreSQL server of this test's own. */
export interface Postgres {
  /** A new database, empty or a copy of another one that nobody is connected to; returns its URL. */
  createDatabase(name: string, template?: string): Promise<string>;
  /** Runs a statement outside all databases of tests. */
  administer(statement: string): Promise<void>;
  stop(): Promise<void>;
}

const DEBIAN_VERSIONS = '/usr/lib/postgresql';
const USER = 'footman';

/** The folder of `initdb` and `postgres`: on PATH, or the newest of Debian's; undefined when there is none. */
export function findPostgres(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  return [...onPath, ...debianFolders()].find(
    (folder) => isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres')),
  );
}

/** Why there is no PostgreSQL here; undefined when there is one. */
export function postgresMissing(): string | undefined {
  if (findPostgres() !== undefined) return undefined;
  return `neither PATH nor ${DEBIAN_VERSIONS}/*/bin has initdb and postgres`;
}

/**
 * Starts a server in a temporary folder: on a Unix socket only, without fsync, and as an unprivileged user, since it refuses to be root.
 * It is stopped by `stop`, when the signal aborts, or when this process ends.
 */
export async function startPostgres(signal?: AbortSignal): Promise<Postgres> {
  const binaries = findPostgres();
  if (binaries === undefined) throw new Error(postgresMissing());
  const user = unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'footman-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...user };

  const initdb = spawn(
    join(binaries, 'initdb'),
    ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await succeeded(initdb);
  signal?.throwIfAborted();

  const server = spawn(join(binaries, 'postgres'), ['-D', data, ...settings(folder)], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = () => server.kill('SIGQUIT');
  process.once('exit', kill);
  signal?.addEventListener('abort', kill, { once: true });
  await ready(server);

  async function administer(statement: string): Promise<void> {
    const client = new Client({ host: folder, user: USER, database: 'postgres' });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  async function createDatabase(name: string, template = 'template0'): Promise<string> {
    await administer(`create database ${name} template ${template}`);
    return `postgres://${USER}@localhost/${name}?host=${encodeURIComponent(folder)}`;
  }

  async function stop(): Promise<void> {
    process.off('exit', kill);
    signal?.removeEventListener('abort', kill);
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, 'exit');
      // Fast shutdown: clients are disconnected, not waited for.
      server.kill('SIGINT');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  }

  return { createDatabase, administer, stop };
}

function settings(folder: string): string[] {
  const values = {
    listen_addresses: '',
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    max_connections: '60',
    autovacuum: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function succeeded(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit') as Promise<[number | null]>;
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = await exit;
  if (code !== 0) throw new Error(`${child.spawnfile} failed: ${complaint}`);
}

async function ready(server: ChildProcess): Promise<void> {
  if (server.stderr === null) throw new Error('the server has no stderr');
  const lines: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    lines.push(line);
    if (!line.includes('ready to accept connections')) continue;
    // The rest of its log must not fill the pipe.
    server.stderr.resume();
    return;
  }
  throw new Error(`PostgreSQL did not start: ${lines.join('\n')}`);
}

function debianFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN_VERSIONS).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN_VERSIONS, version, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whom to run as when we are root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = ['postgres', 'nobody'].flatMap((name) => accounts.filter(([other]) => other === name))[0];
  if (account === undefined) throw new Error('PostgreSQL refuses root, and there is no user `nobody`');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}
