import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfiguration } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function keyFile(section: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const file = join(folder, 'footman.yaml');
  writeFileSync(file, `data: state\nclouds: {}\n${section}`);
  return (await loadConfiguration({ file, env })).secrets.keyFile;
}

test('the keys of secrets lie in the data folder, or where the environment says, or the configuration', async () => {
  const env = { FOOTMAN_SECRETS_KEY_FILE: '/run/secrets/key' };
  expect(await keyFile('')).toBe(join(folder, 'state', 'secrets.key'));
  expect(await keyFile('', { FOOTMAN_SECRETS_KEY_FILE: '' })).toBe(join(folder, 'state', 'secrets.key'));
  expect(await keyFile('', env)).toBe('/run/secrets/key');
  expect(await keyFile('secrets: { key-file: keys/of-secrets }', env)).toBe(
    join(folder, 'keys', 'of-secrets'),
  );
});

test('a misspelt key of that section is told', async () => {
  await expect(keyFile('secrets: { keyfile: x }')).rejects.toThrow('footman.yaml:3:12');
});
