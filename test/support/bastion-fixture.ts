import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { startEmbeddedController, type EmbeddedController } from './embedded-controller.ts';
import { makeKeyFile } from './sshd.ts';

const SSH = '/usr/bin/ssh';

export function sshMissing(): string | undefined {
  try {
    accessSync(SSH, constants.X_OK);
    return undefined;
  } catch {
    return `${SSH} is not there; install openssh-client`;
  }
}

export interface SshEnd {
  exit: number | null;
  out: Buffer;
  err: string;
}

export interface RunOptions {
  input?: Buffer | string;
  /** `ssh`, or one of those that use it. */
  program?: string;
  /** File of another key, in the folder. */
  identity?: string;
}

/** A controller with a bastion and a held node, and somebody with OpenSSH's client and a key. */
export interface BastionFixture extends AsyncDisposable {
  controller: EmbeddedController;
  port: number;
  /** For their files. */
  folder: string;
  /** Options with which ssh, scp and sftp reach the bastion, and ask nobody. */
  options: string[];
  /** The public half of the key that the options name. */
  publicKey: string;
  holdId: string;
  /** `HOLD@127.0.0.1`. */
  login: string;
  /** Holds one more node with this key for so long. */
  hold(duration: string, key?: string): Promise<string>;
  /** With all the options. */
  ssh(args: readonly string[], options?: RunOptions): Promise<SshEnd>;
  start(program: string, args: readonly string[]): ChildProcessWithoutNullStreams;
  api(method: string, path: string, body?: unknown): Promise<Response>;
}

export async function startBastion(settings = '', pipeline = failingPipeline): Promise<BastionFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-bastion-'));
  const publicKey = await makeKeyFile(join(folder, 'key'));
  const controller = await startEmbeddedController(
    `bastion: { listen: '127.0.0.1:0'${settings} }
clouds: { local: { kind: process, max-nodes: 40, templates: { host: { labels: linux } } } }
holds: { per-user: 30, per-template: 30, extend-on-use: 0s }`,
  );
  const { bastion } = controller;
  if (bastion === null) throw new Error('there is no bastion');
  const { port } = bastion;
  await appendFile(join(folder, 'known_hosts'), `${bastion.hostKey}\n`);
  const options = optionsFor(folder, 'key');
  const holdId = await hold('1h');
  const login = `${holdId}@127.0.0.1`;
  return {
    controller,
    port,
    folder,
    options,
    publicKey,
    holdId,
    login,
    hold,
    start,
    api,
    async ssh(args, { input = '', program = SSH, identity } = {}) {
      const client = start(program, args, identity);
      client.stdin.on('error', () => undefined).end(input);
      const [out, err, [exit]] = await Promise.all([
        buffer(client.stdout),
        buffer(client.stderr),
        once(client, 'close'),
      ]);
      return { exit: exit as number | null, out, err: err.toString() };
    },
    async [Symbol.asyncDispose]() {
      const { holds } = await controller.api.get<{ holds: { id: string }[] }>('/holds');
      for (const { id } of holds) await api('DELETE', `/holds/${id}`);
      await controller.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };

  function start(program: string, args: readonly string[], identity = 'key'): ChildProcessWithoutNullStreams {
    const portOption = program.endsWith('ssh') ? '-p' : '-P';
    const options = optionsFor(folder, identity);
    return spawn(program, [...options, portOption, `${port}`, ...args], { cwd: folder });
  }

  async function hold(duration: string, key = publicKey): Promise<string> {
    const build = await controller.api.submit(pipeline(duration, key));
    const { data } = await controller.api.event(
      ({ kind, buildId, data: { expiresAt } }) =>
        kind === 'hold' && buildId === build.id && typeof expiresAt === 'number',
    );
    return data.id;
  }

  async function api(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      authorization: `Bearer ${await controller.token()}`,
      'content-type': 'application/json',
    };
    return fetch(`${controller.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  }
}

function optionsFor(folder: string, identity: string): string[] {
  const all = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    GlobalKnownHostsFile: '/dev/null',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    LogLevel: 'INFO',
    IdentityFile: join(folder, identity),
    UserKnownHostsFile: join(folder, 'known_hosts'),
  };
  return ['-F', '/dev/null', ...Object.entries(all).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

function failingPipeline(duration: string, key: string): string {
  return `jobs:
  a:
    runs-on: linux
    env: { COLOUR: red }
    steps: [{ run: echo here >file && false }]
    post: { failure: [{ hold: { for: ${duration}, keys: ['${key}'] } }] }
`;
}
