import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFleet } from '#controller/fleet';
import { registerKey } from '#controller/holds';
import {
  findBuild,
  jobsOfBuild,
  keysOfHold,
  patchHold,
  stepsOfJob,
  swapState,
  type Build,
  type Hold,
  type ImageVersion,
  type Job,
  type VersionState,
} from '#controller/store';
import { HOUR, KEYS, openHolds, SETTINGS, type HoldsFixture } from '../holds/test-support.ts';
import { cloudOf, templateOf } from '../provisioner/test-support.ts';
import { resumeHold, snapshotHold } from './index.ts';

const ALICE = { actor: 'alice', isAdmin: false };
const BOB = { actor: 'bob', isAdmin: false };
const ADMIN = { actor: 'root', isAdmin: true };
const PLAIN = { forMs: null, reason: null, keys: [] };
const IMAGES = { cloud: { images: {} } as never };
const FLEET = createFleet([cloudOf('local', [templateOf()], IMAGES)]);

let fixture: HoldsFixture;

beforeEach(async () => {
  fixture = await openHolds();
});

afterEach(() => fixture[Symbol.asyncDispose]());

async function admitted(hold: Hold): Promise<Hold> {
  const times = { expires_at: hold.created_at + HOUR, latest_at: hold.created_at + 24 * HOUR };
  return (await patchHold(fixture.store.db, hold.id, { admitted: 1, ...times })) ?? hold;
}

async function move({ id }: ImageVersion, from: VersionState, to: VersionState): Promise<void> {
  await swapState(fixture.store.db, 'image_versions', id, [from], to, {}, fixture.clock.now());
}

/** A hold whose machine is captured; the test plays the keeper of versions. */
async function captured(hold?: Hold): Promise<{ hold: Hold; version: ImageVersion }> {
  const live = await admitted(hold ?? (await fixture.held()));
  const made = await snapshotHold({ ...fixture, fleet: FLEET }, live.id, ALICE);
  await move(made.version, 'capturing', 'ready');
  return made;
}

function resume({ id }: Hold, change: object = {}, caller = ALICE, fleet = FLEET): Promise<Build> {
  const deps = { ...fixture, fleet, settings: () => SETTINGS, submitDefaults: { queueTimeoutMs: HOUR } };
  return resumeHold(deps, id, { ...PLAIN, ...change }, caller);
}

async function jobOf(build: Build): Promise<Job> {
  const [job] = await jobsOfBuild(fixture.store.db, build.id);
  if (job === undefined) throw new Error('the build has no job');
  return job;
}

describe('a snapshot', () => {
  test('is of a hold whose cloud can capture', async () => {
    const hold = await admitted(await fixture.held());
    const without = createFleet([cloudOf('local', [templateOf()])]);
    const made = snapshotHold({ ...fixture, fleet: without }, hold.id, ALICE);
    await expect(made).rejects.toMatchObject({
      code: 'conflict',
      message: "cloud local can't capture its nodes",
    });
    const theirs = snapshotHold({ ...fixture, fleet: FLEET }, hold.id, BOB);
    await expect(theirs).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a machine that was held', () => {
  test('is started again by a build of its own, on a node of this version alone', async () => {
    const { hold, version } = await captured();
    const build = await resume(hold);
    const job = await jobOf(build);
    expect(build).toMatchObject({ pipeline: 'resume nightly #1 test', trigger: { event: 'resume' } });
    expect(job).toMatchObject({ purpose: 'resume', images: { 'local/host': version.id }, runs_on: 'linux' });
    expect(await stepsOfJob(fixture.store.db, job.id)).toHaveLength(1);
  });

  test('is held when it is up, as of the job that failed first, and can be kept and resumed again', async () => {
    const { hold } = await captured();
    const first = await fixture.end(await resume(hold, { forMs: 2 * HOUR, reason: 'once more' }), {
      job: 'resume',
      wish: null,
      result: 'success',
    });
    expect(first.hold).toMatchObject({
      origin: 'resume',
      owner: 'alice',
      reason: 'once more',
      wanted_ms: 2 * HOUR,
      resumes: hold.id,
      scene_job_id: hold.job_id,
    });
    const again = await captured(first.hold);
    const build = await resume(again.hold);
    expect(build.pipeline).toBe('resume nightly #1 test');
    const second = await fixture.end(build, { job: 'resume', wish: null, result: 'success' });
    expect(second.hold).toMatchObject({ resumes: again.hold.id, scene_job_id: hold.job_id });
  });

  test('lets in whoever starts it and those that they name, and nobody from before', async () => {
    await registerKey(fixture.journal, 'root', KEYS.carol, ADMIN);
    const { hold } = await captured(await fixture.held({ wish: { keys: [KEYS.alice] } }));
    const build = await resume(hold, { keys: [KEYS.bob] }, ADMIN);
    const { hold: resumed } = await fixture.end(build, { job: 'resume', wish: null, result: 'success' });
    const keys = await keysOfHold(fixture.store.db, resumed?.id ?? '');
    expect(keys.map(({ key, comment }) => `${key} ${comment}`)).toEqual([KEYS.carol, KEYS.bob]);
    expect(resumed?.owner).toBe('root');
  });

  test('is of a build that is trusted no more than the one that made it', async () => {
    const build = await fixture.submit(undefined, { trust: 'fork' });
    const { hold } = await fixture.end(build);
    const made = await captured(hold);
    expect(made.version.trust).toBe('fork');
    const { id } = await resume(made.hold);
    expect((await findBuild(fixture.store.db, id))?.trust).toBe('fork');
  });

  test("is nobody else's to start", async () => {
    const { hold } = await captured();
    await expect(resume(hold, {}, BOB)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is not started where there is none (any more), or no template for it', async () => {
    const plain = await fixture.held();
    await expect(resume(plain)).rejects.toThrow('has no snapshot');
    const { hold, version } = await captured();
    const elsewhere = createFleet([cloudOf('local', [templateOf({ name: 'other' })], IMAGES)]);
    await expect(resume(hold, {}, ALICE, elsewhere)).rejects.toThrow('template local/host');
    await move(version, 'ready', 'capturing');
    await expect(resume(hold)).rejects.toThrow('is being captured');
    await move(version, 'capturing', 'retired');
    await expect(resume(hold)).rejects.toThrow('is removed');
  });

  test('counts as one more node of whoever starts it', async () => {
    const { hold } = await captured();
    for (let count = 0; count < SETTINGS.perUser; count++) await admitted(await fixture.held());
    await expect(resume(hold)).rejects.toThrow(`hold ${hold.id} can't be resumed: alice has`);
  });
});
