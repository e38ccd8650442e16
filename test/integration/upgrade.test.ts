import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { fillOldDatabase } from '#test/old-database';
import { optionalService } from '#test/optional';
import { postgresMissing, startPostgres } from '#test/postgres';

const MIGRATION = 2;

test('a controller takes over a SQLite database of the Footman before', async () => {
  const controller = await startEmbeddedController(configurationFor('sqlite'), {}, (data) =>
    fillOldDatabase({ kind: 'sqlite', file: join(data, 'footman.db') }, MIGRATION),
  );
  await goesOn(controller);
});

optionalService('PostgreSQL', postgresMissing())('with PostgreSQL', () => {
  test('a controller takes over a database of the Footman before', async () => {
    const postgres = await startPostgres();
    const url = await postgres.createDatabase('controller');
    await fillOldDatabase({ kind: 'postgres', url }, MIGRATION);
    const env = { FOOTMAN_DATABASE_URL: url };
    await goesOn(await startEmbeddedController(configurationFor('postgres'), env));
    await postgres.stop();
  });
});

function configurationFor(store: 'sqlite' | 'postgres'): string {
  return `
store: { kind: ${store} }
timeouts: { agent-lost: 500ms }
teardown: { max-stopped: 0 }
clouds: { lab: { kind: process, max-nodes: 12, templates: { small: { labels: linux } } } }
`;
}

/** What waited runs; what ran on a node that is no more says so; nodes that were only intended come up; and none of the old ones is left. */
async function goesOn(controller: EmbeddedController): Promise<void> {
  const { api } = controller;
  const ended = new Set<string>();
  await api.event(
    ({ kind, data }) =>
      kind === 'build' && data.state === 'finished' && ended.add(data.id).size === OUTCOMES.length,
  );
  const builds = await Promise.all([...ended].map((id) => api.build(id)));
  expect(builds.toSorted((a, b) => a.number - b.number).map(outcome)).toEqual(OUTCOMES);

  const launched = new Set<string>();
  const gone = new Set<string>();
  await api.event(({ kind, data }) => {
    if (kind !== 'node') return false;
    if (data.state === 'connecting' || data.state === 'checking') launched.add(data.id);
    if (data.state === 'deleted') gone.add(data.id);
    return OLD_NODES.every((state) => gone.has(`node-${state}`));
  });
  for (const intended of ['node-planned', 'node-launching']) expect(launched).toContain(intended);
  await controller.dispose();
}

const OUTCOMES = [
  { number: 1, result: 'success', jobs: ['first success', 'then success'] },
  { number: 2, result: 'success', jobs: ['hotfix success'] },
  { number: 3, result: 'errored', jobs: ['busy errored'] },
  { number: 4, result: 'success', jobs: ['big success'] },
];

function outcome({ number, result, jobs }: BuildView): unknown {
  return { number, result, jobs: jobs.map((job) => `${job.key} ${job.result}`) };
}

const OLD_NODES = ['planned', 'launching', 'connecting', 'checking', 'ready', 'leased', 'deleting'];
