import { afterEach, beforeEach, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Journal } from '#controller/events';
import { askForNode, closeRequests } from '#controller/requests';
import {
  findJob,
  findRequest,
  jobsOfBuild,
  liveNodes,
  openStore,
  type Node,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import type { OpenRequest } from './open-request.ts';
import type { Plan } from './planned.ts';
import { createStoreLedger } from './store-ledger.ts';
import { NOW, requestOf, templateOf } from './test-support.ts';

let store: Store;
let journal: Journal;
let request: OpenRequest;

beforeEach(async () => {
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock: { now: () => NOW, after: () => () => undefined } });
  request = await ask('mars');
});

afterEach(() => store.close());

test('a request that nobody can meet ends its job, and says why', async () => {
  await carryOut({ failures: [{ request, reason: 'no template matches `mars`' }] });
  expect(await findRequest(store.db, request.id)).toMatchObject({ state: 'failed' });
  expect(await findJob(store.db, request.jobId ?? '')).toMatchObject({
    result: 'errored',
    reason: 'no template matches `mars`',
  });
});

test('one that was closed since the plan was made ends nothing: its job may wait by another one', async () => {
  await journal.commit((tx) => closeRequests(tx, request.jobId ?? '', 'withdrawn'));
  await carryOut({ failures: [{ request, reason: 'no template matches `mars`' }] });
  expect(await findJob(store.db, request.jobId ?? '')).toMatchObject({ state: 'queued', result: null });
});

test('nothing is launched for one that was closed since', async () => {
  const launch = { template: templateOf(), request, isHedge: false, pin: null, host: null };
  await journal.commit((tx) => closeRequests(tx, request.jobId ?? '', 'fulfilled'));
  expect(await carryOut({ launches: [launch] })).toEqual([]);
  expect(await liveNodes(store.db)).toEqual([]);
});

function carryOut(parts: Partial<Plan>): Promise<Node[] | 'stale'> {
  const nothing = { launches: [], declines: [], failures: [], fulfilled: [], withdrawn: [], retire: [] };
  return createStoreLedger({ store, journal }).carryOut({ ...nothing, due: null, ...parts }, 0);
}

/** The request of a job that has just been submitted. */
async function ask(runsOn: string): Promise<OpenRequest> {
  const source = `jobs: { a: { runs-on: ${runsOn}, steps: [{ run: work }] } }`;
  const parsed = parsePipeline(source, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  const { id: buildId } = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const [job] = await jobsOfBuild(store.db, buildId);
  if (job === undefined) throw new Error('no job');
  const { id } = await journal.commit((tx) => askForNode(tx, { id: job.id, buildId, runsOn }, 'main'));
  return requestOf(id, { jobId: job.id, runsOn });
}
