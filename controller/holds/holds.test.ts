import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancelBuild } from '#controller/builds';
import {
  findJob,
  findNode,
  keysOfHold,
  keysOfUser,
  listAudit,
  liveHolds,
  patchHold,
  patchJob,
  type Hold,
  type HoldKey,
  type HoldWish,
} from '#controller/store';
import {
  addAutohold,
  addHoldKey,
  endAutohold,
  extendHold,
  parsePublicKey,
  registerKey,
  releaseHold,
  removeKey,
  requestHold,
  revokeHoldKey,
  type AutoholdRequest,
} from './index.ts';
import { HOUR, KEYS, openHolds, SETTINGS, type HoldsFixture } from './test-support.ts';

const ALICE = { actor: 'alice', isAdmin: false };
const BOB = { actor: 'bob', isAdmin: false };
const ADMIN = { actor: 'root', isAdmin: true };
const PLAIN = { forMs: null, reason: null, keys: [] };

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

/** As the keeper leaves it. */
async function admitted(hold: Hold): Promise<Hold> {
  const times = { expires_at: hold.created_at + 4 * HOUR, latest_at: hold.created_at + 24 * HOUR };
  return (await patchHold(fixture.store.db, hold.id, { admitted: 1, ...times })) ?? hold;
}

async function lines(hold: Hold): Promise<string[]> {
  const standing = (await keysOfHold(fixture.store.db, hold.id)).filter((key) => key.revoked_at === null);
  return standing.map(({ key, comment }) => `${key} ${comment}`);
}

async function first(keys: Promise<HoldKey[]>): Promise<HoldKey> {
  const [key] = await keys;
  if (key === undefined) throw new Error('no key was added');
  return key;
}

async function audited(subject: string): Promise<unknown[]> {
  const entries = await listAudit(fixture.store.db, { subject, limit: 100 });
  return entries.map(({ actor, action, data }) => [actor, action, data['fingerprint']]);
}

