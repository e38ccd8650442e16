import { expect, test } from 'vitest';
import { loadConfiguration } from '#controller/config';
import { createLabelMatcher } from '#controller/matching';
import type { NodeState, QueuedLabels } from '#controller/store';
import { effectsOf } from './index.ts';

const BEFORE = `{ data: /d, clouds: { lab: { kind: process, templates: {
  a: { labels: a, min-ready: 1 }, b: { labels: b }, c: { labels: c } } } } }`;

async function effects(
  after: string,
  queued: QueuedLabels[] = [],
  before: string = BEFORE,
): Promise<string[]> {
  const [running, next] = await Promise.all(
    [before, after].map((text) => loadConfiguration({ text, env: {} })),
  );
  if (running === undefined || next === undefined) throw new Error('it was loaded');
  const matcher = createLabelMatcher();
  return effectsOf({ running, next, nodes: NODES, queued, matcher }).map(
    ({ kind, sentence, nodes, jobs }) => `${kind} [${[...nodes, ...jobs].join(' ')}]: ${sentence}`,
  );
}

function node(id: string, template: string, state: NodeState) {
  return { id, cloud: 'lab', template, state };
}

const NODES = [
  node('1', 'a', 'ready'),
  node('2', 'a', 'leased'),
  node('3', 'b', 'launching'),
  node('4', 'b', 'leased'),
  node('5', 'b', 'deleting'),
  node('6', 'b', 'held'),
];

test('idle nodes of a template with other labels or settings are replaced; limits and pools leave them', async () => {
  const replaced = 'replaced [1]: 1 idle node of lab/a is replaced';
  expect(await effects(BEFORE.replace('labels: a', 'labels: a more'))).toEqual([replaced]);
  expect(await effects(BEFORE.replace('labels: a', 'labels: a, environment: { X: y }'))).toEqual([replaced]);
  expect(await effects(BEFORE.replace('labels: a', 'labels: a, max-nodes: 3, weight: 1'))).toEqual([]);
});

test('idle nodes are replaced when their template gets its image from a stream', async () => {
  const before = `{ data: /d, clouds: { lab: { kind: docker, templates: { a: { labels: a, image: debian } } } } }`;
  const after = before.replace('image: debian', 'stream: debian');
  expect(await effects(after, [], before)).toEqual(['replaced [1]: 1 idle node of lab/a is replaced']);
});

test('pools grow and shrink', async () => {
  expect(await effects(BEFORE.replace('min-ready: 1', 'min-ready: 3'))).toEqual([
    'pool []: the pool of lab/a grows from 1 to 3',
  ]);
  expect(await effects(BEFORE.replace('min-ready: 1', 'min-ready: 0'))).toEqual([
    'pool []: the pool of lab/a shrinks from 1 to 0',
  ]);
  expect(await effects(BEFORE.replace('labels: c', 'labels: c, pool: { learn: {} }'))).toEqual([
    'pool []: the pool of lab/c follows other rules',
  ]);
});

test('nodes of a removed template go, those with a job or held after that; jobs that only it could serve are named', async () => {
  const queued = [
    { id: 'j1', key: 'test', runs_on: 'b', number: 12 },
    { id: 'j2', key: 'lint', runs_on: 'a || b', number: 12 },
    { id: 'j3', key: 'nobody', runs_on: 'x', number: 13 },
  ];
  expect(await effects(BEFORE.replace('b: { labels: b }, ', ''), queued)).toEqual([
    'removed [3]: 1 node of lab/b without a job: removed',
    'finishing [4 6]: 2 nodes of lab/b: removed after the job, or the hold, has ended',
    'stranded [j1]: job test of build 12 waits for `b`, which no template would match any more: it would end as errored',
  ]);
});
