import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeKeyPair } from './key-pair.ts';

test('every key can be logged in with', async () => {
  const pairs = await Promise.all(Array.from({ length: 2000 }, () => makeKeyPair('node')));
  const broken = pairs.filter(({ privateKey, publicKey }) => {
    const [own, others] = [ssh2.utils.parseKey(privateKey), ssh2.utils.parseKey(publicKey)];
    if (own instanceof Error || others instanceof Error) return true;
    return !own.getPublicSSH().equals(others.getPublicSSH());
  });
  expect(broken).toEqual([]);
});
