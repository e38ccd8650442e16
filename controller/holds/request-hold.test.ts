import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancelBuild } from '#controller/builds';
import { findJob, findNode, patchJob, type Hold, type HoldWish } from '#controller/store';
import { releaseHold, requestHold } from './index.ts';
import { ALICE, BOB, HOUR, KEYS, openHolds, PLAIN, SETTINGS, type HoldsFixture } from './test-support.ts';

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('somebody who asks for the node of a job', () => {
  test('gets it when the job ends, however it does', async () => {
    const build = await fixture.submit();
    const { id } = await fixture.job(build, 'test');
    const wish = { jobId: id, forMs: HOUR, reason: 'to look', keys: [KEYS.bob] };
    await requestHold(fixture.journal, SETTINGS, wish, ALICE);
    const { node, hold } = await fixture.end(build, { wish: null, result: 'success' });
    expect(node.state).toBe('held');
    expect(hold).toMatchObject({ owner: 'alice', reason: 'to look', wanted_ms: HOUR, origin: 'request' });
    expect(await fixture.keyLines(hold as Hold)).toEqual([KEYS.bob]);
    expect(await fixture.audited(id)).toEqual([['alice', 'hold.requested', undefined]]);
  });

  test('gets it also when the job is cancelled', async () => {
    const build = await fixture.submit();
    const { job, node } = await fixture.run(build);
    await requestHold(fixture.journal, SETTINGS, { jobId: job.id, ...PLAIN }, ALICE);
    await cancelBuild(fixture.journal, build.id, { reason: 'enough', force: true });
    expect((await findNode(fixture.store.db, node.id))?.state).toBe('held');
  });

  test('hears what else there is where the job has ended', async () => {
    const build = await fixture.submit();
    const { hold } = await fixture.end(build);
    const { id } = await fixture.job(build, 'test');
    const again = () => requestHold(fixture.journal, SETTINGS, { jobId: id, ...PLAIN }, ALICE);
    await expect(again()).rejects.toMatchObject({
      code: 'conflict',
      message: `the node of job test is held already, as ${hold?.id}`,
    });
    await releaseHold(fixture.journal, hold?.id ?? '', ALICE);
    await expect(again()).rejects.toMatchObject({
      code: 'conflict',
      message: 'job test ended failure, and its node has gone with it',
      hint: expect.stringContaining('rerun'),
    });
  });

  test('does not take it from somebody who asked before', async () => {
    const { id } = await fixture.job(await fixture.submit(), 'test');
    await requestHold(fixture.journal, SETTINGS, { jobId: id, ...PLAIN }, ALICE);
    const theirs = requestHold(fixture.journal, SETTINGS, { jobId: id, ...PLAIN }, BOB);
    await expect(theirs).rejects.toMatchObject({ code: 'forbidden' });
    await requestHold(fixture.journal, SETTINGS, { jobId: id, ...PLAIN, forMs: HOUR }, ALICE);
    expect((await findJob(fixture.store.db, id))?.hold).toMatchObject({ owner: 'alice', forMs: HOUR });
  });

  test.each(['rerun', 'resume'] as const)(
    'does not take it from somebody who gets it by a %s',
    async (origin) => {
      const { id } = await fixture.job(await fixture.submit(), 'test');
      const machine = { resumes: 'a-hold', sceneJobId: 'a-job' };
      const hold: HoldWish = { on: 'end', origin, owner: 'alice', ...PLAIN, keys: [], ...machine };
      await patchJob(fixture.store.db, id, ['queued'], { hold });
      const theirs = requestHold(fixture.journal, SETTINGS, { jobId: id, ...PLAIN }, BOB);
      await expect(theirs).rejects.toMatchObject({ code: 'forbidden' });
      expect((await findJob(fixture.store.db, id))?.hold).toEqual(hold);
    },
  );

  test('says anew how a captured machine is held that is started again, which stays one', async () => {
    const { id } = await fixture.job(await fixture.submit(), 'test');
    const machine = { origin: 'resume', resumes: 'a-hold', sceneJobId: 'a-job' } as const;
    const hold: HoldWish = { on: 'end', owner: 'alice', ...PLAIN, keys: [], ...machine };
    await patchJob(fixture.store.db, id, ['queued'], { hold });
    await requestHold(fixture.journal, SETTINGS, { jobId: id, ...PLAIN, forMs: HOUR }, ALICE);
    expect((await findJob(fixture.store.db, id))?.hold).toMatchObject({ ...machine, forMs: HOUR });
  });

  test('hears at once of limits, of too long a time, and of keys that are none', async () => {
    await fixture.admit(await fixture.held());
    const { id } = await fixture.job(await fixture.submit(), 'test');
    function ask(change: object, settings = SETTINGS): Promise<unknown> {
      return requestHold(fixture.journal, settings, { jobId: id, ...PLAIN, ...change }, ALICE);
    }
    await expect(ask({}, { ...SETTINGS, perUser: 1 })).rejects.toThrow('alice has 1 held node');
    await expect(ask({ forMs: 25 * HOUR })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(ask({ keys: ['ssh-rsa AAAA'] })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(ask({ keys: ['@nobody'] })).rejects.toThrow('"nobody" has no keys');
    expect((await findJob(fixture.store.db, id))?.hold).toBeNull();
  });
});
