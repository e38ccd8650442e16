import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Journal } from '#controller/events';
import type { OpenCloud, Template } from '#controller/fleet';
import { retireVersion } from '#controller/images';
import {
  activeLeases,
  insertHost,
  insertProject,
  liveNodes,
  liveVersions,
  nodesOfLease,
  openRequestRows,
  type ImageVersion,
  type Node,
  type Store,
  type StreamId,
} from '#controller/store';
import { putCurrent } from '#test/image-versions';
import { optionalService } from '#test/optional';
import { openProvisionerPair, willingCloud, type ProvisionerPair } from '#test/provisioner-pair';
import { BACKENDS, type Backend } from '../contracts/store/backend.ts';

/** Enough for what can go wrong to go wrong. */
const ROUNDS = 8;

for (const { name, missing, start } of BACKENDS) {
  optionalService(name, missing)(`two controllers on one ${name}`, () => {
    let backend: Backend;

    beforeAll(async () => {
      backend = await start();
    });

    afterAll(() => backend.stop());

    async function open(...clouds: OpenCloud[]): Promise<ProvisionerPair> {
      return openProvisionerPair(await backend.database(), clouds);
    }

    describe('that plan at the same moment', () => {
      test('never have more nodes than the quota, and no request gets two (L11)', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 5 }));
          await pair.submit(12);
          await pair.together('scheduler');
          await pair.together('provisioner');
          expect((await liveNodes(pair.store.db)).length).toBeLessThanOrEqual(5);
          await pair.together('provisioner');
          const nodes = await liveNodes(pair.store.db);
          expect(nodes).toHaveLength(5);
          expect(new Set(nodes.map((node) => node.request_id)).size).toBe(5);
        }
      });

      test('launch for each job once where there is room for all', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 40 }));
          await pair.submit(12);
          await pair.together('scheduler');
          for (let pass = 0; pass < 3; pass += 1) await pair.together('provisioner');
          expect(await liveNodes(pair.store.db)).toHaveLength(12);
        }
      });

      test('do not double a pool', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 40, minReady: 4 }));
          for (let pass = 0; pass < 3; pass += 1) await pair.together('provisioner');
          expect(await liveNodes(pair.store.db)).toHaveLength(4);
          expect(await openRequestRows(pair.store.db)).toHaveLength(4);
        }
      });

      test('make nodes of what is current, and nothing goes from under them (I5)', async () => {
        const stream = { name: 'ubuntu', cloud: 'lab' };
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 40, stream: stream.name }));
          const first = await putCurrent(pair.journal, stream);
          await pair.submit(4);
          await pair.together('scheduler');
          await Promise.all([pair.together('provisioner'), outlive(pair.journal, stream, first)]);
          for (let pass = 0; pass < 2; pass += 1) await pair.together('provisioner');
          const nodes = await liveNodes(pair.store.db);
          expect(nodes).toHaveLength(4);
          const versions = await liveVersions(pair.store.db);
          const made = nodes.map((node) => versions.find(({ id }) => id === node.version_id)?.state);
          expect(new Set(made)).toEqual(new Set(['ready']));
        }
      });

      test('launch one node on a static host', async () => {
        const hosts = ['h1', 'h2', 'h3'];
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 40, hosts }));
          for (const host of hosts) await addHost(pair.store, host);
          await pair.submit(6);
          await pair.together('scheduler');
          for (let pass = 0; pass < 3; pass += 1) await pair.together('provisioner');
          const nodes = await liveNodes(pair.store.db);
          expect(nodes.map(({ host }) => host ?? '').toSorted()).toEqual(hosts);
        }
      });
    });

    describe('that schedule at the same moment', () => {
      test('lease each node once, and each waiting job asks once (I1, L1)', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 6, minReady: 6 }));
          for (let pass = 0; pass < 2; pass += 1) await pair.together('provisioner');
          await pair.arrive();
          await pair.submit(14);
          await pair.together('scheduler');
          const leased = await nodesWithJobs(pair.store);
          expect(leased).toHaveLength(6);
          expect(new Set(leased.map(({ id }) => id)).size).toBe(6);
          const asking = (await openRequestRows(pair.store.db)).flatMap(({ job_id: job }) => job ?? []);
          expect([asking.length, new Set(asking).size]).toEqual([8, 8]);
        }
      });

      test('never give a project more nodes than it may have', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await using pair = await open(cloudOf({ nodes: 12, minReady: 12 }));
          for (let pass = 0; pass < 2; pass += 1) await pair.together('provisioner');
          await pair.arrive();
          const project = await addProject(pair.store, 3);
          await pair.submit(12, project);
          for (let pass = 0; pass < 2; pass += 1) await pair.together('scheduler');
          expect(await nodesWithJobs(pair.store)).toHaveLength(3);
        }
      });
    });
  });
}

/** Two more versions are promoted, and the first one goes, unless a node stands on it. */
async function outlive(journal: Journal, stream: StreamId, first: ImageVersion): Promise<void> {
  for (let count = 0; count < 2; count += 1) await putCurrent(journal, stream);
  await journal
    .commit((tx) => retireVersion(tx, first.id, 'nobody needs it'))
    .catch((error: unknown) => expect(error).toMatchObject({ code: 'conflict' }));
}

interface Wanted {
  nodes: number;
  minReady?: number;
  hosts?: readonly string[];
  stream?: string;
}

function cloudOf({ nodes, minReady = 0, hosts, stream }: Wanted): OpenCloud {
  const unlimited = { nodes: null, cpus: null, memoryBytes: null };
  const template: Template = {
    cloud: 'lab',
    name: 'small',
    labels: new Set(['linux']),
    stream: stream ?? null,
    digest: 'digest',
    learned: null,
    factsAsLabels: [],
    quota: unlimited,
    size: { cpus: 0, memoryBytes: 0 },
    weight: 100,
    cost: 0,
    pool: { minReady, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
    settings: {},
  };
  return {
    name: 'lab',
    kind: 'test',
    quota: { ...unlimited, nodes },
    launchMs: null,
    launchRate: null,
    reserve: null,
    cloud: willingCloud(hosts),
    templates: [template],
  };
}

async function addHost({ db }: Store, name: string): Promise<void> {
  await insertHost(db, {
    cloud: 'lab',
    name,
    state: 'free',
    state_since: 1,
    reason: null,
    node_id: null,
    failures: 0,
    due_at: null,
  });
}

async function addProject({ db }: Store, maxNodes: number): Promise<string> {
  const { id } = await insertProject(db, {
    id: 'project',
    name: 'project',
    provider: 'git',
    repository: 'https://git.example/project.git',
    default_branch: 'main',
    pipelines: [],
    share: 1,
    max_nodes: maxNodes,
    created_at: 1,
  });
  return id;
}

async function nodesWithJobs({ db }: Store): Promise<Node[]> {
  const leases = await activeLeases(db);
  return (await Promise.all(leases.map(({ id }) => nodesOfLease(db, id)))).flat();
}
