import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countLeaks, recentLeaks, type ImageVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { openShelf, type Shelf } from './shelf.test-support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GRACE = 10 * MINUTE;

let shelf: Shelf;

beforeEach(async () => {
  shelf = await openShelf();
});

afterEach(() => shelf[Symbol.asyncDispose]());

describe('an image without a version', () => {
  test('goes when two listings in a row show it, and is noted', async () => {
    stray('base-7.local');
    await shelf.put();
    shelf.clock.pass(GRACE);
    await shelf.pass();
    expect(shelf.removals).toEqual([]);
    await passAfter(MINUTE);
    expect(shelf.removals).toEqual(['base-7.local']);
    expect(await recentLeaks(shelf.store.db, 2)).toMatchObject([
      { resource: 'base-7.local', kind: 'image', removed_at: shelf.clock.now() },
    ]);
  });

  test('is left alone while it is young', async () => {
    stray('base-7.local');
    await shelf.pass();
    await passAfter(GRACE - 1);
    await passAfter(HOUR);
    expect(shelf.removals).toEqual([]);
    await passAfter(MINUTE);
    expect(shelf.removals).toEqual(['base-7.local']);
  });

  test('is no leak while its version is being captured, or removed', async () => {
    await shelf.put({ state: 'capturing', job_id: 'j1' });
    shelf.cloud.remove = () => Promise.reject(new FootmanError('cloud-unavailable', 'not now'));
    await shelf.put({ state: 'deleting' });
    await passAfter(HOUR);
    await passAfter(HOUR);
    expect(await countLeaks(shelf.store.db)).toEqual([]);
  });

  test('is no leak where it is a version of another cloud on the same engine', async () => {
    await shelf.put({ cloud: 'other', name: 'base-7.other' });
    stray('base-7.other');
    await passAfter(HOUR);
    await passAfter(HOUR);
    expect(shelf.removals).toEqual([]);
  });

  test('stays when the cloud can’t be listed: no answer says nothing', async () => {
    stray('base-7.local');
    shelf.clock.pass(GRACE);
    await shelf.pass();
    const list = shelf.cloud.list;
    shelf.cloud.list = async function* () {
      yield* [];
      throw new FootmanError('cloud-unavailable', 'the provider is down');
    };
    await passAfter(MINUTE);
    await passAfter(MINUTE);
    expect(shelf.removals).toEqual([]);
    shelf.cloud.list = list;
    await passAfter(MINUTE);
    expect(shelf.removals).toEqual(['base-7.local']);
  });

  test('is waited for in its own time while a cloud takes long to list', async () => {
    const listed = Promise.withResolvers<void>();
    shelf.cloud.list = async function* () {
      await listed.promise;
      yield* [];
    };
    const { signal } = new AbortController();
    await shelf.remover.run(signal);
    shelf.clock.pass(MINUTE / 2);
    expect(await shelf.remover.run(signal)).toBeGreaterThan(shelf.clock.now() + MINUTE / 2);
    listed.resolve();
    await shelf.remover.settled();
  });

  test('that can’t be removed is noted once, and tried again in an hour', async () => {
    stray('base-7.local');
    let tries = 0;
    shelf.cloud.remove = async () => {
      tries += 1;
      throw new FootmanError('cloud-refused', 'a node stands on it');
    };
    shelf.clock.pass(GRACE);
    await shelf.pass();
    expect(await passAfter(MINUTE)).toBe(shelf.clock.now() + MINUTE);
    expect(await shelf.pass()).toBe(shelf.clock.now() + HOUR);
    await passAfter(HOUR);
    expect(tries).toBe(2);
    expect(await countLeaks(shelf.store.db)).toEqual([{ cloud: 'local', found: 1, removed: 0 }]);
  });
});

describe('a version whose image has vanished', () => {
  test('is bad after two looks, and the stream goes back to the one before', async () => {
    const [before, current] = [await shelf.put(), await shelf.put()];
    await shelf.promote(before);
    await shelf.promote(current);
    shelf.images.delete(current.name);
    await shelf.pass();
    expect((await shelf.stream('base'))?.current).toBe(current.id);
    await passAfter(MINUTE);
    expect((await shelf.stream('base'))?.current).toBe(before.id);
    expect(await isBad(current)).toEqual([1, 'its image has vanished']);
    expect(await isBad(before)).toEqual([0, null]);
  });

  test('stays current where there is none before it, and is known to be bad', async () => {
    const only = await shelf.put();
    await shelf.promote(only);
    shelf.images.delete(only.name);
    await shelf.pass();
    await passAfter(MINUTE);
    expect((await shelf.stream('base'))?.current).toBe(only.id);
    expect(await isBad(only)).toEqual([1, 'its image has vanished']);
  });

  test('is made anew where it was prepared', async () => {
    const image = await shelf.put({ stream: 'prepared/a' });
    await shelf.promote(image);
    shelf.images.delete(image.name);
    await shelf.pass();
    await passAfter(MINUTE);
    expect((await shelf.stream('prepared/a'))?.current ?? null).toBeNull();
  });

  test('has not vanished when the cloud finds it, whatever its listing says', async () => {
    const current = await shelf.put();
    shelf.cloud.list = async function* () {};
    await shelf.pass();
    await passAfter(HOUR);
    await passAfter(HOUR);
    expect(await isBad(current)).toEqual([0, null]);
  });

  test('has not vanished when it was away for one look', async () => {
    const current = await shelf.put();
    const image = shelf.images.get(current.name);
    shelf.images.delete(current.name);
    await shelf.pass();
    if (image !== undefined) shelf.images.set(current.name, image);
    await passAfter(MINUTE);
    shelf.images.delete(current.name);
    await passAfter(HOUR);
    expect(await isBad(current)).toEqual([0, null]);
  });
});

function stray(name: string): void {
  shelf.images.set(name, { content: Buffer.from(name), createdAt: shelf.clock.now() });
}

async function passAfter(ms: number): Promise<number | null> {
  shelf.clock.pass(ms);
  return shelf.pass();
}

async function isBad(version: ImageVersion): Promise<[number, string | null]> {
  const { bad, reason } = await shelf.version(version);
  return [bad, reason];
}
