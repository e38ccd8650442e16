import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { activeLeaseOfJob, nodesOfLease, openRequestRows, putCordon } from '#controller/store';
import { openSchedulingPlace, type SchedulingPlace } from './test-support.ts';

const never = new AbortController().signal;
const HOUR = 60 * 60_000;

let place: SchedulingPlace;

beforeEach(async () => {
  place = await openSchedulingPlace();
});

afterEach(() => place.store.close());

describe('no head-of-line blocking (I8, L13)', () => {
  test('a job that nobody can serve delays none behind it, with the same labels or others', async () => {
    const jobs = [
      await place.submit('gpu'),
      await place.submit('gpu'),
      await place.submit('linux'),
      await place.submit('arm && linux'),
    ];
    await place.ready(['linux']);
    await place.ready(['linux', 'arm']);
    await place.scheduler.run(never);
    expect(await place.states(jobs)).toEqual(['queued', 'queued', 'leased', 'leased']);
    expect(await openRequestRows(place.store.db)).toMatchObject([{ runs_on: 'gpu' }, { runs_on: 'gpu' }]);
  });

  test('a project at its limit waits alone, and asks for what it waits for', async () => {
    await place.addProject('greedy', { max_nodes: 1 });
    await place.addProject('modest');
    const first = await place.submit('linux', { project: 'greedy' });
    await place.ready(['linux']);
    await place.scheduler.run(never);
    const second = await place.submit('linux', { project: 'greedy', priority: 100 });
    const other = await place.submit('linux', { project: 'modest' });
    const sent = await place.submit('linux');
    for (let n = 0; n < 3; n++) await place.ready(['linux']);
    await place.scheduler.run(never);
    expect(await place.states([first, second, other, sent])).toEqual([
      'leased',
      'queued',
      'leased',
      'leased',
    ]);
    expect(await openRequestRows(place.store.db)).toMatchObject([{ job_id: second.id, max_nodes: 1 }]);
  });

  test('jobs that nobody can serve cost their project nothing: its others keep their turns', async () => {
    await place.addProject('ceph');
    await place.addProject('swift');
    for (let n = 0; n < 5; n++) await place.submit('gpu', { project: 'ceph' });
    const jobs = [];
    for (const project of ['ceph', 'swift', 'swift', 'ceph'])
      jobs.push(await place.submit('linux', { project }));
    await place.ready(['linux']);
    await place.ready(['linux']);
    await place.scheduler.run(never);
    expect(await place.states(jobs)).toEqual(['leased', 'leased', 'queued', 'queued']);
  });
});

test('whoever has waited longest comes first, and a node serves one job ever (I1)', async () => {
  const jobs = [await place.submit('linux'), await place.submit('linux')];
  await place.ready(['linux']);
  await place.scheduler.run(never);
  await place.scheduler.run(never);
  expect(await place.states(jobs)).toEqual(['leased', 'queued']);
});

test('a higher priority goes first, until the other has waited for as many times six minutes', async () => {
  const usual = await place.submit('linux');
  const urgent = await place.submit('linux', { priority: 75 });
  await place.ready(['linux']);
  await place.scheduler.run(never);
  expect(await place.states([usual, urgent])).toEqual(['queued', 'leased']);
  place.time.now += 2.6 * HOUR;
  const late = await place.submit('linux', { priority: 75 });
  await place.ready(['linux']);
  await place.scheduler.run(never);
  expect(await place.states([usual, late])).toEqual(['leased', 'queued']);
});

test('projects get nodes by their shares, whoever was first', async () => {
  await place.addProject('small', { share: 1 });
  await place.addProject('large', { share: 3 });
  const small = [];
  for (let n = 0; n < 8; n++) small.push(await place.submit('linux', { project: 'small' }));
  const large = [];
  for (let n = 0; n < 8; n++) large.push(await place.submit('linux', { project: 'large' }));
  for (const atOnce of [1, 1, 2, 4]) {
    for (let n = 0; n < atOnce; n++) await place.ready(['linux']);
    await place.scheduler.run(never);
  }
  expect((await place.states(small)).filter((state) => state === 'leased')).toHaveLength(2);
  expect((await place.states(large)).filter((state) => state === 'leased')).toHaveLength(6);
});

test('no job gets a node whose agent is away, or that is cordoned itself, by its template or by its cloud', async () => {
  const cordon = { reason: 'disks fail', actor: 'ann', at: 1 };
  await putCordon(place.store.db, { target: 'sick', ...cordon });
  await putCordon(place.store.db, { target: 'local/sick', ...cordon });
  await place.ready(['linux'], { disconnected_at: 5 });
  await place.ready(['linux'], { cordoned: 'looked at by ann' });
  await place.ready(['linux'], { cloud: 'sick' });
  await place.ready(['linux'], { template: 'sick' });
  const jobs = [await place.submit('linux'), await place.submit('linux')];
  await place.scheduler.run(never);
  expect(await place.states(jobs)).toEqual(['queued', 'queued']);
  await place.ready(['linux'], { cloud: 'other', template: 'sick' });
  await place.scheduler.run(never);
  expect(await place.states(jobs)).toEqual(['leased', 'queued']);
});

test('of the idle nodes that fit, the one of the greater weight goes first, then the cheaper, then the one that has waited longest', async () => {
  await place.ready(['linux'], { id: 'light', template: 'spare' });
  await place.ready(['linux'], { id: 'costly', cloud: 'vm' });
  await place.ready(['linux'], { id: 'cheap' });
  await place.ready(['linux'], { id: 'late' });
  const taken: (string | undefined)[] = [];
  for (let count = 0; count < 4; count += 1) {
    const job = await place.submit('linux');
    await place.scheduler.run(never);
    const lease = await activeLeaseOfJob(place.store.db, job.id);
    taken.push((await nodesOfLease(place.store.db, lease?.id ?? ''))[0]?.id);
  }
  expect(taken).toEqual(['cheap', 'late', 'costly', 'light']);
});
