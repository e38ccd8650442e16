import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { eventsAfter, patchJob, patchStream, type ImageVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { cloudOf, openCloudOf, putNode } from '../nodes/test-support.ts';
import { createExports, createVersionRemover, nextNumber, retireVersion } from './index.ts';
import { openShelf, type Shelf } from './shelf.test-support.ts';

const PREPARED = 'prepared/abc';
const HOUR = 60 * 60_000;
const never = new AbortController().signal;

let shelf: Shelf;

beforeEach(async () => {
  shelf = await openShelf();
});

afterEach(() => shelf[Symbol.asyncDispose]());

describe('a version that nobody needs', () => {
  test('is retired, removed from its cloud, and gone when that is confirmed', async () => {
    const [old, ...others] = [await shelf.put(), await shelf.put(), await shelf.put()];
    await shelf.pass();
    expect(await shelf.states(old)).toEqual(['deleted']);
    expect(await shelf.version(old)).toMatchObject({ reason: 'there are 2 newer ones', deleted_at: now() });
    expect([...shelf.images.keys()]).toEqual(others.map(({ name }) => name));
    const told = (await eventsAfter(shelf.store.db, 0, { limit: 10 })).map(({ data }) => data['state']);
    expect(told).toEqual(['retired', 'deleting', 'deleted']);
  });

  test('is removed with the file that was exported of it', async () => {
    const failed = await shelf.put();
    await createExports(shelf).export(failed.id, never);
    await retire(failed.id);
    await shelf.pass();
    expect(await Array.fromAsync(shelf.blobs.list('images/', never))).toEqual([]);
  });

  test('goes when somebody retired it, as soon as nothing stands on it', async () => {
    const version = await shelf.put();
    await retire(version.id);
    await shelf.job({ 'local/host': version.id });
    await shelf.pass();
    expect(await shelf.states(version)).toEqual(['retired']);
    const used = await shelf.put();
    await retire(used.id);
    await shelf.pass();
    expect(await shelf.states(used)).toEqual(['deleted']);
  });

  test('stays when a node was intended on it between the plan and the removal', async () => {
    const [old] = [await shelf.put(), await shelf.put(), await shelf.put()];
    const racing = removerThat(async () => {
      await putNode(shelf, { id: 'n1', state: 'planned', version_id: old.id });
    });
    await shelf.pass(racing);
    expect(await shelf.states(old)).toEqual(['ready']);
    expect(shelf.removals).toEqual([]);
  });

  test('stays when it was promoted between the plan and the removal', async () => {
    const [old] = [await shelf.put(), await shelf.put(), await shelf.put()];
    await shelf.pass(removerThat(() => shelf.promote(old)));
    expect(await shelf.states(old)).toEqual(['ready']);
    expect((await shelf.stream('base'))?.current).toBe(old.id);
  });
});

describe('prepared images that take too much', () => {
  let images: ImageVersion[];

  beforeEach(async () => {
    images = [];
    for (const stream of ['prepared/a', 'prepared/b', 'prepared/c']) {
      shelf.clock.pass(1000);
      const version = await shelf.put({ stream });
      await shelf.promote(version);
      images.push(version);
    }
    shelf.clock.pass(HOUR);
    shelf.settings.preparedBytes = 200;
  });

  test('go once, and no more of them than must, however many controllers see to that', async () => {
    await shelf.pass(removerThat(() => shelf.pass()));
    expect(await shelf.states(...images)).toEqual(['deleted', 'ready', 'ready']);
    expect(shelf.removals).toEqual([images[0]?.name]);
  });

  test('stay when a job took them between the plan and the removal; then others go', async () => {
    const taken = removerThat(() => shelf.patch('prepared/a', { used_at: now() }));
    await shelf.pass(taken);
    expect(await shelf.states(...images)).toEqual(['ready', 'ready', 'ready']);
    await shelf.pass();
    expect(await shelf.states(...images)).toEqual(['ready', 'deleted', 'ready']);
  });
});

describe('a removal that fails', () => {
  test('is tried again later and later, and stands in the row until the cloud confirms', async () => {
    const version = await shelf.put();
    await retire(version.id);
    const works = shelf.cloud.remove;
    shelf.cloud.remove = () => Promise.reject(new FootmanError('cloud-refused', 'a node stands on it'));
    await shelf.pass();
    expect(await shelf.version(version)).toMatchObject({
      state: 'deleting',
      failures: 1,
      due_at: now() + 1000,
    });
    shelf.clock.pass(999);
    expect(await shelf.pass()).toBe(now() + 1);
    expect((await shelf.version(version)).failures).toBe(1);
    shelf.clock.pass(1);
    await shelf.pass();
    expect(await shelf.version(version)).toMatchObject({ failures: 2, due_at: now() + 2000 });
    const events = await eventsAfter(shelf.store.db, 0, { limit: 100 });
    expect(events.at(-1)?.data['reason']).toBe('not removed yet: a node stands on it');

    shelf.cloud.remove = works;
    shelf.clock.pass(2000);
    // Another life of the controller.
    await shelf.pass(shelf.another());
    expect(await shelf.states(version)).toEqual(['deleted']);
  });

  test('keeps no other cloud waiting, and is given up when it hangs', async () => {
    const hanging = await shelf.put({ cloud: 'sick' });
    const version = await shelf.put();
    await retire(hanging.id);
    await retire(version.id);
    const sick = cloudOf({ images: { ...shelf.cloud, remove: () => new Promise(() => {}) } });
    const clouds = [openCloudOf(sick, { name: 'sick' }), openCloudOf(cloudOf({ images: shelf.cloud }))];
    shelf.fleet.replace(clouds);
    await shelf.remover.run(never);
    await expect.poll(() => shelf.states(version)).toEqual(['deleted']);
    shelf.clock.pass(5 * 60_000);
    shelf.clock.pass(5000);
    await shelf.remover.settled();
    expect(await shelf.version(hanging)).toMatchObject({ state: 'deleting', failures: 1 });
  });

  test('of a cloud that is not configured any more waits for it', async () => {
    const version = await shelf.put();
    await retire(version.id);
    const clouds = [...shelf.fleet.clouds()];
    shelf.fleet.replace([]);
    expect(await shelf.pass()).toBeNull();
    expect(await shelf.version(version)).toMatchObject({ state: 'deleting', failures: 0 });
    shelf.fleet.replace(clouds);
    expect(shelf.remover.concerns([{ kind: 'configuration', data: { id: '', state: 'applied' } }])).toBe(
      true,
    );
    await shelf.pass();
    expect(await shelf.states(version)).toEqual(['deleted']);
  });
});

describe('a stream of prepared images', () => {
  test('loses its pointer before its image, and goes when it is empty; its numbers go on', async () => {
    const version = await shelf.put({ stream: PREPARED });
    await shelf.promote(version);
    await shelf.patch(PREPARED, { ttl_ms: 1000, max_stale_ms: 0 });
    shelf.clock.pass(1000);
    shelf.cloud.remove = async () => {
      expect((await shelf.stream(PREPARED))?.current).toBeNull();
    };
    await shelf.pass();
    expect(await shelf.states(version)).toEqual(['deleted']);
    await shelf.pass();
    expect(await shelf.stream(PREPARED)).toBeUndefined();
    const again = { name: PREPARED, cloud: 'local' };
    const next = await shelf.journal.commit((tx) => nextNumber(tx, again, { keep: 1, refreshAfterMs: null }));
    expect(next).toBe(version.number + 1);
  });

  test('stays while a job waits for it, or a build makes it', async () => {
    await shelf.journal.commit((tx) =>
      nextNumber(tx, { name: PREPARED, cloud: 'local' }, { keep: 1, refreshAfterMs: null }),
    );
    const job = await shelf.job(null);
    const streams = [{ name: PREPARED, cloud: 'local', template: 'host' }];
    const preparation = { state: 'waiting', reason: null, streams } as const;
    await patchJob(shelf.store.db, job.id, ['queued'], {
      preparing: 1,
      preparation: { ...preparation, streams },
    });
    await shelf.pass();
    expect(await shelf.stream(PREPARED)).toBeDefined();
    await patchJob(shelf.store.db, job.id, ['queued'], { preparing: 0 });
    await patchStream(shelf.store.db, { name: PREPARED, cloud: 'local' }, { build_id: job.build_id });
    await shelf.pass();
    expect(await shelf.stream(PREPARED)).toBeDefined();
    await patchStream(shelf.store.db, { name: PREPARED, cloud: 'local' }, { build_id: null });
    await shelf.pass();
    expect(await shelf.stream(PREPARED)).toBeUndefined();
  });
});

/** A remover to which something happens between its plan and its first change. */
function removerThat(meanwhile: () => Promise<unknown>) {
  let happened = false;
  const journal: Journal = {
    ...shelf.journal,
    async commit(work) {
      if (!happened) {
        happened = true;
        await meanwhile();
      }
      return shelf.journal.commit(work);
    },
  };
  return createVersionRemover({
    ...shelf,
    journal,
    logger: createLogger('silent'),
    settings: () => shelf.settings,
  });
}

function retire(id: string) {
  return shelf.journal.commit((tx) => retireVersion(tx, id, 'it is not wanted'));
}

function now(): number {
  return shelf.clock.now();
}
