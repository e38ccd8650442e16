import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobSettings, EnvironmentSecret } from '#controller/blobs';
import { MEMCACHED, startMemcached } from './memcached.ts';
import { PYTHON, startPythonServer, type Server } from './python-server.ts';
import { SWIFT_LOGIN, swiftConfiguration } from './swift/configuration.ts';

export type S3Settings = Extract<BlobSettings, { kind: 's3' }>;
export type SwiftSettings = Extract<BlobSettings, { kind: 'swift' }>;

/** Settings that lead to the same container, by both of the server's languages. */
export interface SwiftContainer {
  s3: S3Settings;
  swift: SwiftSettings;
}

/** A real OpenStack Swift, of one copy on a temporary folder, which also speaks S3. `s3` and `swift` are those of a first container. */
export interface SwiftServer extends SwiftContainer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** A container of its own, which is there and empty. */
  newContainer(): Promise<SwiftContainer>;
  /** Every token that it gave out is worth nothing any more. */
  forgetTokens(): Promise<void>;
  /** SIGKILL: connections break. What is stored stays. Resolves when the server is gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it for good, and removes what it stored. */
  stop(): Promise<void>;
}

const SERVE = join(import.meta.dirname, 'swift', 'serve.py');
const PROGRAMS = [
  'swift-proxy-server',
  'swift-account-server',
  'swift-container-server',
  'swift-object-server',
];

/** Why there is no Swift here; undefined when there is one. */
export function swiftMissing(): string | undefined {
  const paths = [PYTHON, ...PROGRAMS.map((name) => `/usr/bin/${name}`), MEMCACHED];
  const missing = paths.find((path) => !isProgram(path));
  return (
    missing &&
    `${missing} is not there; install swift-proxy swift-account swift-container swift-object memcached`
  );
}

/** It also ends with this process. `keystone` is one that also tells who may use it. */
export async function startSwift({
  keystone = null,
}: { keystone?: { url: string; password: string } | null } = {}): Promise<SwiftServer> {
  const missing = swiftMissing();
  if (missing !== undefined) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'footman-swift-'));
  for (const name of ['etc', 'devices/d1', 'cache']) await mkdir(join(folder, name), { recursive: true });
  const memcached = await startMemcached(folder);
  for (const [name, text] of Object.entries(swiftConfiguration(folder, memcached.port, keystone))) {
    await writeFile(join(folder, 'etc', name), text);
  }
  let server: Server | undefined;

  try {
    await start();
    const ports = JSON.parse(await readFile(join(folder, 'ports.json'), 'utf8')) as { proxy: number };
    const url = `http://127.0.0.1:${ports.proxy}`;
    const newContainer = () => makeContainer(url);
    const forgetTokens = () => memcached.flush();
    return { ...(await newContainer()), url, newContainer, forgetTokens, start, kill, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(): Promise<void> {
    server = await startPythonServer(SERVE, [folder]);
  }

  async function kill(): Promise<void> {
    await server?.kill();
  }

  async function stop(): Promise<void> {
    await Promise.all([kill(), memcached.kill()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeContainer(url: string): Promise<SwiftContainer> {
  const container = `footman-${randomUUID()}`;
  const login = await fetch(`${url}/auth/v1.0`, {
    headers: { 'x-auth-user': SWIFT_LOGIN.user, 'x-auth-key': SWIFT_LOGIN.key },
  });
  const token = login.headers.get('x-auth-token');
  if (token === null) throw new Error(`no login: ${login.status} ${await login.text()}`);
  const made = await fetch(`${login.headers.get('x-storage-url')}/${container}`, {
    method: 'PUT',
    headers: { 'x-auth-token': token },
  });
  if (!made.ok) throw new Error(`no container: ${login.status}, ${made.status}`);
  return containerSettings(url, container);
}

function containerSettings(url: string, container: string): SwiftContainer {
  return {
    s3: {
      kind: 's3',
      endpoint: url,
      region: 'us-east-1',
      bucket: container,
      prefix: '',
      pathStyle: true,
      credentials: {
        accessKeyId: fromEnvironment('FOOTMAN_TEST_ACCESS_KEY', SWIFT_LOGIN.user),
        secretAccessKey: fromEnvironment('FOOTMAN_TEST_KEY', SWIFT_LOGIN.key),
        sessionToken: null,
      },
      encryption: null,
      publicEndpoint: null,
    },
    swift: {
      kind: 'swift',
      auth: {
        kind: 'tempauth',
        url: `${url}/auth/v1.0`,
        user: SWIFT_LOGIN.user,
        key: fromEnvironment('FOOTMAN_TEST_KEY', SWIFT_LOGIN.key),
      },
      container,
      prefix: '',
      urlKey: null,
      publicEndpoint: null,
    },
  };
}

/** As if it had been read from there. A process of its own must have it there. */
function fromEnvironment(variable: string, value: string): EnvironmentSecret {
  return { variable, value };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
