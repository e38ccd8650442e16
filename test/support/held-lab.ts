import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Hold } from '#controller/api';
import type { BuildView, EventView } from './api-client.ts';
import { startControllerProcess, type ControllerProcess } from './controller-process.ts';
import { freePort } from './ports.ts';
import { createSshClient, type SshClient, type SshEnd, type SshKey, type SshLogin } from './ssh-client.ts';

const run = promisify(execFile);
const PASSED = 'passed-over-by-hand';
const WITHHELD = 'withheld-from-everybody';

/** Where nodes are that can be held, with the label `held`; and others, which may be the same, with the label `other`. */
export interface HeldPlace extends AsyncDisposable {
  /** The section `clouds` of footman.yaml, as JSON. */
  clouds: object;
  /** Puts something into the controller's data folder before its start. */
  prepare?(data: string): Promise<void>;
  /** What there is of the node, as anybody can see it. */
  remains(node: string, data: string): Promise<string[]>;
}

export interface Held {
  /** The hold's id. */
  id: string;
  node: string;
  /** As it was when it had finished. */
  build: BuildView;
}

/** A controller with a bastion, a job that failed and whose node is held, and somebody with a key and OpenSSH's programs. */
export interface HeldLab extends AsyncDisposable {
  controller: ControllerProcess;
  place: HeldPlace;
  person: SshClient;
  /** Lets in to every hold. */
  key: SshKey;
  /** Their values. */
  secrets: { passed: string; withheld: string };
  held: Held;
  login: SshLogin;
  /** Has a job fail on one of the other nodes, which is held for so long. */
  holdOther(duration: string): Promise<Held>;
  view(id?: string): Promise<Hold>;
  /** A command on the held node. */
  ssh(command: string, input?: Uint8Array): Promise<SshEnd>;
  /** @throws Error when the API refuses it */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The number of an event that has just happened. */
  now(): Promise<number>;
  /** Resolves with the first event of the held node after that number that fits. */
  nodeEvent(since: number, fits: (data: EventView['data']) => boolean): Promise<EventView>;
  /** Resolves when the node is gone. */
  gone(node: string): Promise<void>;
}

export async function openHeldLab(place: HeldPlace): Promise<HeldLab> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-held-'));
  const data = join(folder, 'data');
  await place.prepare?.(data);
  const port = await freePort();
  const controller = await startControllerProcess({
    folder,
    configuration: `teardown: { max-stopped: 0 }
bastion: { listen: '127.0.0.1:${port}' }
holds: { per-user: 9, per-template: 9, extend-on-use: 0s }
clouds: ${JSON.stringify(place.clouds)}
`,
  });
  const { stdout: hostKey } = await run('ssh-keygen', ['-y', '-f', join(data, 'bastion', 'host_key')]);
  const person = await createSshClient({ port, hostKey: hostKey.trim() });
  const key = await person.makeKey('own');
  await controller.api.put('/secrets/PASSED', { value: PASSED, debug: 'allow' });
  await controller.api.put('/secrets/WITHHELD', { value: WITHHELD, debug: 'deny' });
  const held = await hold('held', '1h');
  const login = { user: held.id, key };
  let extensions = 0;

  return {
    controller,
    place,
    person,
    key,
    secrets: { passed: PASSED, withheld: WITHHELD },
    held,
    login,
    holdOther: (duration) => hold('other', duration),
    view,
    ssh: (command, input) => person.ssh(login, [command], input),
    api,
    now,
    nodeEvent: (since, fits) =>
      controller.api.event(
        ({ kind, nodeId, seq, data: news }) =>
          kind === 'node' && nodeId === held.node && seq > since && fits(news),
      ),
    async gone(node) {
      await controller.api.event(
        ({ kind, nodeId, data: { state } }) => kind === 'node' && nodeId === node && state === 'deleted',
      );
    },
    async [Symbol.asyncDispose]() {
      const { holds } = await controller.api.get<{ holds: Hold[] }>('/holds');
      for (const { id } of holds) await api('DELETE', `/holds/${id}`);
      await controller.api.drained();
      await person[Symbol.asyncDispose]();
      await controller.stop();
      await place[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function hold(label: string, duration: string): Promise<Held> {
    const { id } = await controller.api.submit(failingPipeline(label, duration, key.publicKey));
    const build = await controller.api.finished(id);
    const { data: of, nodeId } = await controller.api.event(
      ({ kind, buildId, data: { state, expiresAt } }) =>
        kind === 'hold' && buildId === id && (state !== 'held' || typeof expiresAt === 'number'),
    );
    if (of.state !== 'held') throw new Error(`its node is not held: it ${String(of['outcome'])}`);
    return { id: of.id, node: nodeId ?? '', build };
  }

  function view(id = held.id): Promise<Hold> {
    return controller.api.get(`/holds/${id}`);
  }

  async function api(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${(await readFile(join(data, 'admin.token'), 'utf8')).trim()}`,
      'content-type': 'application/json',
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${controller.url}/api/v1${path}`, { method, headers, ...sent });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Each extension is an event. */
  async function now(): Promise<number> {
    const longer = { for: `${61 + ++extensions}m` };
    const { expiresAt } = (await api('POST', `/holds/${held.id}/extension`, longer)) as Hold;
    const { seq } = await controller.api.event(
      ({ kind, data: news }) => kind === 'hold' && news.id === held.id && news['expiresAt'] === expiresAt,
    );
    return seq;
  }
}

/** Its second step fails, in a folder of its own, with what the first has exported. */
function failingPipeline(label: string, duration: string, key: string): string {
  return `
jobs:
  a:
    runs-on: ${label}
    steps:
      - name: build
        run: |
          mkdir -p src
          echo '6 * 7' > src/answer
          echo "COLOUR=red" >> "$FOOTMAN_ENV"
      - name: test
        working-directory: src
        env:
          EXPECTED: '41'
          PASSED: "\${{ secrets.PASSED }}"
          WITHHELD: "\${{ secrets.WITHHELD }}"
        run: |
          got=$(($(cat answer)))
          echo "got $got, expected $EXPECTED"
          test "$got" = "$EXPECTED"
    post: { failure: [{ hold: { for: ${duration}, reason: the answer is another one, keys: ['${key}'] } }] }
`;
}
