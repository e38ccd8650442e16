import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeKeyPair } from './key-pair.ts';
import { createKnownHosts } from './known-hosts.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-hosts-'));
  file = join(folder, 'known_hosts');
});
afterEach(() => rm(folder, { recursive: true }));

test('a key is found by its place in the next life, and only there', async () => {
  const key = await newKey();
  await createKnownHosts(file).remember('[10.0.0.1]:2222', key);
  expect(await createKnownHosts(file).find('[10.0.0.1]:2222')).toBe(key);
  expect(await createKnownHosts(file).find('10.0.0.1')).toBeNull();
});

test('the first key stays until it is forgotten', async () => {
  const known = createKnownHosts(file);
  const [first, second] = [await newKey(), await newKey()];
  await Promise.all([known.remember('host', first), known.remember('host', second)]);
  expect(await known.find('host')).toBe(first);
  await known.forget('host');
  expect(await known.find('host')).toBeNull();
  await known.remember('host', second);
  expect(await known.find('host')).toBe(second);
});

test('what people wrote into the file stays, and lines with several names count', async () => {
  const key = await newKey();
  await writeFile(file, `# lab\nold,10.0.0.9 ${key} root@old\n`);
  const known = createKnownHosts(file);
  expect(await known.find('10.0.0.9')).toBe(key);
  await known.remember('new', key);
  await known.forget('new');
  expect(await readFile(file, 'utf8')).toBe(`# lab\nold,10.0.0.9 ${key} root@old\n`);
});

async function newKey(): Promise<string> {
  const { publicKey } = await makeKeyPair('x');
  return publicKey.replace(/ x$/, '');
}
