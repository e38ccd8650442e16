import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Promotion } from '#shared/pipeline';
import { openKeeper, type KeeperFixture } from './keeper.test-support.ts';

/** What a controller leaves that dies in the middle of a commit, which the database then takes back. */

const JOB = 'runs-on: linux, steps: [{ run: make }]';
const PIPELINE = `jobs: { one: { ${JOB} }, two: { ${JOB} } }`;
const TOGETHER: Promotion = { how: 'when-all', clouds: ['local', 'other'] };

let fixture: KeeperFixture;

beforeEach(async () => {
  fixture = await openKeeper();
});

afterEach(() => fixture[Symbol.asyncDispose]());

test.each(['local', 'other'])(
  'a promotion in two clouds that ends as it moves the pointer in %s has moved none, and happens in the next life',
  async (cloud) => {
    const build = await fixture.submit(PIPELINE);
    const here = await fixture.snapshot(build, 'one', { promote: TOGETHER });
    const there = await fixture.snapshot(build, 'two', { promote: TOGETHER, cloud: 'other' });
    await fixture.settle();
    await fixture.finish(build, 'one (verify base)', { result: 'success', reason: null });
    await fixture.settle();
    await dieAt('image_streams', `new.cloud = '${cloud}'`);
    await fixture.finish(build, 'two (verify base)', { result: 'success', reason: null });
    await expect(fixture.settle()).rejects.toThrow('the power is gone');
    expect(await fixture.version(there)).toMatchObject({ state: 'verifying' });
    expect(await fixture.stream()).toMatchObject({ current: null, generation: 0 });
    expect(await fixture.stream({ cloud: 'other' })).toMatchObject({ current: null, generation: 0 });
    await live();
    await fixture.restart();
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: here.id, generation: 1 });
    expect(await fixture.stream({ cloud: 'other' })).toMatchObject({ current: there.id, generation: 1 });
  },
);

test('a capture that ends as its job is noted as finished has no version that is verified, and is asked for again', async () => {
  const build = await fixture.submit(PIPELINE);
  const made = await fixture.snapshot(build, 'one');
  await dieAt('jobs', "new.state = 'finished'");
  await fixture.settle();
  expect(await fixture.version(made)).toMatchObject({ state: 'capturing', image: null });
  expect(await fixture.job(build, 'one')).toMatchObject({ state: 'running' });
  await live();
  await fixture.restart();
  await fixture.settle();
  expect(await fixture.version(made)).toMatchObject({ state: 'verifying' });
  expect(await fixture.job(build, 'one')).toMatchObject({ state: 'finished', result: 'success' });
  expect(new Set(fixture.asked)).toEqual(new Set([made.name]));
});

/** From here on the database refuses to change such a row, in the middle of whatever transaction does. */
async function dieAt(table: string, condition: string): Promise<void> {
  await sql
    .raw(
      `create trigger dying before update on ${table} when ${condition} begin select raise(abort, 'the power is gone'); end`,
    )
    .execute(fixture.store.db);
}

async function live(): Promise<void> {
  await sql`drop trigger dying`.execute(fixture.store.db);
}
