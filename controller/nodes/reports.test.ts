import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import { plannedNode } from '#controller/provisioner';
import { findNodeReport, insertNode, openStore, type Node, type Store } from '#controller/store';
import { createConsoleKeeper } from './reports.ts';

const never = new AbortController().signal;

let store: Store;
let node: Node;

beforeEach(async () => {
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const template = { cloud: 'c', name: 't', labels: new Set<string>(), digest: '' };
  node = plannedNode('n', { template, request: null }, 1);
  await insertNode(store.db, node);
});

afterEach(() => store.close());

test('what the cloud has of a node is kept, the last of it, in characters that every database takes', async () => {
  const text = `${'x'.repeat(70_000)}a\0b\ud800`;
  await keeper(() => Promise.resolve(text))(node, never);
  const kept = await findNodeReport(store.db, 'n', 'console');
  expect(kept?.text).toHaveLength(64 * 1024);
  expect(kept?.text.endsWith('xa\ufffdb\ufffd')).toBe(true);
});

test('a later word takes the place of an earlier one, and nothing that of none', async () => {
  await keeper(() => Promise.resolve('one'))(node, never);
  await keeper(() => Promise.resolve('two'))(node, never);
  await keeper(() => Promise.resolve(null))(node, never);
  expect(await findNodeReport(store.db, 'n', 'console')).toMatchObject({ text: 'two' });
});

test('a node whose cloud is not configured any more has nothing to say', async () => {
  const keep = createConsoleKeeper({ store, clock: createSystemClock(), cloudOf: () => undefined });
  await keep(node, never);
  expect(await findNodeReport(store.db, 'n', 'console')).toBeUndefined();
});

test('a cloud that hangs is given up when the controller stops', async () => {
  const stopping = new AbortController();
  const keeping = keeper(
    (_, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
  )(node, stopping.signal);
  stopping.abort(new Error('the controller stops'));
  await expect(keeping).rejects.toThrow('the controller stops');
});

function keeper(console: Cloud['console']) {
  const cloud = { console } as Cloud;
  return createConsoleKeeper({ store, clock: createSystemClock(), cloudOf: () => cloud });
}