describe('somebody who asks for the node of a job', () => {
  test('gets it when the job ends, however it does', async () => {
    const build = await fixture.submit();
    const { id } = await fixture.job(build, 'test');
    const wish = { jobId: id, forMs: HOUR, reason: 'to look', keys: [KEYS.bob] };
    await requestHold(fixture.journal, SETTINGS, wish, ALICE);
    const { node, hold } = await fixture.end(build, { wish: null, result: 'success' });
    expect(node.state).toBe('held');
    expect(hold).toMatchObject({ owner: 'alice', reason: 'to look', wanted_ms: HOUR, origin: 'request' });
    expect(await lines(hold as Hold)).toEqual([KEYS.bob]);
    expect(await audited(id)).toEqual([['alice', 'hold.requested', undefined]]);
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
    await admitted(await fixture.held());
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

describe('a hold', () => {
  test("begins with its owner's own keys and those that were named, and no other", async () => {
    await registerKey(fixture.journal, 'alice', KEYS.alice, ALICE);
    await registerKey(fixture.journal, 'bob', KEYS.bob, BOB);
    const hold = await fixture.held({ wish: { keys: ['@bob', KEYS.alice] } });
    expect(await lines(hold)).toEqual([KEYS.alice, KEYS.bob]);
  });

  test('begins whatever keys its pipeline names, and says which ones were none', async () => {
    const hold = await fixture.held({ wish: { origin: 'pipeline', keys: ['nonsense', KEYS.bob] } });
    expect(await lines(hold)).toEqual([KEYS.bob]);
    expect(await audited(hold.id)).toContainEqual(['alice', 'hold.key-refused', undefined]);
  });

  test('lasts longer when its owner says so, never less, and never longer than the most', async () => {
    const { id, created_at: begin } = await admitted(await fixture.held());
    const extend = async (forMs: number) => (await extendHold(fixture.journal, id, forMs, ALICE)).expires_at;
    expect(await extend(HOUR)).toBe(begin + 4 * HOUR);
    expect(await extend(6 * HOUR)).toBe(begin + 6 * HOUR);
    expect(await extend(100 * HOUR)).toBe(begin + 24 * HOUR);
    await expect(extend(100 * HOUR)).rejects.toMatchObject({ code: 'conflict' });
  });

  test("is its owner's and an administrator's business, and nobody else's", async () => {
    const { id } = await admitted(await fixture.held());
    const key = { key: KEYS.bob, login: null };
    for (const attempt of [
      extendHold(fixture.journal, id, HOUR, BOB),
      releaseHold(fixture.journal, id, BOB),
      addHoldKey(fixture.journal, id, key, BOB),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'forbidden', message: `hold ${id} is alice's` });
    const added = await first(addHoldKey(fixture.journal, id, key, ADMIN));
    await expect(revokeHoldKey(fixture.journal, id, added.id, BOB)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await releaseHold(fixture.journal, id, ADMIN)).toMatchObject({ state: 'released' });
  });

  test('takes its node with it when it is released, once', async () => {
    const { id, node_id: node } = await fixture.held();
    const released = await releaseHold(fixture.journal, id, ALICE);
    expect(released).toMatchObject({ state: 'released', outcome: 'was released by alice' });
    expect(await releaseHold(fixture.journal, id, ADMIN)).toEqual(released);
    expect(await findNode(fixture.store.db, node)).toMatchObject({ state: 'deleting' });
    await expect(extendHold(fixture.journal, id, HOUR, ALICE)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('the keys of a hold', () => {
  test('are added and revoked, and the audit says by whom', async () => {
    const hold = await fixture.held();
    const key = await first(addHoldKey(fixture.journal, hold.id, { key: KEYS.bob, login: 'root' }, ALICE));
    expect(
      await first(addHoldKey(fixture.journal, hold.id, { key: KEYS.bob, login: 'root' }, ALICE)),
    ).toEqual(key);
    await revokeHoldKey(fixture.journal, hold.id, key.id, ADMIN);
    await revokeHoldKey(fixture.journal, hold.id, key.id, ALICE);
    const { fingerprint } = parsePublicKey(KEYS.bob);
    expect(await lines(hold)).toEqual([]);
    expect(await audited(hold.id)).toEqual([
      ['root', 'hold.key-revoked', fingerprint],
      ['alice', 'hold.key-added', fingerprint],
    ]);
  });

  test.each(['-oProxyCommand=x', 'a b', '../root', 'Root', '0root', '', 'a\nb', 'x'.repeat(33), 'root:'])(
    'are for accounts, never for %j',
    async (login) => {
      const hold = await fixture.held();
      const added = async () => addHoldKey(fixture.journal, hold.id, { key: KEYS.bob, login }, ALICE);
      await expect(added()).rejects.toMatchObject({ code: 'request-invalid' });
    },
  );

  test('are not those of another hold', async () => {
    const [one, other] = [await fixture.held(), await fixture.held()];
    const key = await first(addHoldKey(fixture.journal, one.id, { key: KEYS.bob, login: null }, ALICE));
    await expect(revokeHoldKey(fixture.journal, other.id, key.id, ALICE)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await lines(one)).toEqual([KEYS.bob]);
  });

  test("go with the key of a profile, where its owner's nodes are held", async () => {
    const { fingerprint } = await registerKey(fixture.journal, 'alice', KEYS.alice, ALICE);
    const [own, other] = [
      await fixture.held(),
      await fixture.held({ wish: { owner: 'bob', keys: ['@alice'] } }),
    ];
    await expect(removeKey(fixture.journal, 'alice', fingerprint, BOB)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await removeKey(fixture.journal, 'alice', fingerprint, ALICE);
    expect(await keysOfUser(fixture.store.db, 'alice')).toEqual([]);
    expect([await lines(own), await lines(other)]).toEqual([[], [KEYS.alice]]);
  });
});

async function fail(result: 'failure' | 'success' = 'failure', branch = 'main'): Promise<Hold | undefined> {
  const build = await fixture.submit(undefined, { trigger: { event: 'push', branch } });
  return (await fixture.end(build, { wish: null, result })).hold;
}

test('a pipeline holds for whoever started it, and never for whom a commit names as its author', async () => {
  const source = `name: nightly
jobs:
  test: { runs-on: linux, steps: [{ run: make }], post: { failure: [{ hold: {} }] } }`;
  const ownerOf = async (actor: { actor?: string }) => {
    const build = await fixture.submit(source, { trigger: { event: 'push', author: 'mallory', ...actor } });
    return (await fixture.end(build, { wish: null })).hold?.owner;
  };
  expect(await ownerOf({})).toBe('pipeline nightly');
  expect(await ownerOf({ actor: 'alice' })).toBe('alice');
});

describe('a standing rule', () => {
  const RULE: AutoholdRequest = {
    ...PLAIN,
    project: null,
    pipeline: 'night*',
    job: null,
    branch: null,
    count: 2,
    standsMs: null,
  };

  test('holds the next failures that match, as many as it says', async () => {
    await addAutohold(fixture.journal, SETTINGS, { ...RULE, keys: [KEYS.bob], reason: 'flaky' }, ALICE);
    expect(await fail('success')).toBeUndefined();
    expect(await fail()).toMatchObject({ origin: 'autohold', owner: 'alice', reason: 'flaky' });
    expect(await fail()).toMatchObject({ origin: 'autohold' });
    expect(await fail()).toBeUndefined();
  });

  test('holds nothing that does not match, nor once it was ended', async () => {
    const rule = await addAutohold(fixture.journal, SETTINGS, { ...RULE, job: 'deploy' }, ALICE);
    expect(await fail()).toBeUndefined();
    await endAutohold(fixture.journal, rule.id, ALICE);
    const other = await addAutohold(fixture.journal, SETTINGS, RULE, ALICE);
    await expect(endAutohold(fixture.journal, other.id, BOB)).rejects.toMatchObject({ code: 'forbidden' });
    await endAutohold(fixture.journal, other.id, ADMIN);
    expect(await fail()).toBeUndefined();
  });

  test('names branches with slashes in them by a star', async () => {
    const rule = { ...RULE, branch: 'release/*' };
    await addAutohold(fixture.journal, SETTINGS, rule, ALICE);
    expect(await fail('failure', 'main')).toBeUndefined();
    expect(await fail('failure', 'release/1/x')).toMatchObject({ origin: 'autohold' });
  });

  test('does not keep others from ending their jobs, whatever its glob is', async () => {
    await addAutohold(fixture.journal, SETTINGS, { ...RULE, branch: `${'*a'.repeat(99)}b` }, ALICE);
    expect(await fail('failure', 'a'.repeat(4000))).toBeUndefined();
  });

  test('is not for everything', async () => {
    const added = addAutohold(fixture.journal, SETTINGS, { ...RULE, pipeline: null, branch: 'main' }, ALICE);
    await expect(added).rejects.toMatchObject({ code: 'request-invalid' });
    expect(await liveHolds(fixture.store.db)).toEqual([]);
  });
});
