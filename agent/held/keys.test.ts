import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Keys } from './keys.ts';
import {
  KEY,
  OTHER,
  fileOf,
  keysOrder,
  lineOf,
  linesOf,
  setKeysScene,
  writeKeys,
  type KeysScene,
} from './keys.test-support.ts';

let scene: KeysScene;
let keys: Keys;

beforeEach(() => {
  scene = setKeysScene();
  keys = scene.startAgent();
});
afterEach(() => scene.remove());

describe('a key in the agent’s own account', () => {
  test('is there until the hold is over, by sshd’s own clock, and in a file that sshd accepts', async () => {
    const expiresAt = new Date(2031, 1, 3, 4, 5, 6, 999).getTime();
    const placed = await keys.place({
      ...keysOrder(),
      keys: [{ id: 'one', key: KEY, user: null, expiresAt }],
    });
    expect(placed).toEqual([{ id: 'one', user: 'own', problem: null }]);
    expect(linesOf(scene.own)).toEqual([`expiry-time="20310203040506" ${KEY} footman-hold-h1`]);
    expect(statSync(fileOf(scene.own)).mode & 0o777).toBe(0o600);
    expect(statSync(join(scene.own.home, '.ssh')).mode & 0o777).toBe(0o700);
  });

  test('takes the place of what was there before it', async () => {
    await keys.place(keysOrder([KEY, null], [OTHER, null]));
    await keys.place(keysOrder([OTHER, null]));
    expect(linesOf(scene.own)).toEqual([expect.stringMatching(lineOf(OTHER))]);
  });

  test('goes at once when the hold ends, and what is being placed is not put there any more', async () => {
    await keys.place(keysOrder([KEY, null]));
    const placing = keys.place(keysOrder([OTHER, null]));
    keys.removeAll();
    expect(linesOf(scene.own)).toEqual([]);
    expect(await placing).toEqual([{ id: 'key-0', user: null, problem: expect.any(String) }]);
    expect(linesOf(scene.own)).toEqual([]);
  });

  test('is taken away by the agent of a later boot', async () => {
    await keys.place(keysOrder([KEY, null]));
    scene.startAgent().removeAll();
    expect(linesOf(scene.own)).toEqual([]);
  });
});

describe('lines of others', () => {
  test.each([
    ['without a newline at the end', 'ssh-rsa AAAA me@home\n# last'],
    [
      'with carriage returns, bytes that are no text, and blank lines',
      Buffer.from('a\r\n\xff\x00\n\n\n  b\r\n', 'latin1'),
    ],
    [
      'that look much like ours',
      `expiry-time="20200101000000" ${KEY} footman-hold-h1 kept\n${KEY} footman-hold-h1\n`,
    ],
    ['of one megabyte', `${'# 0123456789abcdef\n'.repeat(60_000)}end`],
    ['of another hold that goes on', `expiry-time="99991231235959" ${KEY} footman-hold-h2\n`],
    ['that are none', ''],
  ])('%s stay as they are, byte for byte', async (_, text) => {
    const before = Buffer.from(text);
    writeKeys(scene.own, before, 0o640);
    expect(await keys.place(keysOrder([KEY, null]))).toEqual([{ id: 'key-0', user: 'own', problem: null }]);
    const after = readFileSync(fileOf(scene.own));
    expect(after.toString('latin1').split('\n')[0]).toMatch(lineOf(KEY));
    expect(after.subarray(after.indexOf('\n') + 1).equals(before)).toBe(true);
    expect(statSync(fileOf(scene.own)).mode & 0o777).toBe(0o640);
    keys.removeAll();
    expect(readFileSync(fileOf(scene.own)).equals(before)).toBe(true);
    expect(readdirSync(join(scene.own.home, '.ssh'))).toEqual(['authorized_keys']);
  });

  test('of a hold that is over, as an image may have them, go', async () => {
    writeKeys(scene.own, `mine\nexpiry-time="20200101000000" ${OTHER} footman-hold-h0\n`);
    await keys.place(keysOrder([KEY, null]));
    expect(linesOf(scene.own)).toEqual([expect.stringMatching(lineOf(KEY)), 'mine']);
  });

  test('of a hold that the machine had when it was captured go, though they were good for long', async () => {
    writeKeys(scene.own, `mine\nexpiry-time="99991231235959" ${OTHER} footman-hold-h0\n`);
    scene.hasSshd = false;
    await keys.place({ ...keysOrder([KEY, null]), former: [null] });
    expect(linesOf(scene.own)).toEqual(['mine']);
    scene.hasSshd = true;
    await keys.place({ ...keysOrder([KEY, null]), former: [null] });
    expect(linesOf(scene.own)).toEqual([expect.stringMatching(lineOf(KEY)), 'mine']);
  });

  test('in a file that its owner may not write are changed all the same', async () => {
    writeKeys(scene.own, 'mine\n', 0o400);
    await keys.place(keysOrder([KEY, null]));
    expect(linesOf(scene.own)).toHaveLength(2);
    expect(statSync(fileOf(scene.own)).mode & 0o777).toBe(0o400);
  });
});

describe('where there is nothing to put a key into', () => {
  test('a node without an sshd is told, and what was there before it stopped goes', async () => {
    await keys.place(keysOrder([KEY, null]));
    scene.hasSshd = false;
    expect(await keys.place(keysOrder([KEY, null]))).toEqual([
      { id: 'key-0', user: null, problem: expect.stringContaining('no sshd') },
    ]);
    expect(linesOf(scene.own)).toEqual([]);
  });

  test('one whose sshd looks into no file is told', async () => {
    scene.pattern = undefined;
    expect(await keys.place(keysOrder([KEY, null]))).toMatchObject([{ user: null }]);
    expect(existsSync(join(scene.own.home, '.ssh'))).toBe(false);
  });

  test('an account that there is not is told, and the other keys are placed', async () => {
    const placed = await keys.place(keysOrder([KEY, 'nobody-here'], [OTHER, null]));
    expect(placed).toEqual([
      { id: 'key-0', user: null, problem: expect.stringContaining('nobody-here') },
      { id: 'key-1', user: 'own', problem: null },
    ]);
    expect(linesOf(scene.own)).toEqual([expect.stringMatching(lineOf(OTHER))]);
  });

  test('an account without a home is told', async () => {
    rmSync(scene.own.home, { recursive: true });
    expect(await keys.place(keysOrder([KEY, null]))).toMatchObject([
      { user: null, problem: expect.stringContaining('own') },
    ]);
  });
});

test('sshd’s setting says which file it is', async () => {
  scene.pattern = '%h/keys/%u.%U%%';
  await keys.place(keysOrder([KEY, null]));
  expect(readFileSync(join(scene.own.home, `keys/own.${scene.own.uid}%`), 'latin1')).toMatch(KEY);
});
