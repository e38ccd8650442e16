import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Journal } from '#controller/events';
import type { NodeChannel } from '#controller/gateway';
import { endHold, parsePublicKey, recordHold } from '#controller/holds';
import { createLogger } from '#controller/logger';
import {
  findHold,
  keysOfHold,
  patchHold,
  patchHoldKey,
  sessionsOfHold,
  type Hold,
  type Store,
} from '#controller/store';
import type { HandClock } from '../clock/test-support.ts';
import { HOUR, KEYS, openHolds, type HoldsFixture } from '../holds/test-support.ts';
import { createAccess, type Access, type Visitor } from './index.ts';

const FINGERPRINT = parsePublicKey(KEYS.bob).fingerprint;
const BY_KEY: Visitor = { name: FINGERPRINT, fingerprint: FINGERPRINT };
const BY_TOKEN: Visitor = { name: 'alice', fingerprint: null };

let fixture: HoldsFixture;
let clock: HandClock;
let store: Store;
let journal: Journal;
let access: Access;
let folder: string;
let hold: Hold;
let keyId: string;
const never = new AbortController().signal;

beforeEach(async () => {
  fixture = await openHolds();
  ({ clock, store, journal } = fixture);
  folder = await mkdtemp(join(tmpdir(), 'footman-access-'));
  access = await createAccess({
    store,
    journal,
    clock,
    logger: createLogger('silent'),
    secrets: { resolve: () => Promise.resolve(new Map()) },
    heldNodes: { open: () => Promise.resolve(echo()) },
    isRecording: () => false,
    folder,
  });
  const { id } = await fixture.held({ wish: { keys: [KEYS.bob] } });
  const times = { admitted: 1, expires_at: clock.now() + HOUR, latest_at: clock.now() + 3 * HOUR };
  hold = (await patchHold(store.db, id, times)) ?? hold;
  keyId = (await keysOfHold(store.db, id))[0]?.id ?? '';
});

afterEach(async () => {
  await journal.commit((tx) =>
    endHold(tx, hold.id, { state: 'released', outcome: 'is over', actor: 'test' }),
  );
  await access.settled();
  await fixture[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a session is noted with who and when, and its end', async () => {
  const { channel, id } = await open(BY_TOKEN);
  expect(await sessionsOfHold(store.db, hold.id)).toMatchObject([{ id, who: 'alice', ended_at: null }]);
  expect((await findHold(store.db, hold.id))?.used_at).toBe(clock.now());
  clock.pass(5_000);
  channel.close();
  await access.settled();
  expect(await sessionsOfHold(store.db, hold.id)).toMatchObject([{ id, ended_at: clock.now() }]);
});

test('who works on a node is noted once a minute', async () => {
  const { channel } = await open(BY_TOKEN);
  const begun = clock.now();
  clock.pass(59_000);
  await sendAndHear(channel);
  expect((await findHold(store.db, hold.id))?.used_at).toBe(begun);
  clock.pass(1_000);
  await sendAndHear(channel);
  expect((await findHold(store.db, hold.id))?.used_at).toBe(clock.now());
});

test('the hold ends a session at its time, even when nobody ends the hold', async () => {
  const { cut, channel } = await open(BY_KEY);
  clock.pass(HOUR - 1);
  expect(cut.aborted).toBe(false);
  clock.pass(1);
  await once(cut, 'abort');
  expect(cut.reason).toMatchObject({ message: 'the hold has expired' });
  expect(channel.stream.destroyed).toBe(true);
  await expect(open(BY_KEY)).rejects.toMatchObject({ message: 'the hold has expired' });
});

test('an extension moves the end of a session', async () => {
  const { cut } = await open(BY_KEY);
  await journal.commit(async (tx) => {
    const longer = await patchHold(tx.db, hold.id, { expires_at: clock.now() + 2 * HOUR });
    if (longer !== undefined) await recordHold(tx, longer);
  });
  clock.pass(HOUR + 1);
  // It is looked at once more for this one.
  await open(BY_KEY);
  expect(cut.aborted).toBe(false);
  clock.pass(HOUR);
  await once(cut, 'abort');
});

test('a release ends it with the reason, and so does the key that is revoked; but not for whom a token lets in', async () => {
  const [byKey, byToken] = [await open(BY_KEY), await open(BY_TOKEN)];
  const revoked = once(byKey.cut, 'abort');
  await journal.commit(async (tx) => {
    await patchHoldKey(tx.db, { id: keyId, holdId: hold.id }, { revoked_at: tx.at, revoked_by: 'alice' });
    await recordHold(tx, hold);
  });
  await revoked;
  expect(byKey.cut.reason).toMatchObject({ code: 'forbidden', message: 'the key was revoked' });
  await expect(open(BY_KEY)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await access.doors(hold.id)).toEqual([]);
  expect(byToken.cut.aborted).toBe(false);
  const released = once(byToken.cut, 'abort');
  await journal.commit((tx) =>
    endHold(tx, hold.id, { state: 'released', outcome: 'was released by alice', actor: 'alice' }),
  );
  await released;
  expect(byToken.cut.reason).toMatchObject({ message: 'the hold was released by alice' });
});

test('what nobody told of is seen within a minute', async () => {
  const { cut } = await open(BY_KEY);
  await patchHoldKey(store.db, { id: keyId, holdId: hold.id }, { revoked_at: 1, revoked_by: 'alice' });
  clock.pass(60_000);
  await once(cut, 'abort');
  expect(cut.reason).toMatchObject({ message: 'the key was revoked' });
});

test('nobody comes in by a strange key, nor before the hold is admitted, nor beyond the most', async () => {
  await expect(open({ name: 'x', fingerprint: 'SHA256:x' })).rejects.toMatchObject({ code: 'forbidden' });
  for (let one = 0; one < 64; one++) await open(BY_TOKEN);
  await expect(open(BY_TOKEN)).rejects.toMatchObject({ code: 'too-many-requests' });
  await patchHold(store.db, hold.id, { admitted: 0 });
  await expect(open(BY_TOKEN)).rejects.toMatchObject({ message: 'the hold has only just begun' });
  expect(await access.doors(hold.id)).toEqual([]);
});

function open(who: Visitor) {
  const use = { kind: 'exec', command: 'cat', pty: null, env: {} } as const;
  return access.open({ holdId: hold.id, use, who, peer: '192.0.2.1' }, never);
}

async function sendAndHear({ stream }: NodeChannel): Promise<void> {
  stream.write('x');
  await once(stream, 'data');
  await access.doors(hold.id);
}

/** A node that sends back what it is sent. */
function echo(): NodeChannel {
  const ended = Promise.withResolvers<null>();
  const stream = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _, done) {
      stream.push(bytes);
      done();
    },
  });
  return {
    stream,
    stderr: Readable.from([]),
    ended: ended.promise,
    resize: () => undefined,
    signal: () => undefined,
    close() {
      stream.destroy();
      ended.resolve(null);
    },
  };
}
