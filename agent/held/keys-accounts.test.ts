import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Keys } from './keys.ts';
import {
  KEY,
  OTHER,
  UID,
  fileOf,
  isRoot,
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

test.skipIf(isRoot)('an agent that is not root puts keys into no other account', async () => {
  expect(await keys.place(keysOrder([KEY, 'alice']))).toMatchObject([
    { user: null, problem: expect.stringContaining('root') },
  ]);
});

describe.runIf(isRoot)('root puts a key into another account', () => {
  test('and all that it makes is that account’s', async () => {
    expect(await keys.place(keysOrder([KEY, 'alice']))).toEqual([
      { id: 'key-0', user: 'alice', problem: null },
    ]);
    for (const path of [join(scene.alice.home, '.ssh'), fileOf(scene.alice)])
      expect(statSync(path)).toMatchObject({ uid: UID, gid: UID });
    expect(existsSync(join(scene.own.home, '.ssh'))).toBe(false);
    keys.removeAll();
    expect(linesOf(scene.alice)).toEqual([]);
    // Root is root again.
    writeFileSync(join(scene.folder, 'mine'), '');
    expect(statSync(join(scene.folder, 'mine')).uid).toBe(0);
  });

  test('a key that was revoked while the machine started anew goes from the account', async () => {
    await keys.place(keysOrder([KEY, 'alice'], [OTHER, null]));
    await scene.startAgent().place(keysOrder([OTHER, null]));
    expect(linesOf(scene.alice)).toEqual([]);
    expect(linesOf(scene.own)).toHaveLength(1);
  });

  test('not through a link that stands for its folder', async () => {
    const target = join(scene.folder, 'target');
    mkdirSync(target, { mode: 0o777 });
    chmodSync(target, 0o777);
    symlinkSync(target, join(scene.alice.home, '.ssh'));
    await expectRefused('link');
    expect(readdirSync(target)).toEqual([]);
  });

  test('not through a link that stands for its file', async () => {
    const target = join(scene.folder, 'shadow');
    writeFileSync(target, 'of root', { mode: 0o644 });
    mkdirSync(join(scene.alice.home, '.ssh'));
    chownSync(join(scene.alice.home, '.ssh'), UID, UID);
    symlinkSync(target, fileOf(scene.alice));
    await expectRefused('link');
    expect(readFileSync(target, 'utf8')).toBe('of root');
    expect(lstatSync(fileOf(scene.alice)).isSymbolicLink()).toBe(true);
  });

  test('but through one within its home', async () => {
    mkdirSync(join(scene.alice.home, 'dotfiles'));
    chownSync(join(scene.alice.home, 'dotfiles'), UID, UID);
    symlinkSync('dotfiles', join(scene.alice.home, '.ssh'));
    expect(await keys.place(keysOrder([KEY, 'alice']))).toMatchObject([{ problem: null }]);
    expect(linesOf(scene.alice)).toEqual([expect.stringMatching(lineOf(KEY))]);
    expect(lstatSync(join(scene.alice.home, '.ssh')).isSymbolicLink()).toBe(true);
  });

  test('not into another’s file that has a name in its home', async () => {
    writeKeys(scene.alice, '');
    rmSync(fileOf(scene.alice));
    writeFileSync(join(scene.folder, 'sudoers'), 'of root', { mode: 0o644 });
    linkSync(join(scene.folder, 'sudoers'), fileOf(scene.alice));
    await expectRefused('another account');
    expect(readFileSync(join(scene.folder, 'sudoers'), 'utf8')).toBe('of root');
  });

  test('not into what its user may not write', async () => {
    writeKeys(scene.alice, 'mine\n');
    chownSync(join(scene.alice.home, '.ssh'), 0, 0);
    chmodSync(join(scene.alice.home, '.ssh'), 0o755);
    await expectRefused('EACCES');
    expect(linesOf(scene.alice)).toEqual(['mine']);
  });

  test.each([
    ['a FIFO that nobody writes to', () => execFileSync('mkfifo', [fileOf(scene.alice)]), 'no plain file'],
    ['a folder', () => mkdirSync(fileOf(scene.alice)), 'no plain file'],
    [
      'a file of many megabytes',
      () => writeFileSync(fileOf(scene.alice), Buffer.alloc(5 * 1024 * 1024)),
      'bytes',
    ],
  ])('not in the place of %s', async (_, make, problem) => {
    writeKeys(scene.alice, '');
    rmSync(fileOf(scene.alice));
    make();
    chownSync(fileOf(scene.alice), UID, UID);
    await expectRefused(problem);
  });

  test('whatever its user has put where the fresh file is to be', async () => {
    writeKeys(scene.alice, 'mine\n');
    const target = join(scene.folder, 'target');
    writeFileSync(target, 'of root', { mode: 0o666 });
    symlinkSync(target, `${fileOf(scene.alice)}.footman`);
    expect(await keys.place(keysOrder([KEY, 'alice']))).toMatchObject([{ problem: null }]);
    expect(readFileSync(target, 'utf8')).toBe('of root');
    expect(linesOf(scene.alice)).toHaveLength(2);
  });

  test('in a folder of root’s, if that is root’s alone', async () => {
    const shared = join(scene.folder, 'keys');
    mkdirSync(shared, { mode: 0o755 });
    scene.pattern = `${shared}/%u`;
    expect(await keys.place(keysOrder([KEY, 'alice']))).toMatchObject([{ problem: null }]);
    expect(statSync(join(shared, 'alice'))).toMatchObject({ uid: 0, mode: 0o100644 });
    chmodSync(shared, 0o777);
    expect(await keys.place(keysOrder([KEY, 'alice']))).toMatchObject([
      { user: null, problem: expect.stringContaining('others than root') },
    ]);
  });
});

async function expectRefused(problem: string): Promise<void> {
  const placed = await keys.place(keysOrder([KEY, 'alice'], [OTHER, null]));
  expect(placed).toEqual([
    { id: 'key-0', user: null, problem: expect.stringContaining(problem) },
    { id: 'key-1', user: 'own', problem: null },
  ]);
}
