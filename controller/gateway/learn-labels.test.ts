import { afterEach, beforeEach, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Change, type Journal } from '#controller/events';
import type { Template } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import { askForNode, askForSpare } from '#controller/requests';
import {
  allTemplateLabels,
  findNode,
  findRequest,
  insertNode,
  jobsOfBuild,
  openStore,
  patchNode,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import type { Facts } from '#shared/protocol';
import { createHandClock } from '../clock/test-support.ts';
import { learnLabels } from './learn-labels.ts';
import { readyNode } from './test-support.ts';

const TEMPLATE = {
  cloud: 'local',
  name: 'host',
  digest: 'd',
  labels: new Set(['linux']),
  learned: null,
  factsAsLabels: ['os'],
} as Partial<Template> as Template;
const FACTS = { osId: 'debian', osVersion: '12' } as Facts;
const LEARNED = { cloud: 'local', template: 'host', digest: 'd', labels: ['debian', 'debian-12'] };

let store: Store;
let journal: Journal;
let told: Change[];
let nodeId: string;

beforeEach(async () => {
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock: createHandClock() });
  const node = { ...readyNode(1), state: 'checking' as const, template_digest: 'd' };
  await insertNode(store.db, node);
  nodeId = node.id;
  told = [];
  journal.subscribe((changes) => told.push(...changes.filter(({ kind }) => kind === 'template')));
});

afterEach(() => store.close());

test('the first node of a template gets its labels, and its template learns them', async () => {
  await learn();
  expect(await labels()).toEqual(['linux', 'debian', 'debian-12']);
  expect(await allTemplateLabels(store.db)).toEqual([LEARNED]);
  expect(told).toMatchObject([
    { data: { id: 'local/host', state: 'learned', labels: ['debian', 'debian-12'] } },
  ]);
});

test('another node of the same kind teaches nothing new, one of another kind does', async () => {
  const learned = new Set(['debian-12', 'debian']);
  await learn({ labels: new Set(['linux', ...learned]), learned });
  expect(told).toEqual([]);
  expect(await labels()).toEqual(['linux', 'debian', 'debian-12']);
  await learn({ labels: new Set(['linux', ...learned]), learned }, { ...FACTS, osVersion: '13' });
  expect(await labels()).toEqual(['linux', 'debian', 'debian-13']);
  expect(await allTemplateLabels(store.db)).toEqual([{ ...LEARNED, labels: ['debian', 'debian-13'] }]);
});

test('a label that is configured is not learned: it stays when nodes tell otherwise', async () => {
  await learn({ labels: new Set(['debian']) });
  expect(await labels()).toEqual(['debian', 'debian-12']);
  expect(await allTemplateLabels(store.db)).toEqual([{ ...LEARNED, labels: ['debian-12'] }]);
});

test.each<[string, Partial<Template> | undefined]>([
  ['changed since', { digest: 'e' }],
  ['whose facts are no labels', { factsAsLabels: [] }],
])('a node of a template %s keeps what it was promised', async (_, parts) => {
  await learn(parts);
  expect(await labels()).toEqual(['linux']);
  expect(await allTemplateLabels(store.db)).toEqual([]);
});

test.each([
  ['debian-12', []],
  [
    'linux && !debian',
    [{ code: 'labels', final: true, reason: 'its node does not fit: it told `debian`, `debian-12`' }],
  ],
])('a job that asked for `%s` hears whether it got that', async (runsOn, declines) => {
  const job = await waitingJob();
  const request = await journal.commit((tx) => askForNode(tx, { ...job, runsOn }, 'main'));
  await patchNode(store.db, nodeId, ['checking'], { request_id: request.id });
  await learn();
  expect((await findRequest(store.db, request.id))?.declines).toMatchObject(declines);
});

test('a node that was made for one version of an image has its own labels, and promises nothing for others', async () => {
  await patchNode(store.db, nodeId, ['checking'], { version_id: 'v1', pinned: 1 });
  await learn({ labels: new Set(['linux', 'ubuntu']), learned: new Set(['ubuntu']) });
  expect(await labels()).toEqual(['linux', 'debian', 'debian-12']);
  expect(await allTemplateLabels(store.db)).toEqual([]);
  await learn();
  expect(await allTemplateLabels(store.db)).toMatchObject([LEARNED]);
});

test('a pool takes what comes', async () => {
  const request = await journal.commit((tx) => askForSpare(tx, TEMPLATE));
  await patchNode(store.db, nodeId, ['checking'], { request_id: request.id });
  await learn();
  expect((await findRequest(store.db, request.id))?.declines).toEqual([]);
});

async function waitingJob(): Promise<{ id: string; buildId: string }> {
  const parsed = parsePipeline('jobs: { a: { runs-on: linux, steps: [{ run: work }] } }', 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  const { id: buildId } = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const [job] = await jobsOfBuild(store.db, buildId);
  return { id: job?.id ?? '', buildId };
}

async function learn(parts: Partial<Template> = {}, facts = FACTS): Promise<void> {
  await journal.commit(async (tx) => {
    const node = await findNode(tx.db, nodeId);
    if (node === undefined) throw new Error('there is no node');
    const template = { ...TEMPLATE, ...parts };
    await learnLabels(tx, { node, facts, template, matcher: createLabelMatcher() });
  });
}

async function labels(): Promise<string[] | undefined> {
  return (await findNode(store.db, nodeId))?.labels;
}
