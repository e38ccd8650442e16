import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudList } from '#controller/api';
import { failNode, moveNode } from '#controller/nodes';
import { plannedNode } from '#controller/provisioner';
import { insertLeak, insertNode, type Node, type NodeFailure } from '#controller/store';
import { startApiServer, type ApiServer } from '#test/api-server';

const DOCUMENT = join(import.meta.dirname, '../../../docs/administration/metrics.md');

let api: ApiServer;
let now = 1_000_000;

beforeAll(async () => {
  api = await startApiServer({ clock: { now: () => now, after: () => () => undefined } });
  await start('n1', { launch: 100, connect: 40, check: 10 });
  await start('n2', { launch: 300, connect: 40, check: 10 });
  await fail('n3', 'connect');
  await fail('n4', 'aborted');
  const leak = { node_id: 'n0', kind: 'container', reason: 'no row', found_at: now };
  await insertLeak(api.store.db, { ...leak, id: 'l1', cloud: 'fake', resource: 'c1' });
});

afterAll(() => api.dispose());

describe('the figures of a template', () => {
  test('tell how quickly its nodes start, phase by phase, and what became of its launches', async () => {
    const { clouds } = await api.get<CloudList>('/clouds');
    const [cloud] = clouds;
    expect(cloud?.leaks).toEqual({ found: 1, removed: 0 });
    expect(cloud?.quota.nodes).toEqual({ limit: 4, used: 4 });
    const small = cloud?.templates.find(({ name }) => name === 'small');
    expect(small).toMatchObject({
      quota: { nodes: { limit: 4, used: 4 } },
      nodes: { ready: 2, deleting: 2 },
      pool: { target: 0, idle: 2 },
      breaker: { state: 'closed' },
      starts: {
        count: 2,
        requestToReady: { p50: 170, p99: 370 },
        planToReady: { p50: 150, p99: 350 },
        wait: { p50: 20, p99: 20 },
        launch: { p50: 100, p99: 300 },
        connect: { p50: 40 },
        check: { p50: 10 },
      },
      launches: { successRate: 2 / 3, failures: { connect: 1 }, aborted: 1 },
    });
    expect(cloud?.templates.find(({ name }) => name === 'arm')).toMatchObject({
      starts: { count: 0, planToReady: null },
      launches: { successRate: null },
    });
  });
});

describe('metrics', () => {
  test('count each launch once, by its outcome, and time the good ones', async () => {
    // A ready node that is looked at again is no other launch.
    await api.journal.commit((tx) => moveNode(tx, 'n1', ['ready'], 'checking'));
    await api.journal.commit((tx) => moveNode(tx, 'n1', ['checking'], 'ready'));
    const text = await scrape();
    const of = 'cloud="fake",template="small"';
    expect(text).toContain(`footman_launches_total{${of},outcome="ready"} 2\n`);
    expect(text).toContain(`footman_launches_total{${of},outcome="connect"} 1\n`);
    expect(text).toContain(`footman_launches_total{${of},outcome="aborted"} 1\n`);
    expect(text).toContain(`footman_node_start_seconds_sum{${of},phase="total"} 0.54\n`);
    expect(text).toContain(`footman_node_start_seconds_bucket{le="0.1",${of},phase="launch"} 1\n`);
    expect(text).toContain('footman_leaks_total{cloud="fake"} 1\n');
    expect(text).toContain(`footman_pool_idle{${of}} 2\n`);
    expect(text).toContain(`footman_breaker_open{${of}} 0\n`);
  });

  test('are those that the documentation names, and no others', async () => {
    const documented = [
      ...(await readFile(DOCUMENT, 'utf8')).matchAll(/^\| `(footman_\w+)` +\| (\w+)/gm),
    ].map(([, name, kind]) => `${name} ${kind}`);
    const answered = [...(await scrape()).matchAll(/^# TYPE (footman_\w+ \w+)$/gm)].map(
      ([, type = '']) => type,
    );
    expect(answered.toSorted()).toEqual(documented.toSorted());
  });
});

async function scrape(): Promise<string> {
  const headers = { authorization: `Bearer ${api.admin}` };
  return (await fetch(`${api.url}/metrics`, { headers })).text();
}

async function start(id: string, took: { launch: number; connect: number; check: number }): Promise<void> {
  await plan(id);
  await step(id, 'planned', 'launching');
  now += took.launch;
  await step(id, 'launching', 'connecting', { launched_at: now });
  now += took.connect;
  await step(id, 'connecting', 'checking', { connected_at: now });
  now += took.check;
  await step(id, 'checking', 'ready', { ready_at: now });
}

async function fail(id: string, failure: NodeFailure): Promise<void> {
  await plan(id);
  await api.journal.commit((tx) => failNode(tx, id, { reason: 'so it is', failure }));
}

async function step(
  id: string,
  from: Node['state'],
  to: Node['state'],
  set: Partial<Node> = {},
): Promise<void> {
  await api.journal.commit((tx) => moveNode(tx, id, [from], to, set));
}

/** Requested 20 ms before. */
async function plan(id: string): Promise<void> {
  const template = { cloud: 'fake', name: 'small', digest: '', labels: new Set(['linux']) };
  const planned = plannedNode(id, { template, request: null }, now);
  await insertNode(api.store.db, { ...planned, requested_at: now - 20 });
}
