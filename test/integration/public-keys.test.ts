import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parsePublicKey } from '#controller/holds';

const run = promisify(execFile);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-keys-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function make(...options: string[]): Promise<string> {
  await run('ssh-keygen', ['-q', '-N', '', '-C', 'me@here', '-f', join(folder, 'id'), ...options]);
  return readFile(join(folder, 'id.pub'), 'utf8');
}

/** What OpenSSH itself tells of a line. */
async function told(line: string): Promise<string | undefined> {
  await writeFile(join(folder, 'line'), `${line}\n`);
  const { stdout } = await run('ssh-keygen', ['-l', '-f', join(folder, 'line')]);
  return stdout.split(' ')[1];
}

test.each([
  ['-t', 'ed25519'],
  ['-t', 'ecdsa', '-b', '256'],
  ['-t', 'ecdsa', '-b', '384'],
  ['-t', 'ecdsa', '-b', '521'],
  ['-t', 'rsa', '-b', '3072'],
])('a key of ssh-keygen %s %s %s %s has the fingerprint that OpenSSH tells', async (...options) => {
  const { key, fingerprint, comment } = parsePublicKey(await make(...options));
  expect(comment).toBe('me@here');
  expect(await told(key)).toBe(fingerprint);
});

test('weak keys, private keys and certificates of ssh-keygen are refused', async () => {
  const weak = await make('-t', 'rsa', '-b', '2048');
  expect(() => parsePublicKey(weak)).toThrow('2048 bits is too weak');
  const secret = await readFile(join(folder, 'id'), 'utf8');
  expect(() => parsePublicKey(secret)).toThrow('private key');
  await run('ssh-keygen', ['-q', '-s', join(folder, 'id'), '-I', 'me', '-n', 'root', join(folder, 'id.pub')]);
  const certificate = await readFile(join(folder, 'id-cert.pub'), 'utf8');
  expect(() => parsePublicKey(certificate)).toThrow('certificates');
});
