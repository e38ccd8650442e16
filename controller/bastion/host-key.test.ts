import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadHostKey } from './host-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-host-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('is made once, for its owner alone, and is the same ever after', async () => {
  const file = join(folder, 'bastion', 'host_key');
  const made = await loadHostKey(file);
  expect(made.publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await loadHostKey(file)).publicKey).toBe(made.publicKey);
});

test('is refused where it is none', async () => {
  const file = join(folder, 'host_key');
  await writeFile(file, 'nonsense');
  await expect(loadHostKey(file)).rejects.toMatchObject({ code: 'configuration-invalid' });
});
