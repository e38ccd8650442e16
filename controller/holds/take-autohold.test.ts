import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { liveHolds, type Hold } from '#controller/store';
import { addAutohold, endAutohold, type AutoholdRequest } from './index.ts';
import { ADMIN, ALICE, BOB, KEYS, openHolds, PLAIN, SETTINGS, type HoldsFixture } from './test-support.ts';

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

async function fail(result: 'failure' | 'success' = 'failure', branch = 'main'): Promise<Hold | undefined> {
  const build = await fixture.submit(undefined, { trigger: { event: 'push', branch } });
  return (await fixture.end(build, { wish: null, result })).hold;
}

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
