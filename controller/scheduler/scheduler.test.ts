import { afterEach, beforeEach, expect, test } from 'vitest';
import { findJob, openRequestRows, recordDecline } from '#controller/store';
import { START, openSchedulingPlace, type SchedulingPlace } from './test-support.ts';

const never = new AbortController().signal;

let place: SchedulingPlace;

beforeEach(async () => {
  place = await openSchedulingPlace();
});

afterEach(() => place.store.close());

test('two schedulers at once give a node to one job, and ask once for each of the others (I1)', async () => {
  const jobs = [await place.submit('linux'), await place.submit('linux'), await place.submit('linux')];
  await place.ready(['linux']);
  const other = place.another();
  await Promise.all([place.scheduler.run(never), other.run(never)]);
  expect((await place.states(jobs)).filter((state) => state === 'leased')).toHaveLength(1);
  expect(await openRequestRows(place.store.db)).toHaveLength(2);
});

test('a job that was cancelled meanwhile asks for nothing, and leaves the node to others', async () => {
  const gone = await place.submit('linux');
  const [stale] = await place.queue.queued(1);
  if (stale === undefined) throw new Error('nothing is queued');
  await place.ready(['linux']);
  await place.scheduler.run(never);
  await place.ready(['linux']);
  const [node] = await place.queue.ready();
  if (node === undefined) throw new Error('nothing is ready');
  expect(await place.queue.place(stale, node)).toBe('job gone');
  await place.queue.ask(stale);
  await place.queue.giveUp(stale);
  expect(await place.states([gone])).toEqual(['leased']);
  expect(await openRequestRows(place.store.db)).toEqual([]);
  expect(await place.queue.ready()).toHaveLength(1);
});

test('a job waits as long as it may, and no longer; the next pass is due when the next wait is over', async () => {
  const first = await place.submit('linux');
  place.time.now += 10_000;
  const second = await place.submit('linux');
  expect(await place.scheduler.run(never)).toBe(START + 60_000);
  const request = (await openRequestRows(place.store.db)).find(({ job_id: job }) => job === first.id);
  const template = { cloud: 'local', template: 'host' };
  const full = { code: 'quota', reason: 'at quota 2/2', final: false, at: START } as const;
  await recordDecline(place.store.db, request?.id ?? '', { ...template, ...full });
  place.time.now = START + 60_000;
  expect(await place.scheduler.run(never)).toBe(START + 70_000);
  expect(await place.states([first, second])).toEqual(['finished', 'queued']);
  expect((await findJob(place.store.db, first.id))?.reason).toBe(
    'no node within 1m; local/host: at quota 2/2',
  );
  place.time.now = START + 70_000;
  expect(await place.scheduler.run(never)).toBeNull();
});

test('what may make room is a reason to look at the queue, as long as a job waits', async () => {
  await place.submit('linux');
  await place.scheduler.run(never);
  expect(place.concerns('job', { state: 'queued' })).toBe(true);
  expect(place.concerns('job', { state: 'finished' })).toBe(false);
  expect(place.concerns('job', { state: 'running' })).toBe(false);
  expect(place.concerns('node', { state: 'ready' })).toBe(true);
  expect(place.concerns('node', { state: 'ready', connected: false })).toBe(false);
  expect(place.concerns('cordon', { state: 'lifted' })).toBe(true);
  expect(place.concerns('project', { state: 'changed' })).toBe(true);
  await place.ready(['linux']);
  await place.scheduler.run(never);
  expect(place.concerns('job', { state: 'queued' })).toBe(true);
  expect(place.concerns('job', { state: 'finished' })).toBe(false);
  expect(place.concerns('node', { state: 'ready' })).toBe(false);
});

test('the end of a job is a reason for those whose project may have only so many nodes', async () => {
  await place.addProject('modest', { max_nodes: 1 });
  const jobs = [
    await place.submit('linux', { project: 'modest' }),
    await place.submit('linux', { project: 'modest' }),
  ];
  await place.ready(['linux']);
  await place.ready(['linux']);
  await place.scheduler.run(never);
  expect(await place.states(jobs)).toEqual(['leased', 'queued']);
  expect(place.concerns('job', { state: 'finished' })).toBe(true);
});

test('a job that starts from an image gets a node that was made from it, asks for one such, and leaves others theirs', async () => {
  const [plain, job, other] = [
    await place.submit('linux'),
    await place.submit('linux'),
    await place.submit('linux'),
  ];
  await place.wants(job, { 'local/host': 'v1' });
  await place.wants(other, { 'local/host': 'v2' });
  await place.ready(['linux'], { version_id: 'v1', pinned: 1 });
  await place.scheduler.run(never);
  expect(await place.states([plain, job, other])).toEqual(['queued', 'leased', 'queued']);
  const requests = await openRequestRows(place.store.db);
  expect(new Map(requests.map(({ job_id: id, images }) => [id, images]))).toEqual(
    new Map([
      [plain.id, null],
      [other.id, { 'local/host': 'v2' }],
    ]),
  );
  await place.ready(['linux'], { version_id: 'v3' });
  await place.scheduler.run(never);
  expect(await place.states([plain, other])).toEqual(['leased', 'queued']);
});

test('a job that asks for another image by now gets no node of the one before', async () => {
  const job = await place.submit('linux');
  await place.wants(job, { 'local/host': 'v1' });
  await place.ready(['linux'], { version_id: 'v1', pinned: 1 });
  const [seen] = await place.queue.queued(1);
  const [node] = await place.queue.ready();
  if (seen === undefined || node === undefined) throw new Error('there is no job, or no node');
  await place.wants(job, { 'local/host': 'v2' });
  expect(await place.queue.place(seen, node)).toBe('job gone');
  expect(await place.states([job])).toEqual(['queued']);
  await place.queue.ask(seen);
  expect(await openRequestRows(place.store.db)).toMatchObject([{ images: { 'local/host': 'v2' } }]);
});

test('a node that becomes ready while nobody waits is found by the next job', async () => {
  await place.scheduler.run(never);
  await place.ready(['linux']);
  const jobs = [await place.submit('linux')];
  await place.scheduler.run(never);
  expect(await place.states(jobs)).toEqual(['leased']);
});
