import { describe, expect, test } from 'vitest';
import type { Client } from './client/index.ts';
import { buildOf, jobOf, stepOf } from './run/test-builds.ts';
import { findTarget } from './target.ts';

const BUILD = buildOf([
  jobOf({ id: 'first', key: 'lint', base: 'lint', steps: [stepOf({ id: 's1', name: 'a/b' })] }),
  jobOf({ id: 'one', key: 'test (3, a/b)', base: 'test', superseded: true }),
  jobOf({ id: 'two', key: 'test (3, a/b)', base: 'test', attempt: 2, steps: [stepOf({ id: 's2' })] }),
  jobOf({ id: 'arm', key: 'test (3, arm)', base: 'test' }),
]);

/** Knows build 12 only. */
const client = { build: async () => BUILD } satisfies Partial<Client> as unknown as Client;

describe('a target', () => {
  test.each([
    ['12', undefined],
    ['#12/', undefined],
    ['12/lint', ['first']],
    ['12/test (3, arm)', ['arm']],
    ['12/test (3, a/b)', ['two']],
    ['12/test', ['two', 'arm']],
    ['12/one', ['one']],
  ])('%s', async (text, ids) => {
    expect((await findTarget(client, text)).jobs?.map(({ id }) => id)).toEqual(ids);
  });

  test.each([
    ['12/lint/a/b', 's1'],
    ['12/lint/1', 's1'],
    ['12/test (3, a/b)/make', 's2'],
  ])('%s is a step', async (text, id) => {
    expect((await findTarget(client, text)).step?.id).toBe(id);
  });

  test('may be an attempt that another one has taken the place of', async () => {
    const { jobs } = await findTarget(client, '12/test (3, a/b)', { attempt: 1 });
    expect(jobs?.map(({ id }) => id)).toEqual(['one']);
  });

  test('may have its job beside it', async () => {
    const { jobs } = await findTarget(client, '12', { job: 'test (3, arm)' });
    expect(jobs?.map(({ id }) => id)).toEqual(['arm']);
  });
});

describe('what is not there is told with what is', () => {
  test.each([
    ['12/lnit', {}, 'build 1 has no job lnit', 'did you mean lint?'],
    ['12/test (3, arm)/x', {}, 'job test (3, arm) has no step x', undefined],
    ['12/lint', { attempt: 2 }, 'job lint has no attempt 2', 'the last one is 1'],
    ['12/test/1', {}, 'test is 2 jobs: name one of test (3, a/b), test (3, arm)', undefined],
  ])('%s', async (text, options, message, hint) => {
    const found = findTarget(client, text, options);
    await expect(found).rejects.toThrow(message);
    if (hint !== undefined) await expect(found).rejects.toMatchObject({ hint });
  });
});
