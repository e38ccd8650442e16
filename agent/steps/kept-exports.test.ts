import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepExports } from './kept-exports.ts';

const EXPORTS = {
  values: { A: 'one\ntwo', TOKEN: 'hunter2' },
  path: ['/late', '/early'],
  secret: ['hunter2'],
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'footman-exports-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('nothing is handed on in the first boot', () => {
  expect(keepExports(root).read()).toEqual({ values: {}, path: [], secret: [] });
});

test('what was kept last is read by the agent of the next boot, and by nobody else', () => {
  keepExports(root).write({ values: {}, path: ['/old'], secret: [] });
  keepExports(root).write(EXPORTS);
  expect(keepExports(root).read()).toEqual(EXPORTS);
  expect(readdirSync(root)).toEqual(['exports.json']);
  expect(statSync(join(root, 'exports.json')).mode & 0o777).toBe(0o600);
});

test('what could not be written leaves what was there', () => {
  keepExports(root).write(EXPORTS);
  mkdirSync(join(root, 'exports.json.new'));
  writeFileSync(join(root, 'exports.json.new/full'), '');
  expect(() => keepExports(root).write({ values: {}, path: [], secret: [] })).toThrow();
  expect(keepExports(root).read()).toEqual(EXPORTS);
});
