import { expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { createJournal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { moveNode, retireNode } from '#controller/nodes';
import { findNode, openStore } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { createBackoff } from './backoff.ts';
import { intendNode } from './intend-node.ts';
import { createLauncher } from './launcher.ts';

const clock = { now: () => 1_000_000, after: () => () => undefined };
const template = {
  cloud: 'local',
  name: 'host',
  labels: new Set<string>(),
  settings: {},
  maxNodes: 1,
  minReady: 0,
};

test.each([
  ['fails: its template pauses, and it goes', false, 'it broke'],
  ['has served its job by then: its template is not blamed', true, null],
])('a node whose launch is refused and that %s', async (_, serves, blamed) => {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const backoff = createBackoff();
  const answer = Promise.withResolvers<never>();
  const asked = Promise.withResolvers<void>();
  const cloud: Pick<Cloud, 'launch'> = {
    launch: () => {
      asked.resolve();
      return answer.promise;
    },
  };
  const launcher = createLauncher({
    journal,
    clock,
    logger: createLogger('silent'),
    clouds: [{ name: 'local', kind: 'stub', cloud: cloud as Cloud, maxNodes: 1, templates: [template] }],
    backoff,
    bootstrapToken: () => 'token',
    launchTimeoutMs: 60_000,
    signal: new AbortController().signal,
  });
  const node = await journal.commit((tx) => intendNode(tx, template, null));

  launcher.launch(node);
  await asked.promise;
  if (serves) {
    await journal.commit(async (tx) => {
      await moveNode(tx, node.id, ['launching'], 'checking');
      await moveNode(tx, node.id, ['checking'], 'ready');
      await moveNode(tx, node.id, ['ready'], 'leased', { leased_at: tx.at });
      await retireNode(tx, node.id);
    });
  }
  answer.reject(new FootmanError('cloud-unavailable', 'it broke'));
  await launcher.launchSettled(node.id);

  expect(backoff.pause(template, clock.now())?.reason ?? null).toBe(blamed);
  expect(await findNode(store.db, node.id)).toMatchObject({ state: 'deleting', reason: blamed });
  await store.close();
});
