import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { createAccess } from '#controller/access';
import {
  createApi,
  createTerminals,
  createTokens,
  TERMINALS_PATH,
  type BastionAddress,
  type Tokens,
} from '#controller/api';
import { BLOBS_PATH, openBlobs, type Blobs, type BlobSettings } from '#controller/blobs';
import { createSystemClock, type Clock } from '#controller/clock';
import { createJournal, type Journal } from '#controller/events';
import { createFsck } from '#controller/fsck';
import type { HeldNodes } from '#controller/gateway';
import { createExports } from '#controller/images';
import { loadKeys } from '#controller/keys';
import { createLogArchive } from '#controller/log-archive';
import { createLogger } from '#controller/logger';
import { createLogs, type Logs } from '#controller/logs';
import { createProjects, type Projects } from '#controller/projects';
import { createKeyring, createSecrets, type Secrets } from '#controller/secrets';
import { openStore, type Store } from '#controller/store';
import { createReceiver, createStartByHand } from '#controller/triggers';
import { createFleetParts } from './fleet-parts.ts';

/** The API alone over a real store, real logs and real blobs: nothing moves but what the test moves. */
export interface ApiServer {
  /** Where all of it lies. */
  folder: string;
  url: string;
  admin: string;
  tokens: Tokens;
  store: Store;
  journal: Journal;
  logs: Logs;
  blobs: Blobs;
  projects: Projects;
  secrets: Secrets;
  /** Lines that the controller wrote to its own log. */
  logged: Record<string, unknown>[];
  /** With the administrator's token, unless `headers` says otherwise; `path` is under `/api/v1`. */
  call(path: string, init?: RequestInit): Promise<Response>;
  get<T = never>(path: string): Promise<T>;
  post(path: string, body: unknown): Promise<Response>;
  /** As a controller does that stops. */
  closeTerminals(): Promise<void>;
  dispose(): Promise<void>;
}

/** Of terminals. */
const IDLE_MS = 10 * 60_000;

const NOBODY: HeldNodes = {
  isConnected: () => false,
  facts: () => null,
  open: () => Promise.reject(new Error('no agent is connected')),
  pack: () => Promise.reject(new Error('no agent is connected')),
};

interface Options {
  clock?: Clock;
  /** Who answers for nodes that are held; by default none of their agents is connected. */
  heldNodes?: HeldNodes;
  bastion?: BastionAddress | null;
  isRecording?: boolean;
  /** Where objects are; a folder of its own by default. */
  storage?: BlobSettings;
}

export async function startApiServer({
  clock = createSystemClock(),
  heldNodes = NOBODY,
  bastion = null,
  isRecording = false,
  storage,
}: Options = {}): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-api-'));
  const keys = await loadKeys(join(folder, 'signing.key'));
  const store = await openStore({ kind: 'sqlite', file: join(folder, 'footman.db') });
  const journal = createJournal({ store, clock });
  const settings = storage ?? { kind: 'fs', folder: join(folder, 'blobs') };
  const blobs = await openBlobs(settings, { secret: keys.derive('blob') });
  const logs = createLogs({ folder: join(folder, 'logs'), archive: createLogArchive({ store, blobs }) });
  const logged: Record<string, unknown>[] = [];
  const logger = createLogger('info', { write: (line) => void logged.push(JSON.parse(line)) });
  const submitDefaults = { queueTimeoutMs: 60_000 };
  const secrets = createSecrets({ store, clock, keyring: createKeyring(join(folder, 'secrets.key')) });
  const projects = await createProjects({
    folder: join(folder, 'projects'),
    blobs,
    secretOf: secrets.valueOf,
  });
  const fleetParts = await createFleetParts({ folder, store, journal, clock, logger });
  const access = await createAccess({
    store,
    journal,
    clock,
    logger,
    secrets,
    heldNodes,
    isRecording: () => isRecording,
    folder: join(folder, 'recordings'),
  });
  const terminals = createTerminals({ access, clock, logger, idleMs: () => IDLE_MS });
  const api = createApi({
    store,
    journal,
    logs,
    blobs,
    keys,
    clock,
    logger,
    ...fleetParts,
    exports: createExports({ store, journal, blobs, fleet: fleetParts.fleet }),
    secrets,
    projects,
    receiver: createReceiver({ store, journal, clock, projects }),
    startByHand: createStartByHand({ journal, projects, admit: () => undefined, submitDefaults }),
    submitDefaults,
    heldNodes,
    access,
    fsck: createFsck({ store, blobs, clock, controllerId: 'controller' }),
    orphans: { stock: () => null, removed: () => 0 },
    retention: { removed: () => 0 },
    bastion: () => bastion,
    terminals,
    metrics: new Registry(),
    maxSourceBytes: 1024 * 1024,
  });
  const server = createServer((request, response) => {
    if (request.url?.startsWith(BLOBS_PATH)) void blobs.serve(request, response);
    else api(request, response);
  }).listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith(TERMINALS_PATH)) terminals.upgrade(request, socket, head);
    else socket.destroy();
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokens = createTokens(keys);
  const admin = tokens.sign({ subject: 'administrator', role: 'admin' });

  return {
    folder,
    url,
    admin,
    tokens,
    store,
    journal,
    logs,
    blobs,
    projects,
    secrets,
    logged,
    call,
    async get(path) {
      const response = await call(path);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as never;
    },
    post: (path, body) =>
      call(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      }),
    closeTerminals: () => terminals.close(),
    async dispose() {
      await terminals.close();
      await access.settled();
      server.close();
      server.closeAllConnections();
      await logs.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  function call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${admin}` }, ...init });
  }
}
