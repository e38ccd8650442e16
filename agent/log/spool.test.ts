import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSpool } from './spool.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-spool-'));
  path = join(folder, 'spool');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('gives back what it was given, from any offset', () => {
  const spool = createSpool(path);
  expect(spool.append(Buffer.from('hello '))).toBe(6);
  expect(spool.append(Buffer.from('world'))).toBe(5);
  expect(spool.length).toBe(11);
  expect(spool.read(4, 3).toString()).toBe('o w');
  expect(spool.read(9, 100).toString()).toBe('ld');
});

test('is no file until there is something in it, and none when it is removed', () => {
  const spool = createSpool(path);
  expect(existsSync(path)).toBe(false);
  spool.append(Buffer.from('x'));
  expect(existsSync(path)).toBe(true);
  spool.remove();
  expect(existsSync(path)).toBe(false);
  expect(spool.append(Buffer.from('y'))).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test('keeps a few last bytes where the disk has no room', () => {
  const spool = createSpool(join(folder, 'missing', 'spool'));
  expect(spool.append(Buffer.from('much'))).toBe(0);
  spool.appendSmall(Buffer.from('marker'));
  expect(spool.length).toBe(6);
  expect(spool.read(2, 100).toString()).toBe('rker');
});
