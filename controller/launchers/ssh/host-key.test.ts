import { expect, test } from 'vitest';
import { algorithmsFor, fingerprint, parseHostKey } from './host-key.ts';
import { makeKeyPair } from './key-pair.ts';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

test('a key made is a good key, and keeps its comment', async () => {
  const { privateKey, publicKey } = await makeKeyPair('footman n-1');
  expect(privateKey).toContain('BEGIN OPENSSH PRIVATE KEY');
  expect(publicKey).toMatch(/^ssh-ed25519 \S+ footman n-1$/);
  expect(parseHostKey(publicKey)).toMatchObject({ type: 'ssh-ed25519' });
});

test('a fingerprint is the one that GitHub publishes for its key', () => {
  expect(fingerprint(ED25519)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

test('comment and space around a key do not matter', () => {
  expect(parseHostKey(`  ${ED25519}  root@host \n`)).toEqual({ type: 'ssh-ed25519', text: ED25519 });
});

test.each([
  ['', 'begins with ""'],
  ['host.example.org ssh-ed25519 AAAA', 'begins with "host.example.org"'],
  ['ssh-dss AAAA', 'begins with "ssh-dss"'],
  ['constructor AAAA', 'begins with "constructor"'],
  ['ssh-ed25519', 'not a key of that type'],
  ['ssh-ed25519 AAAA', 'not a key of that type'],
  ['ssh-ed25519 ../../../', 'not a key of that type'],
  [ED25519.replace('ssh-ed25519', 'ssh-rsa'), 'not a key of that type'],
])('%j is refused with a hint', (line, sentence) => {
  expect(() => parseHostKey(line)).toThrow(
    expect.objectContaining({
      code: 'configuration-invalid',
      message: expect.stringContaining(sentence),
      hint: expect.stringContaining('ssh_host'),
    }),
  );
});

test('a machine proves itself by a key of the types that are known of it, and by SHA-1 never', () => {
  expect(algorithmsFor([parseHostKey(ED25519)])).toEqual(['ssh-ed25519']);
  expect(algorithmsFor([{ type: 'ssh-rsa', text: '' }])).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
  expect(algorithmsFor([])).not.toContain('ssh-rsa');
});
