import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyring } from './keyring.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-keyring-'));
  file = join(folder, 'keys', 'secrets.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the newest key is the one that was added last, and every keyring on the file finds all', () => {
  const one = createKeyring(file);
  const first = one.newest();
  const other = createKeyring(file);
  expect(other.newest()).toEqual(first);
  const second = other.add();
  expect(one.find(second.id)).toEqual(second);
  expect(one.newest()).toEqual(second);
  expect(createKeyring(file).find(first.id)).toEqual(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('older keys are forgotten but for those that are needed, and newer ones never', () => {
  const keyring = createKeyring(file);
  const [oldest, old, current, newer] = [keyring.newest(), keyring.add(), keyring.add(), keyring.add()];
  keyring.forgetBefore(current.id, [old.id]);
  const anew = createKeyring(file);
  expect([oldest, old, current, newer].map(({ id }) => anew.find(id)?.id)).toEqual([
    undefined,
    old.id,
    current.id,
    newer.id,
  ]);
});

test('keys that are added at once are all kept', () => {
  const keyrings = Array.from({ length: 5 }, () => createKeyring(file));
  const keys = keyrings.map((keyring) => keyring.add());
  for (const { id } of keys) expect(createKeyring(file).find(id)).toBeDefined();
});

test('what somebody laid in its way gets no key', () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, '');
  createKeyring(file).newest();
  symlinkSync(elsewhere, `${file}.new`);
  createKeyring(file).add();
  expect(readFileSync(elsewhere, 'utf8')).toBe('');
  writeFileSync(`${file}.new`, '', { mode: 0o644 });
  createKeyring(file).add();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
